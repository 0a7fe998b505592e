"""A partner system at the door of the started hall: what it may do, what it may not, and one key sent many times."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import requests
from pytest_django import DjangoDbBlocker

from accounts.operations.grant_partner import grant_partner_account
from accounts.queries.lines import get_line_by_msisdn
from kernel.clock import now
from kernel.phone import parse_msisdn
from tests.hall_records import open_records
from tests.halls import StartedHall

PREPAY = "/tmf-api/prepayBalanceManagement/v4"
THEIRS = "13800138001"
NOT_THEIRS = "13800138002"


class PartnerSystem:
    """Calls the hall as the client "shop", which may see the account of one number."""

    def __init__(self, hall: StartedHall, secret: str, scope: str) -> None:
        self.base_url = hall.base_url
        answer = requests.post(
            f"{hall.base_url}/oauth/token/",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=("shop", secret),
            timeout=10,
        )
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}", "Accept-Language": "en"}

    def get(self, resource: str, **parameters: str) -> requests.Response:
        return requests.get(f"{self.base_url}{PREPAY}/{resource}", parameters, headers=self.headers, timeout=10)

    def top_up(self, number: str, key: str, **changes: Any) -> requests.Response:
        body = {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": number}}
        request: dict[str, Any] = {"json": body} | changes
        headers = self.headers | {"Idempotency-Key": key} | request.pop("headers", {})
        return requests.post(f"{self.base_url}{PREPAY}/topupBalance", headers=headers, timeout=30, **request)

    def balance(self) -> Decimal:
        [wallet] = self.get("bucket", usageType="monetary").json()
        return Decimal(str(wallet["remainingValue"]["amount"]))


@pytest.fixture(scope="module")
def secret(hall: StartedHall, django_db_blocker: DjangoDbBlocker) -> str:
    said = hall.manage("make_partner", "shop", "balance:read", "balance:write")
    with django_db_blocker.unblock(), open_records(hall):
        account_id = get_line_by_msisdn(parse_msisdn(THEIRS)).account_id
        grant_partner_account(client_id="shop", account_id=account_id, now=now())
    found = re.search(r"client_secret: (\S+)", said)
    assert found is not None, said
    return found[1]


@pytest.fixture
def shop(hall: StartedHall, secret: str) -> PartnerSystem:
    return PartnerSystem(hall, secret, "balance:read balance:write")


class TestPartner:
    def test_sees_its_own_account_only(self, shop: PartnerSystem) -> None:
        buckets = shop.get("bucket")
        assert buckets.headers["X-Total-Count"] == str(len(buckets.json()))
        assert {bucket["logicalResource"][0]["id"] for bucket in buckets.json()} == {THEIRS}
        assert shop.get("bucket", **{"logicalResource.value": NOT_THEIRS}).json() == []

    def test_tops_up_once_however_often_it_sends(self, shop: PartnerSystem) -> None:
        before = shop.balance()
        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(lambda _time: shop.top_up(THEIRS, "order-1"), range(16)))
        assert Counter((answer.status_code, answer.content) for answer in answers) == {(201, answers[0].content): 16}
        assert shop.balance() == before + 10
        other_body = {"amount": {"amount": 11, "units": "CNY"}, "logicalResource": {"value": THEIRS}}
        refused = shop.top_up(THEIRS, "order-1", json=other_body)
        assert (refused.status_code, refused.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert shop.balance() == before + 10

    @pytest.mark.parametrize(
        ("number", "changes", "status", "code"),
        [
            pytest.param(NOT_THEIRS, {}, 404, "NUMBER_UNKNOWN", id="somebody else's number"),
            pytest.param(THEIRS, {"json": None, "data": b'{"amount": '}, 415, "MEDIA_TYPE_NOT_SUPPORTED", id="no type"),
            pytest.param(
                THEIRS,
                {"json": None, "data": b'{"amount": ', "headers": {"Content-Type": "application/json"}},
                400,
                "BODY_INVALID",
                id="broken JSON",
            ),
            pytest.param(
                THEIRS,
                {"json": None, "data": b" " * 2_000_000, "headers": {"Content-Type": "application/json"}},
                400,
                "BODY_INVALID",
                id="a huge body",
            ),
            pytest.param(THEIRS, {"headers": {"Idempotency-Key": None}}, 400, "IDEMPOTENCY_KEY_MISSING", id="no key"),
            pytest.param(THEIRS, {"headers": {"Authorization": None}}, 401, "TOKEN_MISSING", id="no token"),
            pytest.param(THEIRS, {"headers": {"Authorization": "Bearer x"}}, 401, "TOKEN_INVALID", id="wrong token"),
        ],
    )
    def test_is_refused_and_nothing_moves(
        self, shop: PartnerSystem, number: str, changes: dict[str, Any], status: int, code: str
    ) -> None:
        before = shop.balance()
        refused = shop.top_up(number, "order-2", **changes)
        assert (refused.status_code, refused.json()["code"], refused.json()["status"]) == (status, code, str(status))
        assert shop.balance() == before

    def test_needs_the_scope(self, hall: StartedHall, secret: str, shop: PartnerSystem) -> None:
        before = shop.balance()
        reader = PartnerSystem(hall, secret, "balance:read")
        refused = reader.top_up(THEIRS, "order-3")
        assert (refused.status_code, refused.json()["code"]) == (403, "SCOPE_MISSING")
        assert shop.balance() == before

    def test_finds_the_documentation(self, hall: StartedHall) -> None:
        pages = [requests.get(f"{hall.base_url}{path}", timeout=10) for path in ("/api/docs/", "/api/schema/")]
        assert [page.status_code for page in pages] == [200, 200]
