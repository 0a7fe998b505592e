from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class AdjustmentReason(models.TextChoices):
    WRONG_CHARGE = "WRONG_CHARGE", _("charged wrongly")
    MISSING_CHARGE = "MISSING_CHARGE", _("not charged by mistake")
    SERVICE_FAULT = "SERVICE_FAULT", _("compensation for a fault")
    PAYMENT_DISPUTE = "PAYMENT_DISPUTE", _("payment cleared up")
    GOODWILL = "GOODWILL", _("goodwill")


class AdjustmentState(models.TextChoices):
    PROPOSED = "PROPOSED", _("waiting for a second person")
    POSTED = "POSTED", _("posted")
    REFUSED = "REFUSED", _("refused")


class Adjustment(AccountOwnedRow):
    """A correction of a wallet (调账): proposed by staff or by a partner, checked by another person, posted once.

    Staff are named by their ids; they live where no foreign key of a customer's row reaches.
    """

    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16)
    language = models.CharField(_("language of the text"), max_length=8)
    amount_fen = models.BigIntegerField(_("amount"), help_text=_("fen; positive is the customer's gain"))
    reason = models.CharField(_("reason"), max_length=20, choices=AdjustmentReason)
    words = models.CharField(_("in words"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=AdjustmentState, default=AdjustmentState.PROPOSED)
    request_key = models.CharField(max_length=40, help_text=_("one form, one proposal"))
    proposed_by = models.BigIntegerField(_("proposed by"), help_text=_("0: a partner"))
    proposed_client = models.CharField(_("proposed by partner"), max_length=64, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"))
    checked_by = models.BigIntegerField(_("checked by"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=200, blank=True)

    class Meta:
        db_table = "billing_adjustment"
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        permissions = [
            ("propose_adjustment", _("Can propose adjustments")),
            ("check_adjustment", _("Can check adjustments that others proposed")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="adjustment_request_key_once"),
            models.CheckConstraint(condition=~models.Q(amount_fen=0), name="adjustment_moves_money"),
            models.CheckConstraint(condition=models.Q(state__in=AdjustmentState.values), name="adjustment_state_known"),
            models.CheckConstraint(
                condition=models.Q(checked_by__isnull=True) | ~models.Q(checked_by=models.F("proposed_by")),
                name="adjustment_needs_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state="PROPOSED", checked_by__isnull=True, checked_at__isnull=True)
                | (~models.Q(state="PROPOSED") & models.Q(checked_by__isnull=False, checked_at__isnull=False)),
                name="adjustment_decided_was_checked",
            ),
        ]
        indexes = [
            models.Index(fields=["proposed_at"], name="adjustment_waiting", condition=models.Q(state="PROPOSED")),
            models.Index(fields=["account", "checked_at"], name="adjustment_of_account"),
        ]

    def __str__(self) -> str:
        return self.words
