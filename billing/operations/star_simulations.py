"""Star tables are tried out on everybody before they are in force: who would move, and how much could be owed."""

import uuid
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, StarTable
from accounts.operations.star_table_rules import StarRules
from accounts.operations.star_tables import approve_star_table, propose_star_table
from accounts.queries.star_tables import get_star_table
from billing.models import StarSimulation
from billing.queries.star_inputs import stage_star_inputs
from billing.queries.star_simulations import is_tried_out, list_unfinished_simulation_ids
from billing.task_names import SIMULATE_STARS
from kernel.clock import month_from_date, month_of
from kernel.enqueue import nudge_after_commit
from kernel.errors import DomainError

CHUNK_ACCOUNTS = 2_000
# So many accounts that would move are kept to be looked at.
EXAMPLES = 500

_FIRST = uuid.UUID(int=0)
# A star holds until its rating is too old; who was never rated has none.
_RATED = """
    SELECT rated.account_id, before.star AS star_before, rated.star AS star_after, before.points AS points_before,
           rated.points AS points_after, coalesce(before.overdraft_fen, 0) AS overdraft_before,
           rated.overdraft_fen AS overdraft_after,
           greatest(
               greatest(-wallet.cash_fen, wallet.held_fen - wallet.cash_fen - wallet.bonus_fen, 0)
               - rated.overdraft_fen, 0
           ) AS used_beyond
      FROM accounts_rate_stars(%(table)s) AS rated
      JOIN billing_wallet AS wallet ON wallet.account_id = rated.account_id
      LEFT JOIN LATERAL (
          SELECT newest.star, newest.points, newest.overdraft_fen
            FROM (
                SELECT star, points, overdraft_fen, valid_until
                  FROM accounts_star_rating AS rating
                 WHERE rating.account_id = rated.account_id AND rating.period_date <= %(period)s
                 ORDER BY rating.period_date DESC
                 LIMIT 1
            ) AS newest
           WHERE newest.valid_until > %(period)s
      ) AS before ON true
"""
_MOVES = f"""
    SELECT star_before, star_after, count(*), sum(overdraft_before)::bigint, sum(overdraft_after)::bigint,
           sum(used_beyond)::bigint
      FROM ({_RATED}) AS tried
     GROUP BY star_before, star_after
"""  # noqa: S608 (our own text)
_EXAMPLES = f"""
    SELECT account_id::text, star_before, star_after, points_before, points_after, overdraft_before, overdraft_after
      FROM ({_RATED}) AS tried
     WHERE star_before IS DISTINCT FROM star_after
     ORDER BY account_id
     LIMIT %(limit)s
"""  # noqa: S608 (our own text)


class NotTriedOut(DomainError):
    """Nobody knows yet what the table would do."""

    code = "NOT_TRIED_OUT"
    message = _("This table was not tried out to the end yet.")
    cure = _("Wait for its trial, and look at what it says.")
    http_status = 409


def propose_star_table_with_trial(
    *, rules: StarRules, words: str, request_key: str, proposed_by: int, now: datetime
) -> StarTable:
    """Write down a table that somebody else is to check, and have it tried out.

    :param words: why; 200 characters at most.
    :param request_key: made once per form; sent twice it is one proposal.
    :param proposed_by: id of the member of staff.
    :raises StarTableWrong: it would not give each account one rating.
    :raises StarTableTooLate: its first month has begun.
    """
    with transaction.atomic():
        table = propose_star_table(rules=rules, words=words, request_key=request_key, proposed_by=proposed_by, now=now)
        if not StarSimulation.objects.filter(table_id=table.id).exists():
            start_star_simulation(table_id=table.id, asked_by=proposed_by, now=now)
    return table


def approve_tried_star_table(*, table_id: uuid.UUID, checked_by: int, now: datetime) -> StarTable:
    """Put a proposed table in force from its first month on, once it was tried out.

    :param checked_by: id of another member of staff than the one who proposed it.
    :raises NotTriedOut: no trial of it came to its end.
    :raises SecondPersonNeeded: it is the same person.
    :raises StarTableTooLate: its first month has begun meanwhile.
    :raises StarTableDecided: it was approved or refused before.
    :raises NotFound: there is no such table.
    """
    get_star_table(table_id)
    if not is_tried_out(table_id):
        raise NotTriedOut
    return approve_star_table(table_id=table_id, checked_by=checked_by, now=now)


def start_star_simulation(*, table_id: uuid.UUID, asked_by: int, now: datetime) -> StarSimulation:
    """Have a table tried out on everybody as they stood at the beginning of this month; a worker does it.

    :param asked_by: id of the member of staff.
    :raises NotFound: there is no such table.
    """
    simulation = StarSimulation.objects.create(
        table=get_star_table(table_id),
        period_date=month_of(now).first_date,
        asked_by=asked_by,
        asked_at=now,
    )
    nudge_after_commit(SIMULATE_STARS)
    return simulation


def run_star_simulations(*, now: datetime, chunk_accounts: int = CHUNK_ACCOUNTS) -> int:
    """Carry out the trials that wait. Each chunk is committed by itself, so one that was cut off goes on.

    :param chunk_accounts: accounts in one transaction.
    :return: how many trials were looked at.
    """
    waiting = list_unfinished_simulation_ids(limit=10)
    for simulation_id in waiting:
        while _try_chunk(simulation_id, chunk_accounts, now):
            pass
    return len(waiting)


def _try_chunk(simulation_id: uuid.UUID, chunk_accounts: int, now: datetime) -> bool:
    """Rate the next accounts and write no rating; return whether there is more to do."""
    with transaction.atomic():
        trial = StarSimulation.objects.select_for_update(no_key=True, of=("self",)).get(id=simulation_id)
        if trial.finished_at:
            return False
        month = month_from_date(trial.period_date)
        accounts = Account.objects.filter(id__gt=trial.done_through or _FIRST, created_at__lt=month.starts_at)
        chunk = list(accounts.order_by("id").values_list("id", flat=True)[:chunk_accounts])
        if chunk:
            stage_star_inputs(account_ids=chunk, month=month, table=trial.table)
            _add(trial)
            trial.done_through = chunk[-1]
        else:
            trial.finished_at = now
        trial.save(update_fields=["done_through", "accounts", "moves", "examples", "finished_at"])
    return bool(chunk)


def _add(trial: StarSimulation) -> None:
    values: dict[str, Any] = {
        "table": trial.table_id,
        "period": trial.period_date,
        "limit": EXAMPLES - len(trial.examples),
    }
    sums: dict[tuple[int | None, int | None], list[int]] = {
        (before, after): counts for before, after, *counts in trial.moves
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, values)
        for before, after, *counts in cursor.fetchall():
            earlier = sums.get((before, after), [0] * len(counts))
            sums[before, after] = [old + new for old, new in zip(earlier, counts, strict=True)]
            trial.accounts += counts[0]
        trial.moves = [[before, after, *counts] for (before, after), counts in sums.items()]
        if values["limit"]:
            cursor.execute(_EXAMPLES, values)
            trial.examples += [list(row) for row in cursor.fetchall()]
