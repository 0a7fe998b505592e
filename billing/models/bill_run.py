from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class BillRun(models.Model):
    """The issuing of one month's bills. Its row is locked while a chunk of bills is made, so that runs take turns."""

    placement = Placement.LOCAL

    period_date = models.DateField(_("month"), primary_key=True, help_text=_("first day of the month"))
    started_at = models.DateTimeField(_("begun at"))
    tells_customers = models.BooleanField(
        _("customers are told"), default=False, help_text=_("a text for each bill; not where another system sent them")
    )
    finished_at = models.DateTimeField(_("complete since"), null=True)

    class Meta:
        db_table = "billing_bill_run"
        verbose_name = _("issue of bills")
        verbose_name_plural = _("issues of bills")

    def __str__(self) -> str:
        return str(self.period_date)
