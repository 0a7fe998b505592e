from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.holiday_window import HIGHEST_STAR
from kernel.account_owned import Placement
from kernel.clock import Month, month_from_date
from kernel.ids import uuid7


class StarInput(models.TextChoices):
    """What a star is made of, in the order in which it is explained."""

    MONTHS = "MONTHS", _("Time with us")
    REAL_NAME = "REAL_NAME", _("Real name")
    SPEND = "SPEND", _("Average spend")
    LATE = "LATE", _("Paying on time")
    SUSPENSIONS = "SUSPENSIONS", _("Suspensions")


class StarTableState(models.TextChoices):
    PROPOSED = "PROPOSED", _("waiting for a second person")
    APPROVED = "APPROVED", _("in force from its month")
    REFUSED = "REFUSED", _("refused")


class StarTable(models.Model):
    """How customers are rated (星级评定规则): proposed by one person, checked by another, in force from a month on.

    Reference data with history: a table is never changed, a later one takes its place, and each rating names its own.
    The table that the software comes with has no proposer.
    """

    placement = Placement.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    valid_from = models.DateField(_("in force from"), help_text=_("first day of the first month that it rates"))
    minimum_months = models.PositiveSmallIntegerField(
        _("months until the first rating"), help_text=_("who is with us for less is not rated")
    )
    looks_back_months = models.PositiveSmallIntegerField(
        _("months looked back"), help_text=_("spend, late payments and suspensions are those of so many whole months")
    )
    valid_months = models.PositiveSmallIntegerField(_("months that a rating holds"))
    words = models.CharField(_("why"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=StarTableState, default=StarTableState.PROPOSED)
    request_key = models.CharField(max_length=40, unique=True)
    proposed_by = models.BigIntegerField(_("proposed by"), null=True)
    proposed_at = models.DateTimeField(_("proposed at"))
    checked_by = models.BigIntegerField(_("checked by"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=200, blank=True)

    class Meta:
        db_table = "accounts_star_table"
        verbose_name = _("star table")
        verbose_name_plural = _("star tables")
        ordering = ["-valid_from", "-proposed_at"]
        permissions = [
            ("propose_star_table", _("Can propose how customers are rated")),
            ("check_star_table", _("Can check how customers are rated")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="PROPOSED", checked_at__isnull=True)
                | (~models.Q(state="PROPOSED") & models.Q(checked_at__isnull=False)),
                name="star_table_decided_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_by__isnull=True) | ~models.Q(checked_by=models.F("proposed_by")),
                name="star_table_by_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(looks_back_months__gte=1, looks_back_months__lte=24, valid_months__gte=1),
                name="star_table_looks_back_some_months",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m}"

    @property
    def first_month(self) -> Month:
        """The first month that it rates."""
        return month_from_date(self.valid_from)


class StarStep(models.Model):
    """From how much of an input on there are so many points: the highest step that is reached counts."""

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("table_id", "input", "at_least")
    table = models.ForeignKey(StarTable, on_delete=models.PROTECT, related_name="steps")
    input = models.CharField(_("input"), max_length=12, choices=StarInput)
    at_least = models.BigIntegerField(_("from"))
    points = models.PositiveSmallIntegerField(_("points"))

    class Meta:
        db_table = "accounts_star_step"
        ordering = ["input", "at_least"]
        constraints = [models.CheckConstraint(condition=models.Q(at_least__gte=0), name="star_step_not_negative")]


class StarBand(models.Model):
    """How many points a star takes, and how far below zero its wallets may go."""

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("table_id", "star")
    table = models.ForeignKey(StarTable, on_delete=models.PROTECT, related_name="bands")
    star = models.PositiveSmallIntegerField(_("star"))
    least_points = models.PositiveSmallIntegerField(_("points from"))
    overdraft_fen = models.BigIntegerField(_("overdraft"))

    class Meta:
        db_table = "accounts_star_band"
        ordering = ["star"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(star__gte=1, star__lte=HIGHEST_STAR), name="star_band_of_known_star"
            ),
            models.CheckConstraint(condition=models.Q(overdraft_fen__gte=0), name="star_band_overdraft_not_negative"),
        ]
