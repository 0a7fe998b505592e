"""What partners ask of balances besides top-ups: the wallet itself, money set aside, and sums."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Line
from billing.models import Adjustment, Hold
from billing.operations.adjustments import approve_adjustment
from kernel.ids import NIL, PublicId
from packages_app.models import Bucket
from tests.factories import usage
from tests.factories.billing import NOW, held_of, make_hold, make_line, wallet_of
from tests.factories.partners import PREPAY, Partner, make_partner

pytestmark = pytest.mark.django_db
BUCKET, RESERVE = f"{PREPAY}/bucket", f"{PREPAY}/reserveBalance"
ADJUST, SUMS = f"{PREPAY}/adjustBalance", f"{PREPAY}/accumulatedBalance"


NO_CUSTOMER = {"id": "x", "@referredType": "Customer"}


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=50_00, bonus_fen=5_00)


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


class TestOpenBucket:
    def test_answers_the_wallet_however_its_account_is_named(self, partner: Partner, line: Line) -> None:
        named: list[dict[str, Any]] = [
            {"logicalResource": [{"value": line.msisdn}]},
            {"partyAccount": {"id": str(line.account_id)}},
            {"relatedParty": [{"id": str(line.account.customer_id), "@referredType": "Customer"}]},
            {},
        ]
        answers = [
            partner.post(BUCKET, {"usageType": "monetary", **name}, key=f"k{number}")
            for number, name in enumerate(named)
        ]
        wallet = str(PublicId(line.account_id, NIL))
        assert [(answer.status_code, answer.json()["id"]) for answer in answers] == [(201, wallet)] * 4
        assert wallet_of(line.account_id)[:2] == (50_00, 5_00)

    @pytest.mark.parametrize(
        ("body", "status", "named"),
        [
            ({"usageType": "data"}, 422, "usageType"),
            ({"usageType": "gold"}, 400, "usageType"),
            ({"usageType": "monetary", "partyAccount": {"id": "x"}}, 404, "partyAccount.id"),
            ({"usageType": "monetary", "partyAccount": {"id": str(NIL)}}, 404, "partyAccount.id"),
            ({"usageType": "monetary", "logicalResource": [{"value": "13999999999"}]}, 404, "logicalResource.value"),
            (
                {"usageType": "monetary", "relatedParty": [{"id": "x", "@referredType": "Customer"}]},
                404,
                "relatedParty",
            ),
        ],
    )
    def test_refuses_what_it_cannot_open(self, partner: Partner, body: Any, status: int, named: str) -> None:
        response = partner.post(BUCKET, body, key="k")
        assert response.status_code == status
        assert f"“{named}" in response.json()["message"]

    def test_asks_which_account_where_there_are_several(self, line: Line) -> None:
        response = make_partner(line, make_line()).post(BUCKET, {"usageType": "monetary"}, key="k")
        assert (response.status_code, response.json()["message"][:24]) == (400, "Attribute “partyAccount”")


class TestReserve:
    def wish(self, line: Line, amount: Any = 20, **more: Any) -> dict[str, Any]:
        return {"amount": {"amount": amount, "units": "CNY"}, "logicalResource": {"value": line.msisdn}, **more}

    def test_sets_money_aside_until_it_goes_free(self, partner: Partner, line: Line) -> None:
        made = partner.post(RESERVE, self.wish(line, reason="Film tickets"), key="k").json()
        assert (made["status"], made["amount"], made["reason"]) == (
            "reserved", {"amount": 20, "units": "CNY"}, "Film tickets",
        )  # fmt: skip
        assert made["expirationDate"] == "2026-11-23T06:30:00Z"
        assert made["relatedParty"][0]["id"] == str(line.account.customer_id)
        assert (held_of(line.account_id), wallet_of(line.account_id)[:2]) == (20_00, (50_00, 5_00))
        [wallet] = partner.get(BUCKET, usageType="monetary").json()
        assert wallet["reservedValue"] == {"amount": 20, "units": "CNY"}

    def test_keeps_to_the_instant_that_was_asked_for(self, partner: Partner, line: Line) -> None:
        wish = self.wish(line, expirationDate="2026-11-24T00:00:00.123456+08:00")
        assert partner.post(RESERVE, wish, key="k").json()["expirationDate"] == "2026-11-23T16:00:00.123456Z"

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"amount": {"amount": 55.01, "units": "CNY"}}, 422, "INSUFFICIENT_BALANCE"),
            ({"amount": {"amount": 0, "units": "CNY"}}, 422, "AMOUNT_OUT_OF_RANGE"),
            ({"amount": {"amount": 1.001, "units": "CNY"}}, 400, "AMOUNT_INVALID"),
            ({"expirationDate": "2026-11-22T06:30:00Z"}, 422, "HOLD_TOO_LONG"),
            ({"expirationDate": "2026-11-30T06:30:00Z"}, 422, "HOLD_TOO_LONG"),
            ({"expirationDate": "tomorrow"}, 400, "ATTRIBUTE_INVALID"),
            ({"logicalResource": {"value": "13999999999"}}, 404, "NUMBER_UNKNOWN"),
        ],
    )
    def test_refuses_and_sets_nothing_aside(
        self, partner: Partner, line: Line, changes: dict[str, Any], status: int, code: str
    ) -> None:
        response = partner.post(RESERVE, self.wish(line) | changes, key="k")
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert (held_of(line.account_id), Hold.objects.count()) == (0, 0)

    def test_tells_the_states_apart(self, partner: Partner, line: Line) -> None:
        hold = make_hold(line, 1_00)
        path = f"{RESERVE}/{PublicId(line.account_id, hold.id)}"
        seen = {}
        for state in ("RELEASED", "EXPIRED"):
            Hold.objects.filter(account_id=line.account_id).update(state=state, ended_at=NOW)
            seen[state] = partner.get(path).json()["status"]
        assert seen == {"RELEASED": "released", "EXPIRED": "expired"}
        assert len(partner.get(RESERVE, status="expired").json()) == 1
        assert partner.get(RESERVE, status="reserved").json() == []


class TestAdjust:
    def wish(self, line: Line, **more: Any) -> dict[str, Any]:
        return {"amount": {"amount": 5, "units": "CNY"}, "logicalResource": {"value": line.msisdn}, **more}

    @pytest.mark.parametrize(("kind", "after_fen"), [("goodWillCredit", 60_00), ("oneTimeChargeDebit", 50_00)])
    def test_waits_for_one_of_the_staff(self, partner: Partner, line: Line, kind: str, after_fen: int) -> None:
        made = partner.post(ADJUST, self.wish(line, adjustType=kind, reason="Late delivery"), key="k").json()
        assert (made["status"], made["amount"]["amount"], made["adjustType"]) == ("pending", 5, kind)
        assert wallet_of(line.account_id)[:2] == (50_00, 5_00)
        row = Adjustment.objects.get()
        assert (row.words, row.proposed_client) == ("Late delivery", partner.client_id)
        approve_adjustment(account_id=line.account_id, adjustment_id=row.id, checked_by=7, now=NOW)
        assert sum(wallet_of(line.account_id)[:2]) == after_fen
        seen = partner.get(f"{ADJUST}/{made['id']}").json()
        assert (seen["status"], seen["confirmationDate"]) == ("completed", "2026-11-22T06:30:00Z")

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"amount": {"amount": -5, "units": "CNY"}}, 400, "AMOUNT_INVALID"),
            ({"amount": {"amount": 0, "units": "CNY"}}, 422, "AMOUNT_OUT_OF_RANGE"),
            ({"adjustType": "gift"}, 400, "ATTRIBUTE_INVALID"),
            ({"logicalResource": {"value": "13999999999"}}, 404, "NUMBER_UNKNOWN"),
        ],
    )
    def test_is_refused_and_proposes_nothing(
        self, partner: Partner, line: Line, changes: dict[str, Any], status: int, code: str
    ) -> None:
        response = partner.post(ADJUST, self.wish(line) | changes, key="k")
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert not Adjustment.objects.exists()


class TestSums:
    def test_add_up_what_is_in_force(self, partner: Partner, line: Line) -> None:
        half_used = usage.make_bucket(line, total=3 * usage.GB)
        Bucket.objects.filter(account_id=line.account_id, id=half_used.id).update(used=usage.GB)
        usage.make_bucket(line, total=usage.GB)
        usage.make_bucket(line, total=usage.GB, starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2))
        found = {one["name"]: one for one in partner.get(SUMS).json()}
        assert {name: one["totalBalance"] for name, one in found.items()} == {
            "monetary": {"amount": 55, "units": "CNY"},
            "data": {"amount": 3 * usage.GB, "units": "byte"},
        }
        assert [len(found[name]["bucket"]) for name in ("monetary", "data")] == [1, 2]
        assert [one["name"] for one in partner.get(SUMS, name="data").json()] == ["data"]
        assert len(partner.get(SUMS, **{"logicalResource.value": line.msisdn}).json()) == 2
        assert partner.get(SUMS, **{"logicalResource.value": "13999999999"}).json() == []

    @pytest.mark.parametrize("more", [0, 3])
    def test_cost_the_same_queries_however_many_there_are(
        self, line: Line, more: int, django_assert_num_queries: Any
    ) -> None:
        partner = make_partner(line, *(make_line() for _number in range(more)))
        with django_assert_num_queries(8):  # token, rate, page, numbers, names, buckets, notes of use and call
            assert len(partner.get(SUMS).json()) == 1 + more
