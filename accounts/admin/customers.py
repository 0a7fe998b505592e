"""Customers, accounts and lines at the staff desk."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin.bars import PROPOSE_BAR, REPORT_LOST
from accounts.admin.documents import RECORD
from accounts.admin.sim_cards import CHANGE_SIM, LOOK_UP_PUK
from accounts.models import Account, Customer, IdentityDocument, Line, LineState
from accounts.queries.line_acts import list_line_acts
from accounts.queries.lines import list_account_ids_of_number
from accounts.queries.sim_cards import list_sims
from accounts.queries.staff import list_staff_names
from kernel.asking_admin import AskingAdmin, Question
from kernel.masking import mask_name
from kernel.phone import NumberInvalid, grouped_number, parse_msisdn
from kernel.read_only_admin import (
    Owner,
    ReadOnlyAdmin,
    RelatedTable,
    instant_text,
    masked_number_column,
    number_column,
    record_url,
)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Found by phone number, or by the beginning of the name."""

    list_display = ("masked_name", "created_at")
    shown = ("name", "created_at", "client_id", "is_prospect", "id")
    ordering = ("-id",)
    search_fields = ("name",)
    search_help_text = _("Phone number, or the beginning of a name")

    @admin.display(description=_("name"))
    def masked_name(self, customer: Customer) -> str:
        """The name as lists show it."""
        return mask_name(customer.name)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        term = search_term.strip()
        try:
            accounts = Account.objects.filter(id__in=list_account_ids_of_number(parse_msisdn(term)))
        except NumberInvalid:
            return queryset.filter(name__startswith=term), False
        return queryset.filter(id__in=list(accounts.values_list("customer_id", flat=True))), False

    def owners_of(self, rows: Sequence[Any]) -> list[Owner]:
        accounts = Account.objects.filter(customer_id__in=[customer.id for customer in rows]).order_by("id")
        return [(account_id, None) for account_id in accounts.values_list("id", flat=True)]

    def related_tables(self, row: Customer) -> list[RelatedTable]:
        accounts = Account.objects.filter(customer_id=row.id).order_by("id")
        site = self.admin_site
        numbers = site.numbers_of_accounts({account.id for account in accounts})  # type: ignore[attr-defined]
        desk = site.get_model_admin(Account)
        return [
            RelatedTable(
                _("Accounts"),
                (_("account"), _("numbers"), _("province"), _("opened at")),
                [
                    (
                        format_html('<a href="{}">{}</a>', record_url(desk, account), account.id),
                        ", ".join(grouped_number(number) for number in numbers.get(account.id, ())),
                        account.province,
                        instant_text(account.created_at),
                    )
                    for account in accounts
                ],
            )
        ]


@admin.register(Account)
class AccountAdmin(AskingAdmin):
    """Who pays, with the lines that it pays for."""

    account_field = "id"
    list_display = ("id", "numbers", "province", "created_at")
    shown = ("id", "customer", "document", "province", "created_at")
    questions = (RECORD,)

    @admin.display(description=_("identity document"))
    def document(self, account: Account) -> str:
        """Kind and masked number of the document that the account is registered under."""
        row = IdentityDocument.objects.filter(account_id=account.id).first()
        return f"{row.get_kind_display()} {row.masked}" if row else "–"

    def related_tables(self, row: Account) -> list[RelatedTable]:
        desk = self.admin_site.get_model_admin(Line)
        return [
            RelatedTable(
                _("Lines"),
                (_("number"), _("state"), _("activated at")),
                [
                    (
                        format_html('<a href="{}">{}</a>', record_url(desk, line), grouped_number(line.msisdn)),
                        line.get_state_display(),
                        instant_text(line.activated_at),
                    )
                    for line in Line.objects.filter(account_id=row.id).order_by("id")
                ],
            )
        ]


@admin.register(Line)
class LineAdmin(AskingAdmin):
    """One phone number of an account, with its cards and all that was done to it."""

    change_form_template = "admin/accounts/line.html"
    list_display = (masked_number_column("msisdn", _("number")), "state", "language", "activated_at")
    list_filter = ("state", "language")
    shown = (number_column("msisdn", _("number")), "state", "language", "activated_at", "account", "public_id")
    questions = (CHANGE_SIM, LOOK_UP_PUK, REPORT_LOST, PROPOSE_BAR)

    def may_be_asked(self, row: Line, question: Question) -> bool:
        return row.state != LineState.CLOSED

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row: Line = context["original"]
        context["line_key"] = "" if row.state == LineState.CLOSED else f"{row.account_id},{row.id}"
        return super().render_change_form(request, context, *args, **kwargs)

    def related_tables(self, row: Line) -> list[RelatedTable]:
        acts = list_line_acts(account_id=row.account_id, line_id=row.id)
        names = list_staff_names({act.staff_id for act in acts if act.staff_id is not None})
        return [
            RelatedTable(
                _("SIM cards"),
                (_("card number (ICCID)"), _("reason"), _("in use from"), _("until")),
                [
                    (card.iccid, card.get_reason_display(), instant_text(card.from_at), instant_text(card.to_at))
                    for card in list_sims(account_id=row.account_id, line_id=row.id)
                ],
            ),
            RelatedTable(
                _("What was done"),
                (_("at"), _("what"), _("by"), _("reason"), _("before"), _("after")),
                [
                    (
                        instant_text(act.at),
                        act.get_kind_display(),
                        names.get(act.staff_id, "–") if act.staff_id else _("the customer"),
                        act.reason or "–",
                        act.before or "–",
                        act.after or "–",
                    )
                    for act in acts
                ],
            ),
        ]

    def owners_of(self, rows: Sequence[Any]) -> list[Owner]:
        return [(line.account_id, line.id) for line in rows]
