from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class DifferenceKind(models.TextChoices):
    """How our books and a provider's file of the same day differ in one payment or refund."""

    MISSING_THERE = "MISSING_THERE", _("we have it, the provider does not")
    MISSING_HERE = "MISSING_HERE", _("the provider has it, we do not")
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS", _("the amounts differ")
    STATE_DIFFERS = "STATE_DIFFERS", _("the provider calls it done, we do not")
    DAY_DIFFERS = "DAY_DIFFERS", _("we have it on another day")
    REPEATED_THERE = "REPEATED_THERE", _("the provider names it more than once")


class Reconciliation(models.Model):
    """Our books of one day held against a payment provider's file (对账). Running it again replaces the report."""

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(_("payment provider"), max_length=24)
    day_date = models.DateField(_("day"))
    made_at = models.DateTimeField(_("made at"))
    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    our_count = models.PositiveIntegerField(_("movements in our books"))
    our_fen = models.BigIntegerField(_("sum in our books"))
    their_count = models.PositiveIntegerField(_("movements in the file"))
    their_fen = models.BigIntegerField(_("sum in the file"))
    difference_count = models.PositiveIntegerField(_("differences"))

    class Meta:
        db_table = "billing_reconciliation"
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-day_date", "provider"]
        permissions = [("reconcile_payments", _("Can hold a day against a payment provider's file"))]
        constraints = [
            models.UniqueConstraint(fields=["provider", "day_date"], name="reconciliation_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.day_date}"


class ReconciliationDifference(models.Model):
    """One payment or refund in which the two sides differ. What a side does not have is empty."""

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="differences")
    position = models.PositiveIntegerField()
    kind = models.CharField(_("difference"), max_length=16, choices=DifferenceKind)
    movement = models.CharField(_("movement"), max_length=8)
    number = models.CharField(_("our number"), max_length=64)
    provider_number = models.CharField(_("provider's number"), max_length=64, blank=True)
    account_id = models.UUIDField(_("account"), null=True)
    our_fen = models.BigIntegerField(_("our amount"), null=True)
    their_fen = models.BigIntegerField(_("their amount"), null=True)
    our_state = models.CharField(_("our state"), max_length=12, blank=True)

    class Meta:
        db_table = "billing_reconciliation_difference"
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["reconciliation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "position"], name="difference_has_its_place"),
            models.CheckConstraint(condition=models.Q(kind__in=DifferenceKind.values), name="difference_kind_known"),
        ]
