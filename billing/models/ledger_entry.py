from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned


class MoneyBucket(models.TextChoices):
    CASH = "CASH", _("cash")
    BONUS = "BONUS", _("bonus")


class Counterpart(models.TextChoices):
    """Where the money came from or went: with it the books sum to zero without a row that everybody writes."""

    PAYMENTS = "PAYMENTS", _("payments received")
    REVENUE = "REVENUE", _("charges")
    GIFTS = "GIFTS", _("bonus given")
    POINTS = "POINTS", _("points exchanged")
    ADJUSTMENTS = "ADJUSTMENTS", _("adjustments")
    OPENING = "OPENING", _("balance brought in")


class LedgerEntry(AccountOwned):
    """One movement of a wallet's cash or bonus. Insert-only; a correction is a new entry."""

    pk = models.CompositePrimaryKey("account_id", "version")
    version = models.BigIntegerField(_("version"))
    bucket = models.CharField(_("money"), max_length=8, choices=MoneyBucket)
    amount_fen = models.BigIntegerField(_("amount"), help_text=_("fen; negative leaves the wallet"))
    before_fen = models.BigIntegerField(_("before"))
    after_fen = models.BigIntegerField(_("after"))
    counterpart = models.CharField(_("counterpart"), max_length=16, choices=Counterpart)
    posting_key = models.CharField(_("posting key"), max_length=120, help_text=_("one key, one posting"))
    request_hash = models.CharField(max_length=64)
    reason_kind = models.CharField(_("reason"), max_length=24, help_text=_("TOP_UP, CHARGE, OPENING …"))
    reason_id = models.UUIDField(_("reason's id"))
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        db_table = "billing_ledger_entry"
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        permissions = [("read_trial_balance", _("Can read the trial balance"))]
        constraints = [
            models.UniqueConstraint(fields=["account", "posting_key", "bucket"], name="ledger_entry_posting_key_once"),
            models.CheckConstraint(
                condition=models.Q(after_fen=models.F("before_fen") + models.F("amount_fen")),
                name="ledger_entry_adds_up",
            ),
            models.CheckConstraint(condition=~models.Q(amount_fen=0), name="ledger_entry_moves_money"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="ledger_entry_version_from_one"),
        ]
        # Entries are written in the order of their time, so ranges of blocks say where a day lies: a few kilobytes for
        # millions of entries, and nothing to keep in order with each posting.
        indexes = [BrinIndex(fields=["posted_at"], name="ledger_entry_by_time", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.version}"
