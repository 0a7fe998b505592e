"""Enquiries and complaints at the staff desk: what waits to be worked on, what was said, and what can be done."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line_by_msisdn
from accounts.queries.staff import list_staff_names
from accounts.web.named_line import number_of_named_line
from care.admin.ticket_questions import QUESTIONS, REJECT, TAKE
from care.models import EntryAuthor, Ticket, TicketEntry, TicketKind, TicketState
from care.operations.open_ticket import TicketWish, open_ticket
from care.operations.ticket_steps import LONGEST_WORDS, Author
from care.queries.tickets import get_ticket_key, late_tickets, list_entries, tickets_to_work_on
from kernel.asking_admin import AskingAdmin, Question
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.read_only_admin import (
    RelatedTable,
    instant_text,
    label_column,
    masked_number_column,
    number_column,
    record_url,
)

OPEN = "care.open_ticket"
_DESKS = (Channel.HOTLINE, Channel.STORE)
_ENDED = (TicketState.CLOSED, TicketState.REJECTED, TicketState.CANCELLED)


class QueueFilter(admin.SimpleListFilter):
    """What is to be done, soonest promised first."""

    title = _("to do")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("work", _("to be worked on")),
            ("late", _("later than promised")),
            ("mine", _("taken by me")),
        ]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        match self.value():
            case "work":
                return tickets_to_work_on(queryset)
            case "late":
                return late_tickets(queryset, now())
            case "mine":
                return queryset.filter(assigned_to=request.user.pk, ended_at=None)
        return queryset


class OpenTicketForm(forms.Form):
    """What a caller asks or complains of. `request_key` makes a form sent twice one ticket."""

    msisdn = forms.CharField(label=_("phone number"), max_length=20)
    kind = forms.ChoiceField(label=_("kind"), choices=TicketKind.choices)
    words = forms.CharField(label=_("in the customer's words"), max_length=LONGEST_WORDS, widget=forms.Textarea)
    channel = forms.ChoiceField(label=_("asked for"), choices=[(desk.value, desk.label) for desk in _DESKS])
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_msisdn(self) -> str:
        try:
            return parse_msisdn(self.cleaned_data["msisdn"])
        except NumberInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


@admin.register(Ticket)
class TicketAdmin(AskingAdmin):
    """What customers ask and complain of."""

    list_display = ("number", masked_number_column("msisdn", _("number")), "kind", "state", "due", "taker", "opened_at")
    list_filter = (QueueFilter, "kind", "state")
    list_select_related = ("line",)
    newest_by = "opened_at"
    search_help_text = _("Ticket number, phone number, account id, or public id of a row")
    change_list_template = "admin/care/tickets.html"
    shown = (
        "number",
        number_column("msisdn", _("number")),
        "kind",
        "title",
        "words",
        "state",
        "due",
        "taker",
        "severity",
        "about",
        label_column("channel", _("channel"), Channel),
        "opened_by_client",
        "partner_type",
        "external_id",
        "opened_at",
        "answer_due_at",
        "answered_at",
        "solve_due_at",
        "wanted_by_at",
        "solved_at",
        "ended_at",
        "account",
        "public_id",
    )
    questions = QUESTIONS

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return what is promised soonest first where a queue is worked through."""
        if request.GET.get(QueueFilter.parameter_name) and not request.GET.get(SEARCH_VAR):
            return ["solve_due_at", "account_id", "id"]
        return super().get_ordering(request)

    def search(self, rows: models.QuerySet[Any], term: str) -> models.QuerySet[Any]:
        key = get_ticket_key(term)
        return rows.filter(account_id=key[0], id=key[1]) if key else super().search(rows, term)

    def may_be_asked(self, row: Ticket, question: Question) -> bool:
        if question is REJECT:
            return row.state == TicketState.ACKNOWLEDGED
        if question is TAKE:
            return row.state in (
                *(TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.PENDING, TicketState.HELD),
            )
        is_worked_on = row.state in (TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS)
        return is_worked_on or question.name == "note"

    def related_tables(self, row: Ticket) -> list[RelatedTable]:
        entries = list_entries(row.account_id, row.id, for_staff=True)
        names = list_staff_names({entry.staff_id for entry in entries if entry.staff_id is not None})
        return [
            RelatedTable(
                str(TicketEntry._meta.verbose_name_plural).capitalize(),
                (_("at"), _("what"), _("who"), _("state then"), _("words")),
                [
                    (
                        instant_text(entry.at),
                        entry.get_kind_display(),
                        _who(entry, names),
                        entry.get_state_display(),
                        entry.words or "–",
                    )
                    for entry in entries
                ],
            )
        ]

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which a ticket is opened for a caller."""
        view = self.admin_site.admin_view(self.open_view)
        return [path("open/", view, name="care_ticket_open"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        open_url = reverse("admin:care_ticket_open") if request.user.has_perm(OPEN) else ""
        return super().changelist_view(request, {**(extra_context or {}), "open_url": open_url})

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Write down what a caller asks or complains of, and text them its number.

        :raises PermissionDenied: this person may not open tickets.
        """
        if not request.user.has_perm(OPEN):
            raise PermissionDenied
        form = OpenTicketForm(request.POST or None, initial={"msisdn": number_of_named_line(request)})
        if request.method == "POST" and form.is_valid():
            entered = form.cleaned_data
            try:
                line = get_line_by_msisdn(entered["msisdn"])
                ticket = open_ticket(
                    account_id=line.account_id,
                    wish=TicketWish(kind=TicketKind(entered["kind"]), words=entered["words"], line_id=line.id),
                    author=Author(EntryAuthor.STAFF, Channel(entered["channel"]), staff_id=request.user.pk),
                    request_key=str(entered["request_key"]),
                    language=line.language,
                    now=now(),
                )
            except DomainError as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                said = gettext("Opened as %(number)s. The customer is told the number by text.")
                messages.success(request, said % {"number": ticket.number})
                return redirect(record_url(self, ticket))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Open a ticket for a customer"),
            "lead": _("Read the words out before you send them: the customer sees them on the page."),
            "form": form,
            "record_url": reverse("admin:care_ticket_changelist"),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    @admin.display(description=_("promised until"))
    def due(self, ticket: Ticket) -> str:
        """What is promised next: the first answer, then the solution; late ones stand out."""
        if not ticket.is_open or ticket.state == TicketState.RESOLVED:
            return "–"
        due_at = ticket.solve_due_at if ticket.answered_at else ticket.answer_due_at
        late = due_at < now() and ticket.state != TicketState.PENDING
        return format_html("<strong>{}</strong>", instant_text(due_at)) if late else instant_text(due_at)

    @admin.display(description=_("taken by"))
    def taker(self, ticket: Ticket) -> str:
        """Who of the staff works on it."""
        return "–" if ticket.assigned_to is None else self._names([ticket.assigned_to])

    @admin.display(description=_("about what"))
    def about(self, ticket: Ticket) -> str:
        """What of the account it came from."""
        return f"{ticket.get_about_kind_display()} {ticket.about_name}".strip() or "–"

    def _names(self, staff_ids: list[int]) -> str:
        names = list_staff_names(staff_ids)
        return ", ".join(names.get(one, str(one)) for one in staff_ids)


def _who(entry: TicketEntry, names: dict[int, str]) -> str:
    who = entry.get_author_display()
    if entry.staff_id is not None:
        return names.get(entry.staff_id, str(entry.staff_id))
    return f"{who} {entry.client_id}".strip()
