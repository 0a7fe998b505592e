from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.account_owned import Placement


class UsageLoad(models.Model):
    """How far a file of usage records has been loaded, by what it holds: a load that died goes on from here."""

    placement = Placement.LOCAL

    fingerprint = models.CharField(_("SHA-256"), max_length=64, primary_key=True)
    file_name = models.CharField(_("file"), max_length=255)
    rows_done = models.PositiveBigIntegerField(_("records read"), default=0)
    recorded = models.PositiveBigIntegerField(_("recorded"), default=0)
    repeated = models.PositiveBigIntegerField(_("known before"), default=0)
    rejected = models.PositiveBigIntegerField(pgettext_lazy("records", "rejected"), default=0)
    rejects_bytes = models.PositiveBigIntegerField(_("length of the file of rejects"), default=0)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        db_table = "packages_usage_load"
        verbose_name = _("load of usage records")
        verbose_name_plural = _("loads of usage records")

    def __str__(self) -> str:
        return self.file_name
