"""Reads the rules of points: what spending earns, until when, and what points are worth."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings

from billing.models import BillHead, ChargeReason, PointsRule
from billing.models.points import HUNDRED_PERCENT
from kernel.clock import Month
from kernel.money import FEN_PER_YUAN

# What is collected for others is no spending with us, and being late earns nothing.
HEADS_WITHOUT_POINTS = (BillHead.THIRD_PARTY,)
REASONS_WITHOUT_POINTS = (ChargeReason.LATE_FEE,)


def get_points_rule(at: datetime) -> PointsRule:
    """Return the rule in force at an instant; version 0, made of the settings, where staff have made none."""
    return rule_at(list_points_rules(), at)


def list_points_rules() -> list[PointsRule]:
    """Return every version, the newest first; the last is version 0."""
    return [*PointsRule.objects.order_by("-valid_from"), _first_rule()]


def rule_at(rules: Sequence[PointsRule], at: datetime) -> PointsRule:
    """Return which of `list_points_rules` is in force at an instant."""
    return next(rule for rule in rules if rule.valid_from <= at)


def points_for(*, spent_fen: int, points_per_yuan: int, percent: int) -> int:
    """Return the points for an amount; a part of a point is not given."""
    return spent_fen * points_per_yuan * percent // (FEN_PER_YUAN * HUNDRED_PERCENT)


def bonus_for(*, points: int, rule: PointsRule) -> int:
    """Return the bonus in fen for points; a part of a fen is not given."""
    return points * FEN_PER_YUAN // rule.points_per_bonus_yuan


def points_expire_at(month: Month, *, lifetime_months: int) -> datetime:
    """Return the first instant at which points of a month are worth nothing: the end of the month so much later."""
    years, months = divmod(month.month - 1 + lifetime_months, 12)
    return Month(month.year + years, months + 1).ends_at


def _first_rule() -> PointsRule:
    return PointsRule(
        version=0,
        valid_from=datetime.min.replace(tzinfo=UTC),
        points_per_yuan=settings.POINTS_PER_YUAN,
        star_percents=settings.POINTS_STAR_PERCENTS,
        lifetime_months=settings.POINTS_LIFETIME_MONTHS,
        points_per_bonus_yuan=settings.POINTS_PER_BONUS_YUAN,
        bonus_days=settings.POINTS_BONUS_DAYS,
    )
