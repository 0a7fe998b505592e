"""Reads what is done about accounts that owe, and what comes next. The one ownership rule: a case is reached through
its account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from accounts.queries.holidays import Protection, get_protection
from accounts.queries.stars import get_star
from billing.models import DunningCase, DunningNote, DunningNoteKind, DunningStep

# Accounts that owe, or are being dunned, in their order.
_ACCOUNTS = """
    SELECT account_id FROM (
        (SELECT DISTINCT account_id FROM billing_charge
          WHERE settled_at IS NULL AND account_id > %(after)s
          ORDER BY account_id LIMIT %(limit)s)
        UNION
        (SELECT account_id FROM billing_dunning_case
          WHERE closed_at IS NULL AND account_id > %(after)s
          ORDER BY account_id LIMIT %(limit)s)
    ) AS found
    ORDER BY account_id
    LIMIT %(limit)s
"""
_COUNT = """
    SELECT count(*) FROM (
        SELECT account_id FROM billing_charge WHERE settled_at IS NULL
        UNION
        SELECT account_id FROM billing_dunning_case WHERE closed_at IS NULL
    ) AS found
"""
# All was paid since the step, if nothing older than what is owed now was paid later than that came to be owed.
_STANDINGS = """
    SELECT account.id, account.province, coalesce(due.owed_fen, 0)::bigint, due.since,
           wallet.cash_fen + wallet.bonus_fen + wallet.overdraft_fen - wallet.held_fen,
           dunned.id, dunned.step, dunned.step_at,
           dunned.id IS NOT NULL AND (
               due.since IS NULL OR due.since > dunned.step_at AND NOT EXISTS (
                   SELECT FROM billing_charge AS paid
                    WHERE paid.account_id = account.id AND paid.charged_at < due.since AND paid.settled_at > due.since
               )
           ),
           EXISTS (SELECT FROM accounts_line AS line WHERE line.account_id = account.id AND line.state <> 'CLOSED')
      FROM accounts_account AS account
      JOIN billing_wallet AS wallet ON wallet.account_id = account.id
      LEFT JOIN LATERAL (
          SELECT sum(amount_fen) AS owed_fen, min(charged_at) AS since
            FROM billing_charge AS charge
           WHERE charge.account_id = account.id AND charge.settled_at IS NULL
      ) AS due ON true
      LEFT JOIN billing_dunning_case AS dunned ON dunned.account_id = account.id AND dunned.closed_at IS NULL
     WHERE account.id = ANY (%s::uuid[])
     ORDER BY account.id
"""
_PAID = """
    SELECT dunned.account_id
      FROM billing_dunning_case AS dunned
      LEFT JOIN LATERAL (
          SELECT min(charged_at) AS since
            FROM billing_charge AS charge
           WHERE charge.account_id = dunned.account_id AND charge.settled_at IS NULL
      ) AS due ON true
     WHERE dunned.closed_at IS NULL
       AND (due.since IS NULL OR due.since > dunned.step_at AND NOT EXISTS (
           SELECT FROM billing_charge AS paid
            WHERE paid.account_id = dunned.account_id AND paid.charged_at < due.since AND paid.settled_at > due.since
       ))
     LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands.

    :ivar since: when the oldest of what it owes was charged.
    :ivar available_fen: what its wallet reaches for, the overdraft included.
    :ivar step: the last one taken, at `step_at`; None before the warning.
    :ivar is_paid_up: all that was owed at the step has been paid since, whatever is owed now.
    :ivar has_lines: some line of it is in use.
    """

    account_id: uuid.UUID
    province: str
    owed_fen: int
    since: datetime | None
    available_fen: int
    case_id: uuid.UUID | None
    step: str | None
    step_at: datetime | None
    is_paid_up: bool
    has_lines: bool

    @property
    def missing_fen(self) -> int:
        """How much has to come in until all that is owed is paid."""
        return max(self.owed_fen - self.available_fen, 0)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next, and not before when."""

    step: DunningStep
    at: datetime


@dataclass(frozen=True, slots=True)
class Dunning:
    """What is done about what an account owes.

    :ivar case: as it stands; None before the warning.
    :ivar next: what comes next, put off until after a holiday that protects.
    :ivar protection: the holiday that puts it off.
    :ivar notes: what was done and put off, the latest first.
    """

    standing: Standing
    case: DunningCase | None
    next: NextStep | None
    protection: Protection | None
    notes: Sequence[DunningNote]


def get_dunning(account_id: uuid.UUID, now: datetime) -> Dunning | None:
    """Return what is done about what an account owes; None when it owes nothing, or has no wallet."""
    standing = next(iter(list_standings([account_id])), None)
    if standing is None or not standing.owed_fen:
        return None
    star = get_star(account_id, now)
    upcoming = get_next_step(standing, star)
    protection = None
    if upcoming and upcoming.step in PUT_OFF_BY_HOLIDAYS:
        protection = get_protection(standing.province, star, max(upcoming.at, now))
    case = DunningCase.objects.filter(account_id=account_id, closed_at=None).first()
    notes = list(_notes(account_id).filter(case_id=case.id)[:20]) if case else []
    return Dunning(standing, case, upcoming, protection, notes)


def list_postponements(account_id: uuid.UUID, limit: int) -> list[DunningNote]:
    """Return what was put off for an account and why, the latest first: suspensions that did not happen."""
    return list(_notes(account_id).filter(kind=DunningNoteKind.POSTPONED)[:limit])


def list_notes(account_id: uuid.UUID, limit: int) -> list[DunningNote]:
    """Return everything noted about an account's dunning, the latest first."""
    return list(_notes(account_id)[:limit])


def list_accounts_to_look_at(after: uuid.UUID, limit: int) -> list[uuid.UUID]:
    """Return accounts that owe or are being dunned, beyond one, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, {"after": after, "limit": limit})
        return [account_id for (account_id,) in cursor.fetchall()]


def count_accounts_to_look_at() -> int:
    """Return how many accounts owe or are being dunned."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return int(cursor.fetchone()[0])


def list_standings(account_ids: Sequence[uuid.UUID]) -> list[Standing]:
    """Return how accounts stand, in their order; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, [list(account_ids)])
        return [Standing(*row) for row in cursor.fetchall()]


def list_paid_up_account_ids(limit: int) -> list[uuid.UUID]:
    """Return accounts that are dunned for what they have paid, for the sweeper."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [limit])
        return [account_id for (account_id,) in cursor.fetchall()]


# A holiday keeps a line from being stopped and its number from being released; warnings go out all the same.
PUT_OFF_BY_HOLIDAYS = (DunningStep.ONE_WAY, DunningStep.TWO_WAY, DunningStep.RELEASED)


def get_next_step(standing: Standing, star: int | None) -> NextStep | None:
    """Return the step after the one an account stands at, and the instant from which it is due.

    It is due when the oldest charge has been owed for the step's days or, sooner, when as much is owed as its amount;
    a good star gives more days before the first bar. Between two steps lie some days whatever happens, so that each
    is told before the next, and a clock that jumps takes one step at most.

    :return: None when nothing comes next: too little is owed, nothing is in use, or the numbers are released.
    """
    if standing.since is None or standing.owed_fen < settings.DUNNING_LEAST_FEN or not standing.has_lines:
        return None
    steps = list(DunningStep)
    place = steps.index(DunningStep(standing.step)) + 1 if standing.step else 0
    if place == len(steps) or not settings.DUNNING_DAYS.get(steps[place]):
        return None
    step = steps[place]
    amount_fen = settings.DUNNING_FEN.get(step, 0)
    by_amount = bool(amount_fen) and standing.owed_fen >= amount_fen
    star_days = settings.DUNNING_STAR_DAYS.get(star or 0, 0) if place else 0
    by_days = standing.since + timedelta(days=0 if by_amount else settings.DUNNING_DAYS[step])
    earliest = standing.since
    if standing.step and standing.step_at:
        earliest = standing.step_at + timedelta(days=get_gap(DunningStep(standing.step)))
    return NextStep(step, max(earliest, by_days + timedelta(days=star_days)))


def get_due_step(standing: Standing, now: datetime) -> DunningStep | None:
    """Return the step that is due for an account if neither its star nor a holiday puts it off."""
    upcoming = get_next_step(standing, None)
    return upcoming.step if upcoming and upcoming.at <= now else None


def get_gap(step: DunningStep) -> int:
    """Return how many days lie between a step and the next one at least."""
    steps = list(DunningStep)
    following = steps[min(steps.index(step) + 1, len(steps) - 1)]
    return int(settings.DUNNING_GAP_DAYS.get(following, settings.DUNNING_STEP_DAYS))


def _notes(account_id: uuid.UUID) -> QuerySet[DunningNote]:
    return DunningNote.objects.filter(account_id=account_id).order_by("-noted_at", "-id")
