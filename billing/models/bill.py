from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.charge import BillHead
from kernel.account_owned import AccountOwned


class Bill(AccountOwned):
    """What an account was charged in one calendar month of Asia/Shanghai (账单). One per account and month."""

    pk = models.CompositePrimaryKey("account_id", "period_date")
    period_date = models.DateField(_("month"), help_text=_("first day of the month"))
    total_fen = models.BigIntegerField(_("total"))
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        db_table = "billing_bill"
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        # Issued lately, for hubs.
        indexes = [BrinIndex(fields=["issued_at"], name="bill_by_time", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.period_date:%Y-%m}"


class BillLine(AccountOwned):
    """One line of a bill; `charge_id` leads to its charge, or to the adjustment whose amount it shows turned round."""

    pk = models.CompositePrimaryKey("account_id", "period_date", "number")
    period_date = models.DateField(_("month"))
    number = models.IntegerField(_("line number"))
    head = models.CharField(_("head"), max_length=16, choices=BillHead)
    name = models.CharField(_("what for"), max_length=120)
    provider_name = models.CharField(_("collected for"), max_length=80, blank=True)
    amount_fen = models.BigIntegerField(_("amount"))
    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16)
    charge_id = models.UUIDField(_("charge"))

    class Meta:
        db_table = "billing_bill_line"
        verbose_name = _("bill line")
        verbose_name_plural = _("bill lines")
        constraints = [
            models.UniqueConstraint(fields=["account", "charge_id"], name="bill_line_charge_billed_once"),
        ]
