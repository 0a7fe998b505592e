"""Where points move: the only writer of purses, lots and entries of points. Behind it stands billing/sql/points.sql."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import PointsCounterpart
from billing.operations.ledger import IdempotencyConflict
from kernel.errors import DomainError

_EARN = "SELECT billing_earn_points(%s::uuid[], %s::uuid[], %s, %s, %s, %s, %s::date[], %s::timestamptz[], %s)"
_TAKE = "SELECT * FROM billing_take_points(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_EXPIRE = "SELECT billing_expire_points(%s::uuid[], %s)"
_BRING_IN = "SELECT billing_bring_in_points(%s, %s, %s, %s, %s)"
_WITH_EXPIRED_POINTS = """
    SELECT DISTINCT lot.account_id
      FROM (
          SELECT account_id FROM billing_points_lot
           WHERE left_points > 0 AND expires_at <= %s
           ORDER BY expires_at
           LIMIT %s
      ) AS lot
"""


class InsufficientPoints(DomainError):
    """The account has fewer points than that."""

    code = "INSUFFICIENT_POINTS"
    message = _("You do not have so many points.")
    cure = _("Choose less.")
    http_status = 409
    field = "points"


_REFUSALS: dict[str, type[DomainError]] = {"PT001": IdempotencyConflict, "PT002": InsufficientPoints}


@dataclass(frozen=True, slots=True)
class EarnedPoints:
    """Points for one charge; the fields are columns of its entry and of the lot they go to."""

    account_id: uuid.UUID
    reason_id: uuid.UUID
    points: int
    base_fen: int
    points_per_yuan: int
    percent: int
    earned_date: date
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PointsTaken:
    """How many points were taken, and how many are left. `repeated`: the key was known, and nothing moved this time."""

    points: int
    left: int
    repeated: bool


def post_earned_points(*, earned: list[EarnedPoints], now: datetime) -> int:
    """Post points for charges that wait for theirs, each once, in the caller's transaction.

    :param earned: of charges in `PointsDue`; those with no points only stop waiting.
    :return: how many earned something.
    """
    columns = zip(
        *(
            (
                *(row.account_id, row.reason_id, row.points, row.base_fen, row.points_per_yuan, row.percent),
                *(row.earned_date, row.expires_at),
            )
            for row in earned
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_EARN, [*map(list, columns), now])
        return int(cursor.fetchone()[0])


def take_points(
    *,
    account_id: uuid.UUID,
    points: int,
    posting_key: str,
    counterpart: PointsCounterpart,
    reason_id: uuid.UUID,
    now: datetime,
    at_most: bool = False,
    base_fen: int = 0,
    points_per_yuan: int = 0,
    percent: int = 0,
) -> PointsTaken:
    """Take points away, of those earned first, once per key, in the caller's transaction. Expired ones do not count.

    :param points: more than none.
    :param posting_key: names the reason, such as "exchange:<id>"; unique per account, 120 characters at most.
    :param at_most: take what is there instead of refusing.
    :param base_fen: with `points_per_yuan` and `percent` how the number came about, for a correction.
    :raises InsufficientPoints: there are fewer. As with money the refusal spoils the transaction it happens in.
    :raises IdempotencyConflict: the key was used before with other data.
    """
    if points <= 0:
        raise ValueError("taking points takes some")
    values: list[Any] = [
        account_id,
        points,
        posting_key,
        counterpart,
        reason_id,
        at_most,
        base_fen,
        points_per_yuan,
        percent,
        now,
    ]
    with points_refusals(), connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return PointsTaken(*cursor.fetchone())


def expire_points(*, now: datetime, limit: int = 1_000) -> int:
    """Take points that were not used in time out of the purses, each lot once; a chunk is committed by itself.

    Whoever takes points of an account does the same for it first, and no page shows them: nothing waits for this.

    :param limit: lots in one chunk, roughly.
    :return: how many lots have gone.
    """
    gone = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WITH_EXPIRED_POINTS, [now, limit])
            account_ids = [account_id for (account_id,) in cursor.fetchall()]
            if not account_ids:
                return gone
            cursor.execute(_EXPIRE, [account_ids, now])
            gone += cursor.fetchone()[0]


def bring_in_points(
    *, account_id: uuid.UUID, points: int, earned_date: date, expires_at: datetime, now: datetime
) -> bool:
    """Bring in what a customer of another system earned there in a month, once per month.

    :param earned_date: first day of the month.
    :param expires_at: until when they can be used.
    :return: whether they came in now.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BRING_IN, [account_id, points, earned_date, expires_at, now])
        return bool(cursor.fetchone()[0])


@contextmanager
def points_refusals() -> Iterator[None]:
    """Turn the refusals of the SQL functions into errors."""
    try:
        yield
    except DatabaseError as error:
        refusal = _REFUSALS.get(getattr(error.__cause__, "pgcode", None) or "")
        if refusal is None:
            raise
        raise refusal from error
