"""Files of offerings at the staff desk: export, and import that is looked at before it is confirmed."""

import base64
import binascii
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kernel.clock import now
from kernel.csv_import import MOST_BYTES
from kernel.errors import DomainError
from kernel.read_only_admin import list_url
from packages_app.operations.import_offerings import (
    ImportRefused,
    Outcome,
    Preview,
    PreviewOutdated,
    import_offerings,
    preview_import,
)
from packages_app.queries.catalogue import list_whole_catalogue
from packages_app.sheets.catalogue_file import write_file
from packages_app.sheets.draft import draft_of
from packages_app.sheets.offering_form import OfferingForm

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
else:
    ModelAdmin = object

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
        help_text=_(
            "Export the catalogue, change it in a spreadsheet, save it as CSV. Nothing changes before you confirm."
        ),
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


class OfferingFilePages(ModelAdmin):
    """The two pages, for `OfferingAdmin`."""

    def export_file(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the whole catalogue, as `import_file` takes it back.

        :raises PermissionDenied: this person may not see the catalogue.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        lines = write_file(draft_of(offering) for offering in list_whole_catalogue())
        return StreamingHttpResponse(
            lines,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="catalogue-{now():%Y%m%d}.csv"'},
        )

    def import_file(self, request: HttpRequest) -> HttpResponse:
        """Take a file, show what it would do, and do it once that is confirmed.

        :raises PermissionDenied: this person may not keep the catalogue.
        """
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if request.method == "POST" and "digest" in request.POST:
            return self._apply(request)
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            content = form.cleaned_data["file"].read(MOST_BYTES + 1)
            try:
                return self._preview_page(request, preview_import(content=content), content)
            except DomainError as refusal:
                form.add_error("file", str(refusal))
        return self._file_page(request, form=form)

    def _apply(self, request: HttpRequest) -> HttpResponse:
        seen = SeenForm(request.POST)
        if not seen.is_valid():
            form = UploadForm()
            messages.error(request, _("This form is damaged. Open the page anew."))
            return self._file_page(request, form=form)
        content = seen.cleaned_data["content"]
        author = request.user.get_username()
        try:
            done = import_offerings(content=content, author=author, now=now(), seen_digest=seen.cleaned_data["digest"])
        except (PreviewOutdated, ImportRefused) as refusal:
            messages.error(request, str(refusal))
            return self._preview_page(request, preview_import(content=content), content)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return self._file_page(request, form=UploadForm())
        self._log(request, done)
        kept = done.counts[Outcome.NEW] + done.counts[Outcome.CHANGED]
        messages.success(
            request,
            ngettext("%(count)d offering was brought in.", "%(count)d offerings were brought in.", kept)
            % {"count": kept},
        )
        return redirect(list_url(self))

    def _log(self, request: HttpRequest, done: Preview) -> None:
        for row in done.rows:
            if row.draft is None:
                continue
            if row.outcome is Outcome.NEW:
                self.log_addition(request, row.draft.offering, [{"added": {}}])
            elif row.outcome is Outcome.CHANGED:
                columns = [str(OfferingForm.base_fields[change.column].label) for change in row.differences]
                self.log_change(request, row.draft.offering, [{"changed": {"fields": columns}}])

    def _preview_page(self, request: HttpRequest, preview: Preview, content: bytes) -> HttpResponse:
        rows = [
            {
                "number": row.number,
                "code": row.code,
                "name": row.name,
                "outcome": _OUTCOMES[row.outcome],
                "is_refused": row.outcome is Outcome.REFUSED,
                "lines": [
                    *(f"{_label(column)}: {sentence}" for column, sentence in row.reasons),
                    *(f"{_label(it.column)}: {it.words}" for it in row.differences),
                ],
            }
            for row in sorted(preview.rows, key=lambda row: (row.outcome is not Outcome.REFUSED, row.number))
        ]
        kept = preview.counts[Outcome.NEW] + preview.counts[Outcome.CHANGED]
        seen = SeenForm(initial={"content": base64.b64encode(content).decode(), "digest": preview.digest})
        counts = [(_OUTCOMES[outcome], preview.counts[outcome]) for outcome in Outcome]
        return self._file_page(
            request, form=UploadForm(), rows=rows, counts=counts, seen=seen if preview.is_applicable and kept else None
        )

    def _file_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import offerings"),
            "list_url": list_url(self),
            "question": _("Is everything right? All of it is brought in at once. What was sold keeps its terms."),
        }
        return render(request, "admin/import_file.html", {**shared, **context})


def _label(column: str) -> str:
    field = OfferingForm.base_fields.get(column)
    return str(field.label) if field is not None else "–"
