from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class RetentionRecord(models.Model):
    """That a rule of retention was applied: how many rows it concerned. Insert-only; no customer is named."""

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.CharField(_("rule"), max_length=40)
    keep_days = models.PositiveIntegerField(_("days kept"))
    rows = models.BigIntegerField(_("rows"))
    applied_at = models.DateTimeField(_("applied at"))

    class Meta:
        db_table = "accounts_retention_record"
        verbose_name = _("application of a retention rule")
        verbose_name_plural = _("applications of retention rules")
        indexes = [models.Index(fields=["-applied_at"], name="retention_newest")]

    def __str__(self) -> str:
        return self.rule
