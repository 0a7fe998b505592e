"""Reads what star tables would do: the newest trial of a table, its sums, and its examples."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.queries.lines import list_numbers_of_accounts
from billing.models import StarSimulation
from kernel.masking import mask_msisdn


@dataclass(frozen=True, slots=True)
class Move:
    """Accounts that would go from one star to another; None is no star.

    :ivar used_beyond_fen: how much of their overdrafts is used beyond what they would have.
    """

    before: int | None
    after: int | None
    accounts: int
    overdraft_before_fen: int
    overdraft_after_fen: int
    used_beyond_fen: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a table would do in all.

    :ivar overdraft_after_fen: how much could be owed at most: the overdraft at risk.
    """

    up: int
    down: int
    same: int
    overdraft_before_fen: int
    overdraft_after_fen: int
    used_beyond_fen: int


@dataclass(frozen=True, slots=True)
class Example:
    """One account that would get another star; its numbers are masked."""

    numbers: Sequence[str]
    before: int | None
    after: int | None
    points_before: int | None
    points_after: int
    overdraft_before_fen: int
    overdraft_after_fen: int


def get_newest_simulation(table_id: uuid.UUID) -> StarSimulation | None:
    """Return the newest trial of a table, finished or not; None without one."""
    return StarSimulation.objects.filter(table_id=table_id).order_by("-asked_at", "-id").first()


def is_tried_out(table_id: uuid.UUID) -> bool:
    """Tell whether a trial of a table went through to the end."""
    return StarSimulation.objects.filter(table_id=table_id, finished_at__isnull=False).exists()


def list_unfinished_simulation_ids(limit: int) -> list[uuid.UUID]:
    """Return trials that wait for a worker, or that one died over, the oldest first."""
    waiting = StarSimulation.objects.filter(finished_at=None).order_by("asked_at")
    return list(waiting.values_list("id", flat=True)[:limit])


def list_moves(simulation: StarSimulation) -> list[Move]:
    """Return how many go from which star to which, the lowest first."""
    moves = [Move(*row) for row in simulation.moves]
    return sorted(moves, key=lambda move: (move.before or 0, move.after or 0))


def get_totals(simulation: StarSimulation) -> Totals:
    """Return the sums of a trial."""
    moves = list_moves(simulation)
    return Totals(
        up=sum(move.accounts for move in moves if (move.after or 0) > (move.before or 0)),
        down=sum(move.accounts for move in moves if (move.after or 0) < (move.before or 0)),
        same=sum(move.accounts for move in moves if (move.after or 0) == (move.before or 0)),
        overdraft_before_fen=sum(move.overdraft_before_fen for move in moves),
        overdraft_after_fen=sum(move.overdraft_after_fen for move in moves),
        used_beyond_fen=sum(move.used_beyond_fen for move in moves),
    )


def list_examples(simulation: StarSimulation, limit: int) -> list[Example]:
    """Return some of the accounts that would get another star."""
    rows = simulation.examples[:limit]
    numbers = list_numbers_of_accounts([uuid.UUID(row[0]) for row in rows])
    return [
        Example([mask_msisdn(number) for number in numbers.get(uuid.UUID(account_id), [])], *rest)
        for account_id, *rest in rows
    ]
