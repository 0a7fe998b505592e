"""The trial balance as rows of a table: the same at the desk, at the terminal, and in a file."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.queries.trial_balance import TrialBalance
from kernel.errors import Text
from kernel.money import yuan_text

COLUMNS: tuple[Text, ...] = (
    _("day"),
    _("counterpart"),
    _("money"),
    _("in (yuan)"),
    _("out (yuan)"),
    _("net (yuan)"),
    _("entries"),
)
SUM_COLUMNS: tuple[Text, ...] = (
    _("money"),
    _("opening (yuan)"),
    _("in (yuan)"),
    _("out (yuan)"),
    _("closing (yuan)"),
    _("difference (yuan)"),
)


def list_cells(balance: TrialBalance) -> Iterator[tuple[str | int | Decimal, ...]]:
    """Yield a row for each day, counterpart and kind of money; `COLUMNS` heads them."""
    for row in balance.rows:
        yield (
            row.day.isoformat(),
            str(row.counterpart_label),
            str(row.bucket.label),
            _yuan(row.in_fen),
            _yuan(row.out_fen),
            _yuan(row.net_fen),
            row.entries,
        )


def list_counterparts(balance: TrialBalance) -> Iterator[tuple[str | Decimal, ...]]:
    """Yield a row for each counterpart over all days: its name, in, out, net."""
    for counterpart, in_fen, out_fen in balance.counterparts:
        yield str(counterpart.label), _yuan(in_fen), _yuan(out_fen), _yuan(in_fen - out_fen)


def list_sums(balance: TrialBalance) -> Iterator[tuple[str | Decimal, ...]]:
    """Yield a row for each kind of money; `SUM_COLUMNS` heads them. A difference not looked at is a dash."""
    for bucket in balance.buckets:
        yield (
            str(bucket.bucket.label),
            _yuan(bucket.opening_fen),
            _yuan(bucket.in_fen),
            _yuan(bucket.out_fen),
            _yuan(bucket.closing_fen),
            "–" if bucket.difference_fen is None else _yuan(bucket.difference_fen),
        )


def _yuan(amount_fen: int) -> Decimal:
    return Decimal(yuan_text(amount_fen))
