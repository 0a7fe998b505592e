"""Wallets, their entries and charges at the staff desk."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from billing.admin.movement_reasons import movement_reason, row_behind
from billing.admin.trial_balance import trial_balance_page
from billing.models import Charge, ChargeReason, LedgerEntry, OneOffFee, Wallet
from kernel.read_only_admin import (
    KEY_SEPARATOR,
    AccountOwnedAdmin,
    masked_number_column,
    number_column,
    record_url,
    yuan_column,
)

_cash = yuan_column("cash_fen", _("cash"))
_bonus = yuan_column("bonus_fen", _("bonus"))
_held = yuan_column("held_fen", _("set aside"))
_overdraft = yuan_column("overdraft_fen", _("overdraft"))
_amount = yuan_column("amount_fen", _("amount"))
_before = yuan_column("before_fen", _("before"))
_after = yuan_column("after_fen", _("after"))

_PROOFS = {
    ChargeReason.LATE_FEE: "billing_charge",
    ChargeReason.ORDER: "packages_app_order",
    ChargeReason.SUBSCRIPTION: "packages_app_subscription",
}


@admin.register(Wallet)
class WalletAdmin(AccountOwnedAdmin):
    """What an account has."""

    list_display = ("account_id", "numbers", _cash, _bonus, _held, _overdraft, "updated_at")
    shown = ("account", _cash, _bonus, _held, _overdraft, "version", "updated_at")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(AccountOwnedAdmin):
    """Every movement of a wallet, newest first."""

    list_display = ("posted_at", "numbers", "version", "bucket", _amount, _after, "counterpart", movement_reason)
    list_filter = ("bucket", "counterpart")
    change_list_template = "admin/billing/ledger_entries.html"
    shown = (
        "account",
        "version",
        "bucket",
        _amount,
        _before,
        _after,
        "counterpart",
        movement_reason,
        "behind",
        "posting_key",
        "posted_at",
    )

    @admin.display(description=_("what for"))
    def behind(self, entry: LedgerEntry) -> str:
        """Lead to what the movement is for, where that is a record of its own."""
        row = row_behind(entry.reason_kind, entry.account_id, entry.reason_id)
        if row is None:
            return str(entry.reason_id)
        page = self.admin_site.get_model_admin(type(row))
        return format_html('<a href="{}">{}</a>', record_url(page, row), page.opts.verbose_name)

    def get_urls(self) -> list[URLPattern]:
        """Add the trial balance."""
        view = self.admin_site.admin_view(self.trial_balance)
        return [path("trial-balance/", view, name="billing_trial_balance"), *super().get_urls()]

    def trial_balance(self, request: HttpRequest) -> HttpResponseBase:
        """Show what all entries of some days come to."""
        return trial_balance_page(request, self)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_read = request.user.has_perm("billing.read_trial_balance")
        return super().changelist_view(request, {**(extra_context or {}), "may_read_trial_balance": may_read})


@admin.register(Charge)
class ChargeAdmin(AccountOwnedAdmin):
    """What customers paid or owe, with its reason."""

    list_display = (
        *("charged_at", masked_number_column("msisdn", _("number")), "head", "name", _amount, "reason"),
        "settled_at",
    )
    list_filter = ("head", "reason", ("settled_at", admin.EmptyFieldListFilter))
    newest_by = "charged_at"
    shown = (
        "account",
        number_column("msisdn", _("number")),
        "head",
        "name",
        "provider_name",
        _amount,
        "reason",
        "proof",
        "charged_at",
        "settled_at",
        "public_id",
    )

    @admin.display(description=_("proof"))
    def proof(self, charge: Charge) -> str:
        """Lead to the order or the subscription behind the charge; both stand a floor higher, so by address."""
        page = _PROOFS.get(ChargeReason(charge.reason))
        if charge.reason == ChargeReason.ONE_OFF:
            fee = OneOffFee.objects.filter(account_id=charge.account_id, id=charge.reason_id)
            page = "billing_oneofffee" if fee.exists() else "accounts_bar"
        if page is None:
            return str(charge.reason_id)
        key = f"{charge.account_id}{KEY_SEPARATOR}{charge.reason_id}"
        address = reverse(f"{self.admin_site.name}:{page}_change", args=[quote(key)])
        return format_html('<a href="{}">{}</a>', address, charge.get_reason_display())
