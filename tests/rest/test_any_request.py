"""Requests made up at random of what the own document allows: no fault of ours, no answer it does not name."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
import time_machine
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from kernel.rest.registry import list_resources
from tests.factories.billing import NOW, make_line
from tests.factories.partners import Partner, make_partner
from tests.rest.documents import own_document, undocumented
from tests.rest.samples import list_samples

EXAMPLES, LONG_EXAMPLES = 50, 500
# The token is the partner's own, and answers are to come as they are.
NOT_SENT = ("authorization", "user-agent", "accept-encoding")
OPERATIONS = [
    (resource.name, method, path)
    for resource in list_resources()
    for method, path, there_is in (
        ("GET", resource.path, True),
        ("POST", resource.path, resource.creation),
        ("GET", f"{resource.path}/{{id}}", True),
        ("PATCH", f"{resource.path}/{{id}}", resource.change),
        ("DELETE", f"{resource.path}/{{id}}", resource.removal),
    )
    if there_is
]


@cache
def schema() -> Any:
    return schemathesis.openapi.from_dict(own_document())


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=lambda value: value.rpartition("/tmf-api/")[2])
def test_any_request_is_answered_as_documented(name: str, method: str, path: str, long_run: bool) -> None:
    line = make_line(cash_fen=100_00)
    list_samples()[name].make(line)
    partner = make_partner(line, calls_per_minute=1_000_000)

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


class undone(transaction.Atomic):  # noqa: N801
    """Takes back what was done, so that each request meets the same hall."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        super().__exit__(*error)


def send(case: Any, partner: Partner) -> Any:
    """Send a made-up request with the partner's token."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: str(value) for name, value in (sent.get("headers") or {}).items() if str(value).isascii()}
    headers = {name: value for name, value in headers.items() if name.lower() not in NOT_SENT}
    content_type = headers.pop("Content-Type", None) or "application/json"
    body = sent.get("data") or b""
    if sent.get("json") is not None:
        body = json.dumps(sent["json"]).encode("utf-8", "surrogatepass")
    return Client(raise_request_exception=False).generic(
        sent["method"],
        sent["url"].removeprefix("http://testserver"),
        body,
        content_type=content_type,
        query_params=sent.get("params") or {},
        headers={**headers, "Authorization": f"Bearer {partner.token}"},
    )
