"""Bars, made through the operations that make real ones."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Bar, BarAuthor, BarReason, Line
from accounts.operations.barring import Author, bar_line
from kernel.channel import Channel
from tests.factories.accounts import NOON

BY_CUSTOMER = Author(BarAuthor.CUSTOMER, Channel.WEB)
BY_STAFF = Author(BarAuthor.STAFF, Channel.STORE, staff_id=7)


def make_bar(line: Line, reason: BarReason = BarReason.LOST_SIM, *, now: datetime = NOON, **changes: Any) -> Bar:
    """Bar a line; its state in memory follows."""
    arguments: dict[str, Any] = {"author": BY_CUSTOMER, **changes}
    if reason == BarReason.CUSTOMER_REQUEST:
        arguments.setdefault("until_at", now + timedelta(days=30))
    bar = bar_line(account_id=line.account_id, line_id=line.id, reason=reason, now=now, **arguments)
    line.refresh_from_db()
    return bar
