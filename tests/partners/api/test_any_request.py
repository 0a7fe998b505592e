"""Requests made up at random at the doors that belong to a partner alone: of hubs, those of one API stand for all."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings

from partners.operations.queue_hub_events import NewEvent, queue_hub_events
from partners.operations.top_up_statements import make_due_statements
from tests.factories.billing import NOW, make_line
from tests.factories.partners import PREPAY, make_hub, make_partner
from tests.rest.documents import undocumented
from tests.rest.test_any_request import EXAMPLES, LONG_EXAMPLES, schema, send, undone

HUB, DELIVERY = f"{PREPAY}/hub", "/tmf-api/event/v4/eventDelivery"
STATEMENT = "/tmf-api/settlement/v1/topupStatement"
OPERATIONS = [
    *(("GET", HUB), ("POST", HUB), ("GET", f"{HUB}/{{id}}"), ("DELETE", f"{HUB}/{{id}}")),
    *(("GET", DELIVERY), ("GET", f"{DELIVERY}/{{id}}"), ("PATCH", f"{DELIVERY}/{{id}}")),
    *(("GET", STATEMENT), ("GET", f"{STATEMENT}/{{id}}"), ("PATCH", f"{STATEMENT}/{{id}}")),
]


def nowhere(*_host: Any, **_options: Any) -> Any:
    raise socket.gaierror


@pytest.fixture(autouse=True)
def _at_noon_without_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("partners.gateways.callback_address.socket.getaddrinfo", nowhere)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: value.rpartition("/tmf-api/")[2])
def test_any_request_is_answered_as_documented(method: str, path: str, long_run: bool) -> None:
    partner = make_partner(make_line(), calls_per_minute=1_000_000)
    hub = make_hub(partner)
    event = NewEvent(
        event_id=hub.id,
        event_type="BucketCreateEvent",
        entity="bucket/1",
        account_id=None,
        occurred_at=NOW,
        rank=0,
        body=json.dumps({"eventId": "1"}),
    )
    queue_hub_events(hub=hub, events=[event], now=NOW)
    make_due_statements(now=NOW + timedelta(days=1))

    @settings(
        max_examples=LONG_EXAMPLES if long_run else EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema()[path][method].as_strategy())
    def answered(case: Any) -> None:
        with undone():
            response = send(case, partner)
            assert response.status_code < 500, (response.status_code, case.query, case.body)
            assert undocumented(method, path, response) == []

    answered()
