"""Shops and hotspots at the staff desk: looked at here, kept by files that are looked at before they are confirmed."""

import base64
import binascii
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from care.models import Site
from care.operations.import_sites import SitePreview, SitesChanged, SitesRefused, import_sites, preview_sites
from care.queries.sites import list_all_sites
from care.sheets.site_file import write_file
from kernel.clock import now
from kernel.csv_import import MOST_BYTES
from kernel.errors import DomainError
from kernel.read_only_admin import ReadOnlyAdmin, list_url
from packages_app.operations.import_offerings import Outcome

KEEP = "care.keep_sites"
_OUTCOMES = {
    Outcome.NEW: _("new"),
    Outcome.CHANGED: _("changed"),
    Outcome.UNCHANGED: _("unchanged"),
    Outcome.REFUSED: _("cannot be brought in"),
}


class UploadForm(forms.Form):
    """The file of the first step."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Export the list, change it in a spreadsheet, save it as CSV. Nothing changes before you confirm."),
    )


class SeenForm(forms.Form):
    """The confirmation of the second step: the same file again, and which preview was looked at."""

    content = forms.CharField(max_length=MOST_BYTES * 2, widget=forms.HiddenInput)
    digest = forms.RegexField(regex=r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)

    def clean_content(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except binascii.Error:
            raise forms.ValidationError(_("This form is damaged. Open the page anew.")) from None


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin):
    """Shops and WLAN hotspots."""

    list_display = ("name_zh", "kind", "state", "province", "city", "district", "address", "code")
    list_filter = ("kind", "state", "province")
    search_fields = ("name_zh", "name_en", "city", "district", "address", "code")
    ordering = ("province", "city", "district", "name_zh")
    change_list_template = "admin/care/sites.html"
    shown = (
        *("code", "kind", "state", "name_zh", "name_en", "description", "province", "city", "district", "address"),
        *("longitude", "latitude", "weekday_hours", "weekend_hours", "changed_at", "changed_by"),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the ways in and out as a file."""
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export_file), name="care_site_export"),
            path("import/", view(self.import_file), name="care_site_import"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "may_keep": request.user.has_perm(KEEP)})

    def export_file(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with all sites, as `import_file` takes them back.

        :raises PermissionDenied: this person may not see them.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        return StreamingHttpResponse(
            write_file(list_all_sites().order_by(*self.ordering)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="sites-{now():%Y%m%d}.csv"'},
        )

    def import_file(self, request: HttpRequest) -> HttpResponse:
        """Take a file, show what it would do, and do it once that is confirmed.

        :raises PermissionDenied: this person may not keep sites.
        """
        if not request.user.has_perm(KEEP):
            raise PermissionDenied
        if request.method == "POST" and "digest" in request.POST:
            return self._apply(request)
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            content = form.cleaned_data["file"].read(MOST_BYTES + 1)
            try:
                return self._preview_page(request, preview_sites(content=content), content)
            except DomainError as refusal:
                form.add_error("file", str(refusal))
        return self._file_page(request, form=form)

    def _apply(self, request: HttpRequest) -> HttpResponse:
        seen = SeenForm(request.POST)
        if not seen.is_valid():
            messages.error(request, _("This form is damaged. Open the page anew."))
            return self._file_page(request, form=UploadForm())
        content, digest = seen.cleaned_data["content"], seen.cleaned_data["digest"]
        author = request.user.get_username()
        try:
            done = import_sites(content=content, author=author, now=now(), seen_digest=digest)
        except (SitesChanged, SitesRefused) as refusal:
            messages.error(request, str(refusal))
            return self._preview_page(request, preview_sites(content=content), content)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return self._file_page(request, form=UploadForm())
        kept = done.counts[Outcome.NEW] + done.counts[Outcome.CHANGED]
        said = ngettext("%(count)d site was brought in.", "%(count)d sites were brought in.", kept)
        messages.success(request, said % {"count": kept})
        return redirect(list_url(self))

    def _preview_page(self, request: HttpRequest, preview: SitePreview, content: bytes) -> HttpResponse:
        rows = [
            {
                "number": row.number,
                "code": row.code,
                "name": row.name,
                "outcome": _OUTCOMES[row.outcome],
                "is_refused": row.outcome is Outcome.REFUSED,
                "lines": [
                    *(f"{_label(column)}: {sentence}" for column, sentence in row.reasons),
                    *(
                        f"{_label(column)}: {before or '–'} → {after or '–'}"
                        for column, before, after in row.differences
                    ),
                ],
            }
            for row in sorted(preview.rows, key=lambda row: (row.outcome is not Outcome.REFUSED, row.number))
        ]
        counts = preview.counts
        may_go_on = not counts[Outcome.REFUSED] and counts[Outcome.NEW] + counts[Outcome.CHANGED]
        seen = SeenForm(initial={"content": base64.b64encode(content).decode(), "digest": preview.digest})
        named = [(_OUTCOMES[outcome], counts[outcome]) for outcome in Outcome]
        return self._file_page(request, form=UploadForm(), rows=rows, counts=named, seen=seen if may_go_on else None)

    def _file_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import shops and hotspots"),
            "list_url": list_url(self),
            "question": _("Is everything right? All of it is brought in at once, and customers see it at once."),
        }
        return render(request, "admin/import_file.html", {**shared, **context})


def _label(column: str) -> str:
    field: Any = Site._meta.get_field(column)
    return str(field.verbose_name)
