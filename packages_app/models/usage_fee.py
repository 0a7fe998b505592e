from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned, AccountOwnedRow
from packages_app.models.offering_contents import UsageKind


class UsageFee(AccountOwnedRow):
    """What was charged for a line's use beyond the plan in a month, by kind. The charges' reason leads here."""

    line_id = models.UUIDField(_("line"))
    period_date = models.DateField(_("month"))
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    charged_fen = models.BigIntegerField(_("charged so far"), default=0)

    class Meta:
        db_table = "packages_usage_fee"
        verbose_name = _("fee for use beyond the plan")
        verbose_name_plural = _("fees for use beyond the plan")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "line_id", "period_date", "usage_kind"], name="usage_fee_once_per_month"
            ),
            models.CheckConstraint(condition=models.Q(charged_fen__gte=0), name="usage_fee_not_negative"),
        ]


class CapLift(AccountOwned):
    """A customer's wish to go on beyond the money cap of a month (解除封顶): the cap's next step, that month only."""

    pk = models.CompositePrimaryKey("account_id", "line_id", "period_date", "number")
    line_id = models.UUIDField(_("line"))
    period_date = models.DateField(_("month"))
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("of this month's lifts, from 1"))
    cap_fen = models.BigIntegerField(_("new cap"))
    channel = models.CharField(_("channel"), max_length=16)
    lifted_at = models.DateTimeField(_("lifted at"))

    class Meta:
        db_table = "packages_cap_lift"
        verbose_name = _("lifted cap")
        verbose_name_plural = _("lifted caps")
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1, cap_fen__gt=0), name="cap_lift_sensible")
        ]


class ReminderChoice(AccountOwned):
    """A line's own threshold for data reminders, besides those of the plan or the house."""

    pk = models.CompositePrimaryKey("account_id", "line_id")
    line_id = models.UUIDField(_("line"))
    percent = models.PositiveSmallIntegerField(_("remind at (%)"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "packages_reminder_choice"
        verbose_name = _("own reminder threshold")
        verbose_name_plural = _("own reminder thresholds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gte=1, percent__lte=99), name="reminder_choice_below_hundred"
            )
        ]
