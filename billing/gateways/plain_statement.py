"""The sandbox's file of a day: CSV in UTF-8, one movement a line, amounts in yuan."""

import csv
import io

from billing.gateways.base import Movement, StatementLine, StatementUnreadable
from kernel.money import AmountInvalid, parse_yuan

COLUMNS = ("merchant", "movement", "number", "provider_number", "amount_yuan", "at")


def read_plain_statement(content: bytes, *, merchant: str) -> list[StatementLine]:
    """Read a file of these columns.

    :raises StatementUnreadable: it is not one, or of another merchant.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        if not rows or tuple(rows[0]) != COLUMNS:
            raise StatementUnreadable
        return [_line(row, merchant) for row in rows[1:]]
    except (csv.Error, ValueError, AmountInvalid):
        raise StatementUnreadable from None


def _line(row: list[str], merchant: str) -> StatementLine:
    row_merchant, movement, number, provider_number, amount, _at = row
    if row_merchant != merchant or not number:
        raise StatementUnreadable
    return StatementLine(Movement(movement), number, provider_number, parse_yuan(amount))
