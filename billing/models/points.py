from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from kernel.account_owned import AccountOwned, AccountOwnedRow, Placement

HUNDRED_PERCENT = 100


class PointsRule(models.Model):
    """What points are earned for and worth (积分规则), one row a version. Insert-only; before the first version the
    settings hold (`billing.queries.points_rules`).
    """

    placement = Placement.REFERENCE

    version = models.PositiveIntegerField(_("version"), primary_key=True)
    valid_from = models.DateTimeField(_("valid from"), unique=True)
    points_per_yuan = models.PositiveIntegerField(_("points for a yuan"))
    star_percents = ArrayField(
        models.PositiveIntegerField(),
        size=6,
        verbose_name=_("percent by star"),
        help_text=_("without a star, then one to five stars, such as 100,100,100,120,150,200"),
    )
    lifetime_months = models.PositiveSmallIntegerField(_("months to use them"))
    points_per_bonus_yuan = models.PositiveIntegerField(_("points for a yuan of bonus"))
    bonus_days = models.PositiveSmallIntegerField(_("days to spend the bonus"), help_text=_("0 means for ever"))
    created_by = models.BigIntegerField(_("made by"), editable=False)
    created_at = models.DateTimeField(_("made at"), editable=False)

    class Meta:
        db_table = "billing_points_rule"
        verbose_name = _("rule of points")
        verbose_name_plural = _("rules of points")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    points_per_yuan__gt=0, lifetime_months__gt=0, points_per_bonus_yuan__gt=0, version__gt=0
                ),
                name="points_rule_gives_something",
            ),
            # A star never costs points.
            models.CheckConstraint(
                condition=models.Q(star_percents__len=6)
                & models.Q(
                    **{f"star_percents__{star}__gte": HUNDRED_PERCENT for star in range(6)},
                ),
                name="points_rule_star_adds",
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)

    def percent_of(self, star: int | None) -> int:
        """Return how many percent of the plain points an account with this star earns."""
        return int(self.star_percents[star or 0])


class PointsCounterpart(models.TextChoices):
    """Where points came from or went."""

    SPENDING = "SPENDING", _("earned by spending")
    CORRECTION = "CORRECTION", _("correction of a charge")
    BONUS = "BONUS", _("exchanged for bonus")
    DATA = "DATA", _("exchanged for a data pack")
    EXPIRY = "EXPIRY", _("not used in time")
    OPENING = "OPENING", _("points brought in")


class PointsPurse(AccountOwned):
    """The points of an account (积分). Written by `billing.operations.points_ledger` alone.

    `version` counts the entries. An account that never had points has no purse.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    points = models.BigIntegerField(_("points"), default=0)
    version = models.BigIntegerField(_("version"), default=0)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        db_table = "billing_points_purse"
        verbose_name = _("points of an account")
        verbose_name_plural = _("points of accounts")
        constraints = [models.CheckConstraint(condition=models.Q(points__gte=0), name="points_not_below_zero")]

    def __str__(self) -> str:
        return str(self.account_id)


class PointsLot(AccountOwned):
    """The points earned in one month: what is left of them, and the instant from which they are worth nothing."""

    pk = models.CompositePrimaryKey("account_id", "earned_date")
    earned_date = models.DateField(_("earned in"), help_text=_("first day of the month"))
    earned_points = models.BigIntegerField(_("earned"))
    left_points = models.BigIntegerField(_("left"))
    expires_at = models.DateTimeField(_("to be used before"))

    class Meta:
        db_table = "billing_points_lot"
        verbose_name = _("points of a month")
        verbose_name_plural = _("points of months")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left_points__gte=0, left_points__lte=models.F("earned_points")),
                name="points_left_within_earned",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="points_to_expire", condition=models.Q(left_points__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.earned_date:%Y-%m}"


class PointsEntry(AccountOwned):
    """One movement of an account's points. Insert-only.

    `base_fen`, `points_per_yuan` and `percent` explain what was earned or taken back for spending; 0 elsewhere.
    """

    pk = models.CompositePrimaryKey("account_id", "version")
    version = models.BigIntegerField(_("version"))
    counterpart = models.CharField(_("counterpart"), max_length=12, choices=PointsCounterpart)
    points = models.BigIntegerField(_("points"), help_text=_("negative leaves the account"))
    after_points = models.BigIntegerField(_("after"))
    base_fen = models.BigIntegerField(_("for"), default=0)
    points_per_yuan = models.PositiveIntegerField(_("points for a yuan"), default=0)
    percent = models.PositiveIntegerField(_("percent by star"), default=0)
    posting_key = models.CharField(_("posting key"), max_length=120, help_text=_("one key, one posting"))
    reason_id = models.UUIDField(_("reason's id"))
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        db_table = "billing_points_entry"
        verbose_name = _("movement of points")
        verbose_name_plural = _("movements of points")
        constraints = [
            models.UniqueConstraint(fields=["account", "posting_key"], name="points_posting_key_once"),
            models.CheckConstraint(condition=~models.Q(points=0), name="points_entry_moves_points"),
            models.CheckConstraint(condition=models.Q(after_points__gte=0), name="points_entry_not_below_zero"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="points_version_from_one"),
        ]
        indexes = [BrinIndex(fields=["posted_at"], name="points_entry_by_time", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.version}"


class SpendingKind(models.TextChoices):
    CHARGE = "CHARGE", _("charge")
    ADJUSTMENT = "ADJUSTMENT", _("adjustment")


class PointsDue(AccountOwned):
    """Spending, or spending that was corrected, for which points were not posted yet. Gone once they are.

    Written in the transaction that moved the money.
    """

    pk = models.CompositePrimaryKey("account_id", "reason_id")
    reason_id = models.UUIDField(_("reason's id"))
    kind = models.CharField(_("kind"), max_length=12, choices=SpendingKind)
    spent_fen = models.BigIntegerField(_("spent"), help_text=_("fen; negative was given back"))
    settled_at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "billing_points_due"
        verbose_name = _("points to be posted")
        verbose_name_plural = _("points to be posted")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=SpendingKind.values), name="points_due_kind_known"),
        ]


class PointsExchange(AccountOwnedRow):
    """Points that were exchanged for bonus (积分兑换). What they were exchanged for data stands with its order."""

    line_id = models.UUIDField(_("line"))
    points = models.BigIntegerField(_("points"))
    bonus_fen = models.BigIntegerField(_("bonus"))
    channel = models.CharField(_("channel"), max_length=16)
    request_key = models.CharField(max_length=40, help_text=_("one form, one exchange"))
    exchanged_at = models.DateTimeField(_("exchanged at"))

    class Meta:
        db_table = "billing_points_exchange"
        verbose_name = _("exchange of points")
        verbose_name_plural = _("exchanges of points")
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="points_exchange_request_once"),
            models.CheckConstraint(
                condition=models.Q(points__gt=0, bonus_fen__gt=0), name="points_exchange_moves_something"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
