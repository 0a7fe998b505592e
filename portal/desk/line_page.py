"""Everything of one line on one page (360°): found by number, composed of what each app says of it."""

import uuid
from datetime import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Line, LineState, StaffUser, TraceKind
from accounts.operations.reveal_customer import Revealed, reveal_customer
from accounts.queries.customers import get_customer_name
from accounts.queries.line_history import get_any_line, list_lines_of_account
from accounts.web.client_address import client_address
from accounts.web.staff_traces import note_looks
from kernel.clock import now
from kernel.errors import NotFound
from kernel.line_desk import LineSection, LineVisit
from kernel.masking import mask_msisdn, mask_name
from kernel.phone import grouped_number
from kernel.regions import region_name
from portal.desk.search import find_lines

_MAX_REASON = 200


class RevealForm(forms.Form):
    """Why somebody has to see what is masked."""

    reason = forms.CharField(label=_("reason"), max_length=_MAX_REASON)


class LinePages:
    """The search and the page, in the frame of the desk that they belong to."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    @property
    def urls(self) -> list[URLPattern]:
        """The addresses of these pages."""
        view = self.site.admin_view
        return [
            path("search/", view(self.search), name="search"),
            path("line/<uuid:account_id>,<uuid:line_id>/", view(self.show), name="line"),
        ]

    @cached_property
    def sections(self) -> list[Any]:
        """What the apps contribute, in the order of the page."""
        return [import_string(name) for name in settings.LINE_DESK_SECTIONS]

    def search(self, request: HttpRequest) -> HttpResponse:
        """Lead to the line that was looked for; show several to choose from; a name is looked for among customers.

        :raises PermissionDenied: this person may not look at lines.
        """
        _require(request, "accounts.view_line")
        words = request.GET.get("q", "").strip()
        lines = find_lines(words)
        if len(lines) == 1:
            return redirect("admin:line", lines[0].account_id, lines[0].id)
        if not lines:
            if words and not any(character.isdigit() for character in words):
                return redirect(f"{reverse('admin:accounts_customer_changelist')}?{urlencode({'q': words})}")
            if words:
                messages.warning(request, gettext("Nobody has or had this number, and no order is called so."))
            return redirect("admin:index")
        note_looks(request, [(line.account_id, line.id) for line in lines], kind=TraceKind.SEARCH)
        found = [(line, mask_msisdn(line.msisdn)) for line in lines]
        return self._page(request, "lines.html", title=_("Which line?"), found=found)

    def show(self, request: HttpRequest, account_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
        """Show all of a line; sent a reason, show what is masked this once.

        :raises PermissionDenied: this person may not look at lines.
        :raises Http404: there is no such line.
        """
        _require(request, "accounts.view_line")
        try:
            line = get_any_line(account_id=account_id, line_id=line_id)
        except NotFound:
            raise Http404 from None
        note_looks(request, [(line.account_id, line.id)])
        form, revealed = RevealForm(request.POST or None), None
        if request.method == "POST" and form.is_valid():
            revealed = reveal_customer(
                account_id=line.account_id,
                line_id=line.id,
                staff=cast("StaffUser", request.user),
                reason=form.cleaned_data["reason"],
                address=client_address(request),
                now=now(),
            )
        in_use = line.state != LineState.CLOSED
        visit = LineVisit(request, self.site, line.account_id, line.id, line.msisdn, now(), in_use)
        sections = self._sections_of(visit)
        return self._page(
            request,
            "line.html",
            title=mask_msisdn(line.msisdn),
            line=line,
            facts=_facts(line, revealed),
            other_lines=_other_lines(line),
            sections=sections,
            actions=[action for section in sections for action in section.actions],
            form=form,
            is_revealed=revealed is not None,
        )

    def _sections_of(self, visit: LineVisit) -> list[LineSection]:
        found = (section(visit) for section in self.sections)
        return [section for section in found if section is not None]

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        form = context.get("form")
        status = 422 if form is not None and form.errors else 200
        everywhere = self.site.each_context(request)
        return render(request, f"admin/desk/{template}", {**everywhere, **context}, status=status)


def _facts(line: Line, revealed: Revealed | None) -> list[tuple[Any, Any]]:
    name = revealed.name if revealed else mask_name(get_customer_name(line.account_id))
    return [
        (_("customer"), name),
        (_("number"), grouped_number(revealed.msisdn) if revealed else mask_msisdn(line.msisdn)),
        (_("state"), line.get_state_display()),
        (_("province"), region_name(line.account.province)),
        (_("activated at"), _day(line.activated_at)),
        (_("customer since"), _day(line.account.created_at)),
        (_("language of texts"), line.get_language_display()),
    ]


def _day(instant: datetime) -> str:
    return date_format(localtime(instant), "DATE_FORMAT")


def _other_lines(line: Line) -> list[tuple[str, str, str]]:
    """Return number, state and address of the account's other lines."""
    return [
        (mask_msisdn(other.msisdn), other.get_state_display(), reverse("admin:line", args=[other.account_id, other.id]))
        for other in list_lines_of_account(line.account_id)
        if other.id != line.id
    ]


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
