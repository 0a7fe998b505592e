from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned, AccountOwnedRow


class HoldState(models.TextChoices):
    HELD = "HELD", _("set aside")
    CAPTURED = "CAPTURED", _("captured")
    RELEASED = "RELEASED", _("set free")
    EXPIRED = "EXPIRED", _("expired")


class Hold(AccountOwnedRow):
    """Money of a wallet that is set aside (预占): nobody else can spend it until it is captured, set free or expired.

    It ends once. A capture takes the whole or a part; what it does not take is free again.
    """

    amount_fen = models.BigIntegerField(_("amount"))
    captured_fen = models.BigIntegerField(_("captured"), default=0)
    purpose = models.CharField(_("what for"), max_length=120)
    state = models.CharField(_("state"), max_length=12, choices=HoldState, default=HoldState.HELD)
    hold_key = models.CharField(max_length=120, help_text=_("one key, one hold"))
    request_hash = models.CharField(max_length=64)
    held_at = models.DateTimeField(_("set aside at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        db_table = "billing_hold"
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(fields=["account", "hold_key"], name="hold_key_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="hold_amount_positive"),
            models.CheckConstraint(condition=models.Q(state__in=HoldState.values), name="hold_state_known"),
            models.CheckConstraint(
                condition=models.Q(captured_fen__gte=0, captured_fen__lte=models.F("amount_fen")),
                name="hold_captures_no_more_than_held",
            ),
            models.CheckConstraint(
                condition=models.Q(state="CAPTURED", captured_fen__gt=0)
                | (~models.Q(state="CAPTURED") & models.Q(captured_fen=0)),
                name="hold_captured_is_an_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(state="HELD", ended_at__isnull=True)
                | (~models.Q(state="HELD") & models.Q(ended_at__isnull=False)),
                name="hold_ended_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="hold_to_expire", condition=models.Q(state="HELD")),
            models.Index(fields=["account", "held_at"], name="hold_of_account"),
        ]

    def __str__(self) -> str:
        return self.purpose


class HoldStep(AccountOwned):
    """What happened to a hold. Insert-only: 1 is the setting aside, 2 the end."""

    pk = models.CompositePrimaryKey("account_id", "hold_id", "number")
    hold_id = models.UUIDField(_("hold"))
    number = models.PositiveSmallIntegerField(_("step"))
    state = models.CharField(_("state"), max_length=12, choices=HoldState)
    amount_fen = models.BigIntegerField(_("amount"), help_text=_("fen set aside, captured or set free"))
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "billing_hold_step"
        verbose_name = _("step of a hold")
        verbose_name_plural = _("steps of holds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number=1, state="HELD") | (models.Q(number=2) & ~models.Q(state="HELD")),
                name="hold_step_is_beginning_or_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_id} {self.number}"
