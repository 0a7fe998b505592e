"""What hubs of partners are told of tickets."""

from datetime import timedelta
from typing import Any

import pytest

from care.operations.ticket_desk import note_for_staff, resolve_ticket
from care.operations.ticket_wishes import add_words
from partners.api.event_feed import gather_events
from partners.models import HubEvent
from tests.factories.billing import NOW, make_line
from tests.factories.care import CUSTOMER, make_ticket
from tests.factories.partners import make_hub, make_partner

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_tell_of_its_beginning_what_was_said_and_each_step_and_of_no_internal_note() -> None:
    line = make_line()
    hub = make_hub(make_partner(line), api="trouble-ticket")
    ticket = make_ticket(line)
    make_ticket(make_line())
    key: Any = {"account_id": ticket.account_id, "ticket_id": ticket.id}
    add_words(**key, words="more", author=CUSTOMER, now=NOW + MINUTE)
    note_for_staff(**key, words="ours", staff_id=1, now=NOW + 2 * MINUTE)
    resolve_ticket(**key, words="done", staff_id=1, now=NOW + 3 * MINUTE)
    assert gather_events(hub=hub, now=NOW + 5 * MINUTE) == 4
    events = HubEvent.objects.order_by("occurred_at", "rank", "id")
    assert [event.event_type.removeprefix("TroubleTicket").removesuffix("Event") for event in events] == [
        *("Create", "AttributeValueChange", "StatusChange", "StatusChange")
    ]
    assert len({event.entity for event in events}) == 1
    assert gather_events(hub=hub, now=NOW + 6 * MINUTE) == 0
