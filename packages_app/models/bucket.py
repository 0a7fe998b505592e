from datetime import timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import TruncMonth
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned, AccountOwnedRow, SameAccountKey
from packages_app.models.offering_contents import AllowanceScope, UsageKind
from packages_app.models.subscription import Subscription


class Bucket(AccountOwnedRow):
    """An allowance for one cycle (套餐余量), spent by `record_usage` alone. Valid in [starts_at, ends_at).

    It never leaves its calendar month, so that a month's usage is what its buckets hold and what is beyond them. One
    that was carried over holds what is left of its origin, the bucket of the month before, whatever late records do to
    that.
    """

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id", verbose_name=_("line"))
    subscription_id = models.UUIDField(_("subscription"))
    subscription = SameAccountKey(Subscription, "subscription_id", verbose_name=_("subscription"))
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    allowance_number = models.PositiveSmallIntegerField(
        _("allowance"), default=1, help_text=_("its number in the terms")
    )
    scope = models.CharField(_("for"), max_length=8, choices=AllowanceScope, default=AllowanceScope.GENERAL)
    scope_value = models.CharField(_("namely"), max_length=40, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False, help_text=_("by all lines of the account"))
    carried_from_id = models.UUIDField(_("carried over from"), null=True, help_text=_("last month's bucket"))
    carried_from = SameAccountKey(
        "packages_app.Bucket", "carried_from_id", null=True, verbose_name=_("carried over from")
    )
    total = models.BigIntegerField(_("total"), help_text=_("bytes, seconds or messages"))
    used = models.BigIntegerField(_("used"), default=0)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        db_table = "packages_bucket"
        verbose_name = _("allowance left")
        verbose_name_plural = _("allowances left")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "subscription_id", "allowance_number", "starts_at"],
                condition=models.Q(carried_from_id__isnull=True),
                name="bucket_once_per_cycle",
            ),
            models.UniqueConstraint(fields=["account", "carried_from_id"], name="bucket_carried_over_once"),
            models.CheckConstraint(
                condition=models.Q(used__gte=0, used__lte=models.F("total")), name="bucket_not_overspent"
            ),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="bucket_has_a_period"),
            # In the project's time zone, Asia/Shanghai; Django cannot write a zone into a migration.
            models.CheckConstraint(
                condition=Exact(TruncMonth("starts_at"), TruncMonth(models.F("ends_at") - timedelta(microseconds=1))),
                name="bucket_within_one_month",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "line_id", "usage_kind", "ends_at"], name="bucket_of_line"),
            models.Index(
                fields=["account", "id"],
                name="bucket_of_several",
                condition=models.Q(is_shared=True) | models.Q(carried_from_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_usage_kind_display()


class ThresholdCrossing(AccountOwned):
    """A reminder that is due or was given: one per line, bucket, cycle and threshold, ever.

    The first use of a cycle has threshold 0 and, since it belongs to the line, the nil bucket. The money cap of a month
    has buckets of its own, which end in c000, one more after each lift.
    """

    pk = models.CompositePrimaryKey("account_id", "line_id", "bucket_id", "cycle_date", "threshold_percent")
    line_id = models.UUIDField(_("line"))
    bucket_id = models.UUIDField(_("bucket"))
    cycle_date = models.DateField(_("cycle"), help_text=_("first day of the cycle"))
    threshold_percent = models.PositiveSmallIntegerField(_("threshold"))
    crossed_at = models.DateTimeField(_("crossed at"))
    superseded = models.BooleanField(
        _("not told"),
        default=False,
        help_text=_("a higher one was passed at once, or it was told before the line came here"),
    )

    class Meta:
        db_table = "packages_threshold_crossing"
        verbose_name = _("reminder threshold passed")
        verbose_name_plural = _("reminder thresholds passed")
        # Passed lately, for hubs.
        indexes = [BrinIndex(fields=["crossed_at"], name="threshold_by_time", autosummarize=True)]
