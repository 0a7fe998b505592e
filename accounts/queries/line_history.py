"""Reads lines for staff, those that are closed among them; customers meet their own by `accounts.queries.lines`."""

import uuid

from accounts.models import Line, LineState
from kernel.errors import NotFound


def get_any_line(*, account_id: uuid.UUID, line_id: uuid.UUID) -> Line:
    """Return a line of an account, closed or not, with its `account`.

    :raises NotFound: the account has no such line.
    """
    line = Line.objects.filter(account_id=account_id, id=line_id).select_related("account").first()
    if line is None:
        raise NotFound
    return line


def list_lines_of_number(msisdn: str) -> list[Line]:
    """Return the lines that have or had a number, the one in use first, then the latest."""
    lines = Line.objects.filter(msisdn=msisdn).order_by("-activated_at", "-id")
    return sorted(lines, key=lambda line: line.state == LineState.CLOSED)


def list_lines_of_account(account_id: uuid.UUID) -> list[Line]:
    """Return all lines of an account, closed ones last."""
    lines = Line.objects.filter(account_id=account_id).order_by("id")
    return sorted(lines, key=lambda line: line.state == LineState.CLOSED)
