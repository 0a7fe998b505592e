"""How customers are rated: one person proposes a star table, another checks it, a later one takes its place."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import StarBand, StarInput, StarStep, StarTable, StarTableState
from accounts.operations.star_table_rules import Band, StarRules, require_rules_sound
from accounts.queries.star_tables import get_star_table
from kernel.clock import Month, month_of
from kernel.errors import DomainError
from kernel.ids import uuid7

_FIRST_KEY = "first-table"
_FIRST_ID = uuid.UUID("5e0b52a4-6a2e-4f0c-9c38-7c5a4c1d0e21")
# What nobody has decided otherwise. There is no official table; these figures follow the field's custom.
_FIRST_STEPS = {
    StarInput.MONTHS: [(0, 0), (6, 5), (12, 10), (24, 20), (60, 30)],
    StarInput.REAL_NAME: [(0, 0), (1, 10)],
    StarInput.SPEND: [(0, 0), (30_00, 5), (58_00, 10), (88_00, 15), (128_00, 20), (188_00, 30)],
    StarInput.LATE: [(0, 20), (1, 10), (2, 0)],
    StarInput.SUSPENSIONS: [(0, 10), (1, 5), (2, 0)],
}
_FIRST_BANDS = [Band(0, 0), Band(45, 20_00), Band(60, 50_00), Band(75, 100_00), Band(90, 200_00)]
_FIRST_MONTH = Month(2000, 1)


class SecondPersonNeeded(DomainError):
    """Who proposed a table cannot check it."""

    code = "SECOND_PERSON_NEEDED"
    message = _("You proposed this table yourself.")
    cure = _("Ask a colleague to check it.")
    http_status = 403


class StarTableDecided(DomainError):
    """Somebody has approved or refused it."""

    code = "STAR_TABLE_DECIDED"
    message = _("This table was decided already.")
    http_status = 409


class StarTableTooLate(DomainError):
    """The month from which it should hold has begun: its ratings are being made by another table."""

    code = "STAR_TABLE_TOO_LATE"
    message = _("Its first month has begun already.")
    cure = _("Propose it from a later month on.")
    http_status = 409
    field = "first_month"


def ensure_first_star_table(*, now: datetime) -> None:
    """Give a house that has none the table that the software comes with. Staff set their own after it."""
    if StarTable.objects.exists():
        return
    rules = StarRules(_FIRST_MONTH, 6, 6, 12, _FIRST_STEPS, _FIRST_BANDS)
    _write(rules, "", _FIRST_KEY, None, StarTableState.APPROVED, now, table_id=_FIRST_ID)


def propose_star_table(*, rules: StarRules, words: str, request_key: str, proposed_by: int, now: datetime) -> StarTable:
    """Write down a table that somebody else is to check. It rates nobody yet.

    :param words: why, for the one who checks it; 200 characters at most.
    :param request_key: made once per form; sent twice it is one proposal. 40 characters at most.
    :param proposed_by: id of the member of staff.
    :raises StarTableWrong: it would not give each account one rating.
    :raises StarTableTooLate: its first month has begun.
    """
    require_rules_sound(rules=rules)
    _require_not_begun(rules.first_month, now)
    return _write(rules, words, request_key, proposed_by, StarTableState.PROPOSED, now)


def approve_star_table(*, table_id: uuid.UUID, checked_by: int, now: datetime) -> StarTable:
    """Put a proposed table in force from its first month on.

    :param checked_by: id of another member of staff than the one who proposed it.
    :raises SecondPersonNeeded: it is the same person.
    :raises StarTableTooLate: its first month has begun meanwhile.
    :raises StarTableDecided: it was approved or refused before.
    :raises NotFound: there is no such table.
    """
    _require_not_begun(get_star_table(table_id).first_month, now)
    return _decide(table_id, StarTableState.APPROVED, checked_by, "", now)


def refuse_star_table(*, table_id: uuid.UUID, checked_by: int, refusal: str, now: datetime) -> StarTable:
    """Turn a proposed table down. It stays to be seen, and rates nobody.

    :param checked_by: id of another member of staff than the one who proposed it.
    :param refusal: why, for the one who proposed it; 200 characters at most.
    :raises SecondPersonNeeded: it is the same person.
    :raises StarTableDecided: it was approved or refused before.
    :raises NotFound: there is no such table.
    """
    return _decide(table_id, StarTableState.REFUSED, checked_by, refusal, now)


def _require_not_begun(month: Month, now: datetime) -> None:
    if month <= month_of(now):
        raise StarTableTooLate


def _write(
    rules: StarRules,
    words: str,
    request_key: str,
    proposed_by: int | None,
    state: StarTableState,
    now: datetime,
    *,
    table_id: uuid.UUID | None = None,
) -> StarTable:
    with transaction.atomic():
        table, made = StarTable.objects.get_or_create(
            request_key=request_key,
            defaults={
                "id": table_id or uuid7(),
                "valid_from": rules.first_month.first_date,
                "minimum_months": rules.minimum_months,
                "looks_back_months": rules.looks_back_months,
                "valid_months": rules.valid_months,
                "words": words,
                "state": state,
                "proposed_by": proposed_by,
                "proposed_at": now,
                "checked_at": now if state == StarTableState.APPROVED else None,
            },
        )
        if made:
            StarStep.objects.bulk_create(
                StarStep(table=table, input=name, at_least=at_least, points=points)
                for name, steps in rules.steps.items()
                for at_least, points in steps
            )
            StarBand.objects.bulk_create(
                StarBand(table=table, star=star, least_points=band.least_points, overdraft_fen=band.overdraft_fen)
                for star, band in enumerate(rules.bands, start=1)
            )
    return table


def _decide(table_id: uuid.UUID, state: StarTableState, checked_by: int, refusal: str, now: datetime) -> StarTable:
    """Take the decision if it is still open: one guarded update, of many checkers one gets the row."""
    if get_star_table(table_id).proposed_by == checked_by:
        raise SecondPersonNeeded
    waiting = StarTable.objects.filter(id=table_id, state=StarTableState.PROPOSED)
    if not waiting.update(state=state, checked_by=checked_by, checked_at=now, refusal=refusal):
        raise StarTableDecided
    return get_star_table(table_id)
