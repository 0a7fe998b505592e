from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.top_up import TopUp
from kernel.account_owned import AccountOwnedRow, SameAccountKey


class RefundState(models.TextChoices):
    """REQUESTED → APPROVED | REJECTED; APPROVED → SUCCEEDED | FAILED | UNKNOWN; UNKNOWN → SUCCEEDED | FAILED."""

    REQUESTED = "REQUESTED", _("waiting for a second person")
    REJECTED = "REJECTED", _("rejected")
    APPROVED = "APPROVED", _("on its way to the payer")
    SUCCEEDED = "SUCCEEDED", _("given back")
    FAILED = "FAILED", _("refused by the payment provider")
    UNKNOWN = "UNKNOWN", _("being clarified with the payment provider")


class Refund(AccountOwnedRow):
    """Money of a top-up on its way back to who paid it (退款): staff or a partner ask for it, another person approves.

    The money leaves the wallet's cash with the approval, so that it cannot be spent meanwhile, and comes back should
    the provider refuse. `refund_number` is the key under which the provider is asked, every time the same. `ask_at` is
    when it is next asked; empty before the approval, after the end, and after the last time.
    """

    top_up_id = models.UUIDField(_("top-up"))
    top_up = SameAccountKey(TopUp, "top_up_id", verbose_name=_("top-up"))
    amount_fen = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=RefundState, default=RefundState.REQUESTED)
    refund_number = models.CharField(_("our refund number"), max_length=40)
    provider_refund_number = models.CharField(_("provider's refund number"), max_length=64, blank=True)
    request_key = models.CharField(max_length=40)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        null=True,
    )
    requested_client = models.CharField(
        _("requested by partner"), max_length=64, blank=True, default="", db_default="", help_text=_("OAuth client")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        null=True,
    )
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("rejected by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        null=True,
    )
    requested_at = models.DateTimeField(_("requested at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    ask_at = models.DateTimeField(_("to be asked for at"), null=True)
    asks = models.PositiveSmallIntegerField(_("times asked for"), default=0)
    refunded_at = models.DateTimeField(_("given back at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        db_table = "billing_refund"
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="refund_request_key_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(condition=models.Q(state__in=RefundState.values), name="refund_state_known"),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("requested_by")),
                name="refund_approved_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["REQUESTED", "REJECTED"], approved_by__isnull=True)
                | models.Q(
                    state__in=["APPROVED", "SUCCEEDED", "FAILED", "UNKNOWN"],
                    approved_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="refund_moves_only_when_approved",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="refund_has_reason"),
            models.CheckConstraint(
                condition=models.Q(requested_by__isnull=False, requested_client="")
                | (models.Q(requested_by__isnull=True) & ~models.Q(requested_client="")),
                name="refund_asked_for_by_one",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "top_up_id"], name="refund_of_top_up"),
            models.Index(fields=["refund_number"], name="refund_by_number"),
            models.Index(fields=["refunded_at"], name="refund_done", condition=models.Q(refunded_at__isnull=False)),
            models.Index(fields=["ask_at"], name="refund_open", condition=models.Q(state__in=["APPROVED", "UNKNOWN"])),
        ]

    def __str__(self) -> str:
        return self.refund_number
