"""What a clerk types into the desk's one search box, and whom it leads to."""

import contextlib
import uuid

from accounts.models import Line
from accounts.queries.line_history import list_lines_of_account, list_lines_of_number
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.phone import NumberInvalid, parse_msisdn
from packages_app.queries.orders import get_order


def find_lines(words: str) -> list[Line]:
    """Return the lines that words name: a phone number in any usual spelling, the number of an order or of anything
    else that stands in a customer's addresses, or an account id. The likeliest first; none if they name nobody.
    """
    term = words.strip()
    with contextlib.suppress(NumberInvalid):
        return list_lines_of_number(parse_msisdn(term))
    with contextlib.suppress(ValueError):
        return _lines_of_row(PublicId.parse(term))
    with contextlib.suppress(ValueError):
        return list_lines_of_account(uuid.UUID(term))
    return []


def _lines_of_row(row: PublicId) -> list[Line]:
    """Return the line that ordered, where it is an order; else the lines of the account."""
    lines = list_lines_of_account(row.account_id)
    with contextlib.suppress(NotFound):
        order = get_order(row.account_id, row.row_id)
        return [line for line in lines if line.id == order.line_id]
    return lines
