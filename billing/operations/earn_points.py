"""Points for spending: what was charged and paid earns them, what was charged wrongly takes them back.

Whatever moves the money notes it in `PointsDue` in its own transaction; here it becomes points, soon after.
"""

import uuid
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from accounts.queries.stars import get_stars
from billing.models import (
    Adjustment,
    AdjustmentReason,
    Charge,
    PointsCounterpart,
    PointsDue,
    PointsRule,
    SpendingKind,
)
from billing.operations.points_ledger import EarnedPoints, post_earned_points, take_points
from billing.queries.points_rules import (
    HEADS_WITHOUT_POINTS,
    REASONS_WITHOUT_POINTS,
    list_points_rules,
    points_expire_at,
    points_for,
    rule_at,
)
from kernel.clock import month_of

# Corrections that say that more or less was spent than the charges do.
_SPENDING_REASONS = frozenset({AdjustmentReason.WRONG_CHARGE, AdjustmentReason.MISSING_CHARGE})

log = structlog.get_logger(__name__)


def note_correction(*, adjustment: Adjustment, now: datetime) -> None:
    """Note a posted adjustment that corrects what was spent, in its transaction; any other means nothing for points."""
    if adjustment.reason in _SPENDING_REASONS:
        PointsDue.objects.create(
            account_id=adjustment.account_id,
            reason_id=adjustment.id,
            kind=SpendingKind.ADJUSTMENT,
            spent_fen=-adjustment.amount_fen,
            settled_at=now,
        )


def earn_points(*, now: datetime, limit: int = 1_000) -> int:
    """Post the points of all spending that waits for them, a chunk in a transaction of its own.

    The rule is that of the instant of payment, the star that of now. Both are kept with the entry.

    :param limit: charges in one chunk.
    :return: how many charges and corrections were worked off.
    """
    rules, done = list_points_rules(), 0
    while due := list(PointsDue.objects.order_by("account_id", "reason_id")[:limit]):
        try:
            with transaction.atomic():
                _post(due, rules, now)
        except DatabaseError:
            # A purse that is locked for long is left to the next run.
            log.exception("points_not_posted", first_account_id=str(due[0].account_id))
            return done
        done += len(due)
    return done


def _post(due: list[PointsDue], rules: list[PointsRule], now: datetime) -> None:
    stars = get_stars({row.account_id for row in due}, now)
    without = _charges_without_points(due)
    earned: list[EarnedPoints] = []
    given_back: list[EarnedPoints] = []
    for row in due:
        rule = rule_at(rules, row.settled_at)
        percent = rule.percent_of(stars.get(row.account_id))
        month = month_of(row.settled_at)
        spent_fen = 0 if row.reason_id in without else row.spent_fen
        points = points_for(spent_fen=abs(spent_fen), points_per_yuan=rule.points_per_yuan, percent=percent)
        (given_back if spent_fen < 0 else earned).append(
            EarnedPoints(
                account_id=row.account_id,
                reason_id=row.reason_id,
                points=points,
                base_fen=spent_fen,
                points_per_yuan=rule.points_per_yuan,
                percent=percent,
                earned_date=month.first_date,
                expires_at=points_expire_at(month, lifetime_months=rule.lifetime_months),
            )
        )
    if earned:
        post_earned_points(earned=earned, now=now)
    for correction in given_back:
        _take_back(correction, now)


def _take_back(correction: EarnedPoints, now: datetime) -> None:
    """Take back what a wrong charge had earned, as far as it is there: points that were used stay used."""
    waiting = PointsDue.objects.filter(account_id=correction.account_id, reason_id=correction.reason_id)
    deleted, _rows = waiting.delete()
    if deleted and correction.points:
        take_points(
            account_id=correction.account_id,
            points=correction.points,
            posting_key=f"correction:{correction.reason_id}",
            counterpart=PointsCounterpart.CORRECTION,
            reason_id=correction.reason_id,
            at_most=True,
            base_fen=correction.base_fen,
            points_per_yuan=correction.points_per_yuan,
            percent=correction.percent,
            now=now,
        )


def _charges_without_points(due: list[PointsDue]) -> frozenset[uuid.UUID]:
    ids = [row.reason_id for row in due if row.kind == SpendingKind.CHARGE]
    charges = Charge.objects.filter(account_id__in={row.account_id for row in due}, id__in=ids)
    return frozenset(
        charge_id
        for charge_id, head, reason in charges.values_list("id", "head", "reason")
        if head in HEADS_WITHOUT_POINTS or reason in REASONS_WITHOUT_POINTS
    )
