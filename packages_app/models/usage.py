from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned
from packages_app.models.offering_contents import UsageKind


class UsageRecord(AccountOwned):
    """One data session, call or text (话单). The network's key and start make a repeated record one row."""

    pk = models.CompositePrimaryKey("account_id", "started_at", "record_key")
    started_at = models.DateTimeField(_("started at"))
    record_key = models.CharField(_("network's key"), max_length=64)
    line_id = models.UUIDField(_("line"))
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    amount = models.BigIntegerField(_("amount"), help_text=_("bytes, seconds or messages"))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        db_table = "packages_usage_record"
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="usage_amount_positive")]
        indexes = [models.Index(fields=["account", "line_id", "started_at"], name="usage_of_line")]


class UsageCounter(AccountOwned):
    """Running totals of a line's month, so that no page and no bill adds up detail records.

    `beyond` is what no bucket covered.
    """

    pk = models.CompositePrimaryKey("account_id", "line_id", "period_date", "usage_kind")
    line_id = models.UUIDField(_("line"))
    period_date = models.DateField(_("month"))
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    total = models.BigIntegerField(_("total"), default=0)
    beyond = models.BigIntegerField(_("beyond the plan"), default=0)
    last_record_at = models.DateTimeField(_("latest record"))

    class Meta:
        db_table = "packages_usage_counter"
        verbose_name = _("usage of a month")
        verbose_name_plural = _("usage by month")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(beyond__gte=0, beyond__lte=models.F("total")), name="usage_counter_beyond_in_total"
            )
        ]
