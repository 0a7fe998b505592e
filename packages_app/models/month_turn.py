from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class MonthTurn(models.Model):
    """The turn of one month. Its row is locked while a chunk of accounts is turned, so that runs take turns."""

    placement = Placement.LOCAL

    period_date = models.DateField(_("month"), primary_key=True, help_text=_("first day of the month"))
    started_at = models.DateTimeField(_("begun at"))
    done_through = models.UUIDField(_("done through"), null=True, help_text=_("the last account that was turned"))
    finished_at = models.DateTimeField(_("complete since"), null=True)

    class Meta:
        db_table = "packages_month_turn"
        verbose_name = _("turn of a month")
        verbose_name_plural = _("turns of months")

    def __str__(self) -> str:
        return f"{self.period_date:%Y-%m}"
