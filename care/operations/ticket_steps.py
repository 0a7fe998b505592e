"""The one way in which a ticket gets from state to state, and each entry into its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from care.models import EntryAuthor, EntryKind, Ticket, TicketEntry, TicketState
from kernel.channel import Channel
from kernel.errors import DomainError

LONGEST_WORDS = 2000

# What can follow what, after TMF621. Closed, rejected and cancelled are the end.
FOLLOWING: Mapping[TicketState, tuple[TicketState, ...]] = {
    TicketState.ACKNOWLEDGED: (TicketState.IN_PROGRESS, TicketState.REJECTED, TicketState.CANCELLED),
    TicketState.IN_PROGRESS: (
        TicketState.PENDING,
        TicketState.HELD,
        TicketState.RESOLVED,
        TicketState.CANCELLED,
    ),
    TicketState.PENDING: (TicketState.IN_PROGRESS, TicketState.CANCELLED),
    TicketState.HELD: (TicketState.IN_PROGRESS, TicketState.CANCELLED),
    TicketState.RESOLVED: (TicketState.CLOSED, TicketState.IN_PROGRESS),
    TicketState.CLOSED: (),
    TicketState.REJECTED: (),
    TicketState.CANCELLED: (),
}
ENDS = frozenset(state for state, following in FOLLOWING.items() if not following)


class StepNotThere(DomainError):
    """A ticket cannot get from its state to the wanted one."""

    code = "TICKET_STEP_NOT_THERE"
    http_status = 409
    field = "status"

    def __init__(self, state: str, wanted: TicketState) -> None:
        names = {"state": TicketState(state).label, "wanted": wanted.label}
        super().__init__(_("The ticket is “%(state)s”: it cannot become “%(wanted)s”.") % names)


class TicketEnded(DomainError):
    """Nothing can be added to a ticket that has ended."""

    code = "TICKET_ENDED"
    message = _("This ticket has ended.")
    cure = _("Open a new one and name the number of this one.")
    http_status = 409


class WordsMissing(DomainError):
    """Nothing was said."""

    code = "WORDS_MISSING"
    message = _("Say it in a few words.")
    field = "words"


class WordsTooLong(DomainError):
    """More than a ticket keeps."""

    code = "WORDS_TOO_LONG"
    message = _("These are too many words: at most 2000 characters.")
    field = "words"


@dataclass(frozen=True, slots=True)
class Author:
    """Who says or does something about a ticket, and where.

    :ivar staff_id: of staff; `client_id` of a partner.
    """

    kind: EntryAuthor
    channel: Channel
    staff_id: int | None = None
    client_id: str = ""


def clean_words(*, words: str) -> str:
    """Return words without white space around them.

    :raises WordsMissing: nothing is left.
    :raises WordsTooLong: more than 2000 characters.
    """
    kept = words.strip()
    if not kept:
        raise WordsMissing
    if len(kept) > LONGEST_WORDS:
        raise WordsTooLong
    return kept


def write_entry(*, ticket: Ticket, kind: EntryKind, author: Author, words: str, now: datetime) -> TicketEntry:
    """Write the next entry of a locked ticket.

    :param words: cleaned; may be empty for a step.
    """
    entries = TicketEntry.objects.filter(account_id=ticket.account_id, ticket_id=ticket.id)
    last = entries.order_by("-number").values_list("number", flat=True).first() or 0
    ticket.changed_at = now
    ticket.save(update_fields=["changed_at"])
    return TicketEntry.objects.create(
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        number=last + 1,
        kind=kind,
        author=author.kind,
        staff_id=author.staff_id,
        client_id=author.client_id,
        channel=author.channel,
        state=ticket.state,
        words=words,
        at=now,
    )


def take_step(*, ticket: Ticket, state: TicketState, author: Author, words: str = "", now: datetime) -> TicketEntry:
    """Bring a locked ticket into another state, with an entry.

    :param words: why, cleaned; the customer reads them.
    :raises StepNotThere: this state does not follow the one it is in.
    """
    if state not in FOLLOWING[TicketState(ticket.state)]:
        raise StepNotThere(ticket.state, state)
    ticket.state = state
    ticket.state_at = now
    if state == TicketState.RESOLVED:
        ticket.solved_at = now
    if state in ENDS:
        ticket.ended_at = now
    ticket.save(update_fields=["state", "state_at", "solved_at", "ended_at"])
    return write_entry(ticket=ticket, kind=EntryKind.STEP, author=author, words=words, now=now)
