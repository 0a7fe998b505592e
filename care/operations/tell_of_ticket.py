"""Tells the customer by text what became of a ticket."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.queries.lines import get_line, list_first_lines
from care.models import Ticket, TicketState
from care.texts import (
    TICKET_ANSWERED,
    TICKET_ENDED,
    TICKET_OPENED,
    TICKET_RESOLVED,
    TICKET_WAITS,
    end_state_words,
    kind_words,
)
from kernel.errors import NotFound
from messaging.operations.queue_sms import queue_sms
from messaging.texts import SmsTemplate, day_words, instant_words

_BY_STATE = {
    TicketState.PENDING: TICKET_WAITS,
    TicketState.RESOLVED: TICKET_RESOLVED,
    TicketState.CLOSED: TICKET_ENDED,
    TicketState.REJECTED: TICKET_ENDED,
    TicketState.CANCELLED: TICKET_ENDED,
}


def tell_opened(*, ticket: Ticket, now: datetime) -> None:
    """Tell number and promised time of a new ticket."""
    _tell(ticket, TICKET_OPENED, "opened", now)


def tell_answered(*, ticket: Ticket, entry: int, now: datetime) -> None:
    """Tell that there is an answer.

    :param entry: number of the answer in the ticket: one text each.
    """
    _tell(ticket, TICKET_ANSWERED, f"entry:{entry}", now)


def tell_state(*, ticket: Ticket, entry: int, now: datetime) -> None:
    """Tell of a state in which the customer is asked for something, or which is the end; the others need no text."""
    template = _BY_STATE.get(TicketState(ticket.state))
    if template is not None:
        _tell(ticket, template, f"entry:{entry}", now)


def _tell(ticket: Ticket, template: SmsTemplate, what: str, now: datetime) -> None:
    line = _line_to_tell(ticket.account_id, ticket.line_id)
    if line is None:
        return
    msisdn, language = line
    closes_at = ticket.state_at + timedelta(days=settings.TICKET_CLOSE_AFTER_DAYS)
    queue_sms(
        account_id=ticket.account_id,
        msisdn=msisdn,
        template=template,
        language=language,
        values={
            "number": ticket.number,
            "kind": kind_words(language, ticket.kind),
            "state": end_state_words(language, ticket.state),
            "deadline": instant_words(language, ticket.answer_due_at),
            "day": day_words(language, closes_at),
            "page": settings.PUBLIC_URL + reverse("care:tickets"),
            "service_number": settings.SERVICE_NUMBER,
        },
        dedup_key=f"ticket:{ticket.id}:{what}",
        now=now,
    )


def _line_to_tell(account_id: uuid.UUID, line_id: uuid.UUID | None) -> tuple[str, str] | None:
    """Return number and language of the ticket's line, of the account's first where that is gone, None without any."""
    if line_id is not None:
        try:
            line = get_line(account_id=account_id, line_id=line_id)
        except NotFound:
            pass
        else:
            return line.msisdn, line.language
    return next(((msisdn, language) for _account, msisdn, language in list_first_lines([account_id])), None)
