"""Reads star tables: which one rates a month, and what it says."""

import uuid
from collections.abc import Mapping, Sequence

from accounts.models import StarBand, StarInput, StarStep, StarTable, StarTableState
from kernel.clock import Month
from kernel.errors import NotFound


def get_star_table(table_id: uuid.UUID) -> StarTable:
    """Return a table, whatever became of it.

    :raises NotFound: there is none.
    """
    table = StarTable.objects.filter(id=table_id).first()
    if table is None:
        raise NotFound
    return table


def get_star_table_of(month: Month) -> StarTable:
    """Return the table in force in a month: of those that hold from then or before the latest, the last approved.

    :raises NotFound: none is in force.
    """
    approved = StarTable.objects.filter(state=StarTableState.APPROVED, valid_from__lte=month.first_date)
    table = approved.order_by("-valid_from", "-checked_at").first()
    if table is None:
        raise NotFound
    return table


def list_steps(table_id: uuid.UUID) -> Mapping[StarInput, Sequence[StarStep]]:
    """Return the steps of a table for each input, the lowest first."""
    steps: dict[StarInput, list[StarStep]] = {name: [] for name in StarInput}
    for step in StarStep.objects.filter(table_id=table_id).order_by("input", "at_least"):
        steps[StarInput(step.input)].append(step)
    return steps


def list_bands(table_id: uuid.UUID) -> list[StarBand]:
    """Return the bands of a table, star 1 first."""
    return list(StarBand.objects.filter(table_id=table_id).order_by("star"))
