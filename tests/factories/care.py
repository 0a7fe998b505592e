"""Tickets and sites, made through the operations that make real ones."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import Line
from care.models import AboutKind, EntryAuthor, Site, Ticket, TicketKind
from care.operations.keep_sites import add_site
from care.operations.open_ticket import TicketWish, open_ticket
from care.operations.ticket_steps import Author
from kernel.channel import Channel
from kernel.ids import uuid7
from tests.factories.billing import NOW

CUSTOMER = Author(EntryAuthor.LINE, Channel.WEB)


def make_ticket(
    line: Line,
    *,
    kind: TicketKind = TicketKind.COMPLAINT,
    words: str = "charged twice",
    about: tuple[AboutKind, uuid.UUID] | None = None,
    author: Author = CUSTOMER,
    request_key: str = "",
    now: datetime = NOW,
) -> Ticket:
    """Open a ticket about a line, as its customer does on the page unless said otherwise."""
    return open_ticket(
        account_id=line.account_id,
        wish=TicketWish(kind=kind, words=words, line_id=line.id, about=about),
        author=author,
        request_key=request_key or str(uuid7()),
        language=line.language,
        now=now,
    )


def make_site(**facts: Any) -> Site:
    """Keep an open shop in Guangzhou, which the facts may change."""
    usual = {
        "name_zh": "天河营业厅",
        "state": "ACTIVE",
        "province": "CN-GD",
        "city": "广州市",
        "district": "天河区",
        "address": "示例路1号",
        "weekday_hours": "09:00-18:00",
        "weekend_hours": "CLOSED",
        "longitude": Decimal("113.32"),
        "latitude": Decimal("23.13"),
    }
    return add_site(facts={**usual, **facts}, author="test", now=NOW)
