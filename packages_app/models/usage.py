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
    app = models.CharField(_("application"), max_length=40, blank=True, help_text=_("its code; empty: none known"))
    region = models.CharField(
        _("region"), max_length=8, blank=True, help_text=_("province or roaming region; empty: the account's province")
    )
    other_party = models.CharField(_("other party"), max_length=32, blank=True, help_text=_("of a call or text"))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        db_table = "packages_usage_record"
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="usage_amount_positive")]
        indexes = [models.Index(fields=["account", "line_id", "started_at"], name="usage_of_line")]


class UsageCounter(AccountOwned):
    """Running totals of a line's month, so that no page and no bill adds up detail records.

    `beyond` is what no bucket covered, `abroad` what was used in roaming regions, covered or not.
    """

    pk = models.CompositePrimaryKey("account_id", "line_id", "period_date", "usage_kind")
    line_id = models.UUIDField(_("line"))
    period_date = models.DateField(_("month"))
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    total = models.BigIntegerField(_("total"), default=0)
    abroad = models.BigIntegerField(_("abroad"), default=0)
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


class UsageBeyond(AccountOwned):
    """What of a month no bucket covered, by the plan then in force and by region: what its price follows from.

    `plan_id` is the plan's subscription, nil for a line without one; `region` is "" at home, else the roaming region.
    """

    pk = models.CompositePrimaryKey("account_id", "line_id", "period_date", "usage_kind", "plan_id", "region")
    line_id = models.UUIDField(_("line"))
    period_date = models.DateField(_("month"))
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    plan_id = models.UUIDField(_("plan"))
    region = models.CharField(_("region"), max_length=8, blank=True)
    amount = models.BigIntegerField(_("amount"), help_text=_("bytes, seconds or messages"))

    class Meta:
        db_table = "packages_usage_beyond"
        verbose_name = _("use beyond the plan")
        verbose_name_plural = _("use beyond the plan")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="usage_beyond_positive")]
        indexes = [models.Index(fields=["period_date", "account", "line_id"], name="usage_beyond_of_month")]
