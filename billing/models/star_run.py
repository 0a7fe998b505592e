from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class StarRun(models.Model):
    """The rating of one month. Its row is locked while a chunk of accounts is rated, so that runs take turns."""

    placement = Placement.LOCAL

    period_date = models.DateField(_("month"), primary_key=True, help_text=_("first day of the month"))
    started_at = models.DateTimeField(_("begun at"))
    done_through = models.UUIDField(_("done through"), null=True, help_text=_("the last account that was rated"))
    finished_at = models.DateTimeField(_("complete since"), null=True)

    class Meta:
        db_table = "billing_star_run"
        verbose_name = _("rating of a month")
        verbose_name_plural = _("ratings of months")

    def __str__(self) -> str:
        return f"{self.period_date:%Y-%m}"
