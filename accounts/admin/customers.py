"""Customers, accounts and lines at the staff desk."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, Line
from accounts.queries.lines import list_account_ids_of_number
from kernel.masking import mask_name
from kernel.phone import NumberInvalid, grouped_number, parse_msisdn
from kernel.read_only_admin import (
    AccountOwnedAdmin,
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
    shown = ("name", "created_at", "id")
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
class AccountAdmin(AccountOwnedAdmin):
    """Who pays, with the lines that it pays for."""

    account_field = "id"
    list_display = ("id", "numbers", "province", "created_at")
    shown = ("id", "customer", "province", "created_at")

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
class LineAdmin(AccountOwnedAdmin):
    """One phone number of an account."""

    list_display = (masked_number_column("msisdn", _("number")), "state", "language", "activated_at")
    list_filter = ("state", "language")
    shown = (number_column("msisdn", _("number")), "state", "language", "activated_at", "account", "public_id")

    def owners_of(self, rows: Sequence[Any]) -> list[Owner]:
        return [(line.account_id, line.id) for line in rows]
