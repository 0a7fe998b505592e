"""What a movement of a wallet is for, as the staff desk calls it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.read_only_admin import label_column


class MovementReason(models.TextChoices):
    """The kinds of reasons that ledger entries and gifts of bonus lead to."""

    TOP_UP = "TOP_UP", pgettext_lazy("movement", "Top-up")
    TOP_UP_BONUS = "TOP_UP_BONUS", _("Bonus for a top-up")
    BONUS_TAKEN_BACK = "BONUS_TAKEN_BACK", _("Bonus of a top-up that was given back")
    BONUS_EXPIRY = "BONUS_EXPIRY", _("Bonus that was not spent in time")
    CHARGE = "CHARGE", pgettext_lazy("movement", "Charge")
    ADJUSTMENT = "ADJUSTMENT", pgettext_lazy("movement", "Adjustment")
    REFUND = "REFUND", pgettext_lazy("movement", "Refund of a top-up")
    HOLD = "HOLD", pgettext_lazy("movement", "Money set aside")
    OPENING = "OPENING", _("Balance brought in")


movement_reason = label_column("reason_kind", _("reason"), MovementReason)
