"""Our books of a day held against a payment provider's file (对账): what one side has and the other has not."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateways.base import Movement, StatementLine
from billing.gateways.registry import get_provider
from billing.models import DifferenceKind, Reconciliation, ReconciliationDifference
from billing.queries.movements import OurMovement, find_movements, list_movements
from kernel.clock import SHANGHAI
from kernel.errors import DomainError

_AT_ONCE = 1_000
_DONE_STATE = "SUCCEEDED"


class DayNotOver(DomainError):
    """The provider's file of a day is complete only after it."""

    code = "DAY_NOT_OVER"
    message = _("This day is not over yet.")
    cure = _("Reconcile it tomorrow.")


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both books by movement and number."""

    ours: dict[tuple[Movement, str], OurMovement]
    theirs: dict[tuple[Movement, str], StatementLine]
    repeated: Counter[tuple[Movement, str]]


def reconcile_payments(*, provider: str, day: date, content: bytes, file_name: str, now: datetime) -> Reconciliation:
    """Compare what was paid and given back through a provider on a day with its file of that day, and keep the report.

    A day is one in Asia/Shanghai by the provider's clock. The same books and the same file give the same report;
    running it again replaces the one that was there.

    :param provider: name of the provider in use.
    :param content: the file as it was downloaded; `file_name` is kept for whoever asks later.
    :return: the report, with its differences.
    :raises NotFound: the provider is not the one in use.
    :raises DayNotOver: the day has not ended.
    :raises StatementUnreadable: the file is none of this provider and merchant.
    """
    starts_at = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    ends_at = starts_at + timedelta(days=1)
    lines = get_provider(provider).read_statement(content=content)
    if now < ends_at:
        raise DayNotOver
    sides = _gather(provider, starts_at, ends_at, lines)
    differences = sorted(_compare(sides), key=lambda found: (found.kind, found.movement, found.number))
    with transaction.atomic():
        Reconciliation.objects.filter(provider=provider, day_date=day).delete()
        report = Reconciliation.objects.create(
            provider=provider,
            day_date=day,
            made_at=now,
            file_name=file_name,
            file_sha256=hashlib.sha256(content).hexdigest(),
            our_count=len(sides.ours),
            our_fen=sum(_signed(key[0], our.amount_fen) for key, our in sides.ours.items()),
            their_count=len(lines),
            their_fen=sum(_signed(line.movement, line.amount_fen) for line in lines),
            difference_count=len(differences),
        )
        for position, difference in enumerate(differences, start=1):
            difference.reconciliation, difference.position = report, position
        ReconciliationDifference.objects.bulk_create(differences, batch_size=_AT_ONCE)
    return report


def _gather(provider: str, starts_at: datetime, ends_at: datetime, lines: Sequence[StatementLine]) -> _Sides:
    return _Sides(
        ours={
            (our.movement, our.number): our for our in list_movements(provider, starts_at=starts_at, ends_at=ends_at)
        },
        theirs={(line.movement, line.number): line for line in reversed(lines)},
        repeated=Counter((line.movement, line.number) for line in lines),
    )


def _compare(sides: _Sides) -> Iterator[ReconciliationDifference]:
    for key, our in sides.ours.items():
        if key not in sides.theirs:
            yield _difference(DifferenceKind.MISSING_THERE, key, our, None)
    # What the file names and our day does not: of another day by our books, not finished, or not ours at all.
    elsewhere = _find([key for key in sides.theirs if key not in sides.ours])
    for key, their in sides.theirs.items():
        our_side = sides.ours.get(key) or elsewhere.get(key)
        if our_side is None:
            yield _difference(DifferenceKind.MISSING_HERE, key, None, their)
        elif our_side.state != _DONE_STATE:
            yield _difference(DifferenceKind.STATE_DIFFERS, key, our_side, their)
        elif our_side.amount_fen != their.amount_fen:
            yield _difference(DifferenceKind.AMOUNT_DIFFERS, key, our_side, their)
        elif key not in sides.ours:
            yield _difference(DifferenceKind.DAY_DIFFERS, key, our_side, their)
        if sides.repeated[key] > 1:
            yield _difference(DifferenceKind.REPEATED_THERE, key, our_side, their)


def _find(keys: Sequence[tuple[Movement, str]]) -> dict[tuple[Movement, str], OurMovement]:
    found: dict[tuple[Movement, str], OurMovement] = {}
    for movement in Movement:
        numbers = [number for of, number in keys if of is movement]
        for start in range(0, len(numbers), _AT_ONCE):
            for our in find_movements(movement, numbers[start : start + _AT_ONCE]):
                found[our.movement, our.number] = our
    return found


def _difference(
    kind: DifferenceKind, key: tuple[Movement, str], our: OurMovement | None, their: StatementLine | None
) -> ReconciliationDifference:
    movement, number = key
    return ReconciliationDifference(
        kind=kind,
        movement=movement,
        number=number[:64],
        provider_number=(their.provider_number if their else our.provider_number if our else "")[:64],
        account_id=our.account_id if our else None,
        our_fen=our.amount_fen if our else None,
        their_fen=their.amount_fen if their else None,
        our_state=our.state if our else "",
    )


def _signed(movement: Movement, amount_fen: int) -> int:
    return amount_fen if movement is Movement.PAYMENT else -amount_fen
