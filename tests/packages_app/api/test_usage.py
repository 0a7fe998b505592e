import json
from typing import Any

import pytest
import time_machine

from accounts.models import Line
from kernel.models import IdempotencyRecord
from packages_app.api.usage import MOST_BYTES, PATH
from packages_app.models import UsageRecord
from tests.factories.partners import Partner, make_partner
from tests.factories.usage import MB, NOW, make_line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def network() -> Partner:
    return make_partner(scope="usage:write")


def record(line: Line, key: str = "cdr-1", **said: Any) -> dict[str, Any]:
    said = {"number": line.msisdn.removeprefix("+86"), "amount": MB, **said}
    return {
        "externalId": key,
        "usageDate": "2026-11-22T06:00:00Z",
        "usageType": "data",
        "usageCharacteristic": [{"name": name, "value": value} for name, value in said.items()],
    }


class TestPost:
    def test_records_one(self, network: Partner) -> None:
        line = make_line()
        response = network.post(PATH, record(line, app="video", region="HK", otherParty="10086"), key="b-1")
        assert response.status_code == 201
        assert response.json() == {
            "recorded": 1,
            "repeated": 0,
            "rejected": 0,
            "usage": [{"externalId": "cdr-1", "status": "received"}],
        }
        kept = UsageRecord.objects.get()
        assert (kept.line_id, kept.usage_kind, kept.amount) == (line.id, "DATA", MB)
        assert (kept.app, kept.region, kept.other_party) == ("video", "HK", "10086")

    def test_answers_for_each_record_in_order(self, network: Partner) -> None:
        line = make_line()
        odd: list[Any] = [
            record(line, "a"),
            record(line, "a"),
            record(line, "b", amount=0),
            record(line, "c", amount="12"),
            record(line, "d", number="13999999999"),
            record(line, "e", number="110"),
            {**record(line, "f"), "usageDate": "2026-11-22T06:00:00"},
            {**record(line, "g"), "usageType": "fax"},
            7,
            record(line, "h"),
        ]
        answer = network.post(PATH, odd, key="b-1").json()
        assert (answer["recorded"], answer["repeated"], answer["rejected"]) == (2, 1, 7)
        assert [(each["externalId"], each.get("rejectReason")) for each in answer["usage"]] == [
            ("a", None),
            ("a", None),
            ("b", "AMOUNT_NOT_POSITIVE"),
            ("c", "RECORD_INVALID"),
            ("d", "NUMBER_UNKNOWN"),
            ("e", "NUMBER_UNKNOWN"),
            ("f", "RECORD_INVALID"),
            ("g", "KIND_UNKNOWN"),
            ("", "RECORD_INVALID"),
            ("h", None),
        ]

    def test_takes_a_line_for_each_record(self, network: Partner) -> None:
        line = make_line()
        lines = "\n".join(json.dumps(record(line, f"k{number}")) for number in range(3)) + "\n\n"
        response = network.post(PATH, lines.encode(), key="b-1", **{"Content-Type": "application/x-ndjson"})
        assert (response.status_code, response.json()["recorded"]) == (201, 3)

    def test_gives_the_same_answer_to_the_same_key(self, network: Partner) -> None:
        line = make_line()
        first = network.post(PATH, [record(line)], key="b-1")
        again = network.post(PATH, [record(line)], key="b-1")
        other = network.post(PATH, [record(line, "x")], key="b-1")
        assert (again.status_code, again.content) == (201, first.content)
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert UsageRecord.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"{", 400, "BODY_INVALID"),
            (b"\xff", 400, "BODY_INVALID"),
            (b" " * (MOST_BYTES + 1), 413, "TOO_MANY_RECORDS"),
            (b"[" + b"1," * 10_000 + b"1]", 413, "TOO_MANY_RECORDS"),
        ],
    )
    def test_refuses_what_it_cannot_take(self, body: bytes, status: int, code: str, network: Partner) -> None:
        response = network.post(PATH, body, key="b-1")
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert UsageRecord.objects.count() == IdempotencyRecord.objects.count() == 0

    def test_needs_its_own_scope(self) -> None:
        response = make_partner(scope="balance:read balance:write").post(PATH, record(make_line()), key="b-1")
        assert (response.status_code, response.json()["code"]) == (403, "SCOPE_MISSING")
        assert UsageRecord.objects.count() == 0

    def test_needs_a_key(self, network: Partner) -> None:
        assert network.post(PATH, record(make_line())).json()["code"] == "IDEMPOTENCY_KEY_MISSING"

    def test_takes_nothing_but_posts(self, network: Partner) -> None:
        assert network.get(PATH).status_code == 405
