"""Tickets, opened through the operation that opens real ones."""

import uuid
from datetime import datetime

from accounts.models import Line
from care.models import AboutKind, EntryAuthor, Ticket, TicketKind
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
