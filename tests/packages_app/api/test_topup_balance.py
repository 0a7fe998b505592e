from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings

from accounts.models import Line, PartnerGrant
from billing.models import TopUp, TopUpState
from billing.operations.top_ups import confirm_top_up
from channels.models import Interaction
from kernel.ids import NIL, PublicId
from kernel.models import IdempotencyRecord
from messaging.models import Sms
from packages_app.models import Bucket
from tests.factories import usage
from tests.factories.billing import NOW, make_line, make_top_up, wallet_of
from tests.factories.partners import PREPAY, Partner, make_partner

pytestmark = pytest.mark.django_db
URL = f"{PREPAY}/topupBalance"


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def number_of(line: Line) -> str:
    return line.msisdn.removeprefix("+86")


def wish(line: Line, amount: Any = 49.9) -> dict[str, Any]:
    return {"amount": {"amount": amount, "units": "CNY"}, "logicalResource": {"value": number_of(line)}}


def assert_nothing_moved(line: Line) -> None:
    assert wallet_of(line.account_id) == (10_00, 0, 1)
    assert not TopUp.objects.filter(account_id=line.account_id).exists()
    assert not Sms.objects.filter(account_id=line.account_id).exists()
    assert not IdempotencyRecord.objects.exists()


class TestTheOrderOfAMarketplace:
    def test_is_credited_once_whatever_key_it_is_sent_with(self, partner: Partner, line: Line) -> None:
        order = wish(line) | {"externalId": "MK-1"}
        first, again = (partner.post(URL, order, key=key) for key in ("a", "b"))
        assert (first.status_code, again.status_code, first.json()["id"]) == (201, 201, again.json()["id"])
        other = partner.post(URL, wish(line, 10) | {"externalId": "MK-1"}, key="c")
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_CONFLICT")
        assert wallet_of(line.account_id) == (59_90, 0, 2)

    def test_is_found_by_its_id_and_by_nobody_else(self, partner: Partner, line: Line) -> None:
        made = partner.post(URL, wish(line) | {"externalId": "MK-1"}, key="a").json()
        partner.post(URL, wish(line), key="MK-2")
        assert [partner.get(URL, externalId=order).json() for order in ("MK-1", "MK-3")] == [[made], []]
        assert len(partner.get(URL, externalId="MK-1,MK-2").json()) == 2
        stranger = make_partner(line)
        assert stranger.get(URL, externalId="MK-1").json() == []
        assert ["externalId" in one for one in stranger.get(URL).json()] == [False, False]


class TestCreate:
    def test_credits_the_wallet_and_tells_the_customer(self, partner: Partner, line: Line) -> None:
        response = partner.post(URL, wish(line), key="order-1")
        top_up = TopUp.objects.get(account_id=line.account_id)
        top_up_id = str(PublicId(line.account_id, top_up.id))
        wallet = str(PublicId(line.account_id, NIL))
        assert (response.status_code, response["Location"]) == (201, f"{settings.PUBLIC_URL}{URL}/{top_up_id}")
        assert response.json() == {
            "id": top_up_id,
            "href": response["Location"],
            "status": "completed",
            "amount": {"amount": 49.9, "units": "CNY"},
            "usageType": "monetary",
            "requestedDate": "2026-11-22T06:30:00Z",
            "confirmationDate": "2026-11-22T06:30:00Z",
            "externalId": "order-1",
            "channel": {"id": "PARTNER", "name": "partner system", "@referredType": "Channel"},
            "bucket": {
                "id": wallet,
                "href": f"{settings.PUBLIC_URL}{PREPAY}/bucket/{wallet}",
                "@referredType": "Bucket",
            },
            "logicalResource": {"id": number_of(line), "value": number_of(line), "@referredType": "LogicalResource"},
            "partyAccount": {"id": str(line.account_id), "@referredType": "BillingAccount"},
            "@type": "TopupBalance",
        }
        assert wallet_of(line.account_id) == (59_90, 0, 2)
        assert list(Sms.objects.filter(account_id=line.account_id).values_list("kind", "msisdn")) == [
            ("TOP_UP_RECEIVED", line.msisdn)
        ]

    def test_answers_what_a_later_get_answers(self, partner: Partner, line: Line) -> None:
        made = partner.post(URL, wish(line), key="order-1")
        path = made["Location"].removeprefix(settings.PUBLIC_URL)
        assert partner.get(path).json() == made.json()
        assert partner.get(URL).json() == [made.json()]

    @pytest.mark.parametrize(
        ("amount", "fen"), [(1, 1_00), (1.0, 1_00), (0.1 * 10, 1_00), (19.99, 19_99), (1.1, 1_10), (10_000, 10_000_00)]
    )
    def test_takes_amounts_to_the_fen(self, partner: Partner, line: Line, amount: float, fen: int) -> None:
        assert partner.post(URL, wish(line, amount), key="order-1").status_code == 201
        assert wallet_of(line.account_id) == (10_00 + fen, 0, 2)

    def test_takes_a_number_a_wallet_or_a_product(self, partner: Partner, line: Line) -> None:
        subscription = usage.make_subscription(line)
        targets: list[dict[str, Any]] = [
            {"logicalResource": {"id": number_of(line)}},
            {"logicalResource": {"value": line.msisdn, "@referredType": "LogicalResource"}},
            {"bucket": {"id": str(PublicId(line.account_id, NIL))}},
            {"product": {"id": str(PublicId(line.account_id, subscription.id))}},
        ]
        amount = {"amount": 5, "units": "CNY"}
        answers = [
            partner.post(URL, {"amount": amount, **target}, key=f"order-{number}")
            for number, target in enumerate(targets)
        ]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 201]
        assert wallet_of(line.account_id) == (30_00, 0, 5)

    def test_takes_what_the_standard_says_beside(self, partner: Partner, line: Line) -> None:
        more = {"usageType": "monetary", "description": "订单", "reason": "sale", "@type": "TopupBalance"}
        assert partner.post(URL, wish(line) | more, key="order-1").status_code == 201

    @pytest.mark.parametrize(
        ("amount", "status", "code"),
        [
            (0, 422, "AMOUNT_OUT_OF_RANGE"),
            (0.99, 422, "AMOUNT_OUT_OF_RANGE"),
            (10_000.01, 422, "AMOUNT_OUT_OF_RANGE"),
            (999_999_999_999, 422, "AMOUNT_OUT_OF_RANGE"),
            (-1, 400, "AMOUNT_INVALID"),
            (1.001, 400, "AMOUNT_INVALID"),
            (10**12, 400, "AMOUNT_INVALID"),
            (1e300, 400, "AMOUNT_INVALID"),
            ("50", 400, "AMOUNT_INVALID"),
            (True, 400, "AMOUNT_INVALID"),
            ([50], 400, "AMOUNT_INVALID"),
            (None, 400, "ATTRIBUTE_INVALID"),
            (float("nan"), 400, "BODY_INVALID"),
            (float("inf"), 400, "BODY_INVALID"),
        ],
    )
    def test_refuses_other_amounts(self, partner: Partner, line: Line, amount: Any, status: int, code: str) -> None:
        response = partner.post(URL, wish(line, amount), key="order-1")
        body = response.json()
        assert (response.status_code, body["code"], body["status"]) == (status, code, str(status))
        assert "“amount" in body["message"] or code == "BODY_INVALID"
        assert_nothing_moved(line)

    @pytest.mark.parametrize(
        ("change", "status", "named"),
        [
            ({"amount": {"amount": 50}}, 400, "amount.units"),
            ({"amount": {"amount": 50, "units": "USD"}}, 400, "amount.units"),
            ({"amount": {"units": "CNY"}}, 400, "amount.amount"),
            ({"amount": {"amount": 50, "units": "CNY", "value": 5}}, 400, "amount.value"),
            ({"amount": 50}, 400, "amount"),
            ({"amount": None}, 400, "amount"),
            ({"logicalResource": None}, 400, "logicalResource"),
            ({"logicalResource": {}}, 400, "logicalResource.id"),
            ({"logicalResource": {"value": "10086"}}, 400, "logicalResource.value"),
            ({"logicalResource": {"id": "１３８００１３８０００"}}, 400, "logicalResource.id"),
            ({"logicalResource": "13800138000"}, 400, "logicalResource"),
            ({"logicalResource": {"value": 13800138000}}, 400, "logicalResource.value"),
            ({"logicalResource": {"value": "13999999999"}}, 404, "logicalResource.value"),
            ({"bucket": {"id": "A" * 44}}, 400, "logicalResource"),
            ({"logicalResource": None, "bucket": {"id": "wallet"}}, 404, "bucket.id"),
            ({"logicalResource": None, "bucket": {"name": "wallet"}}, 400, "bucket.id"),
            ({"logicalResource": None, "product": {"id": "A" * 44}}, 404, "product.id"),
            ({"usageType": "data"}, 400, "usageType"),
            ({"voucher": "1234"}, 400, "voucher"),
            ({"isAutoTopup": True}, 400, "isAutoTopup"),
            ({"@type": "Bucket"}, 400, "@type"),
            ({"reason": "\0"}, 400, "reason"),
        ],
    )
    def test_names_the_attribute_it_refuses(
        self, partner: Partner, line: Line, change: dict[str, Any], status: int, named: str
    ) -> None:
        response = partner.post(URL, wish(line) | change, key="order-1")
        assert response.status_code == status
        assert f"“{named}”" in response.json()["message"]
        assert_nothing_moved(line)

    def test_refuses_an_allowance_as_its_target(self, partner: Partner, line: Line) -> None:
        allowance = usage.make_bucket(line)
        body = {
            "amount": {"amount": 5, "units": "CNY"},
            "bucket": {"id": str(PublicId(line.account_id, allowance.id))},
        }
        response = partner.post(URL, body, key="order-1")
        assert (response.status_code, response.json()["code"]) == (422, "BUCKET_NOT_MONETARY")
        assert_nothing_moved(line)
        assert Bucket.objects.get(account_id=line.account_id).total == allowance.total

    def test_credits_once_for_one_key(self, partner: Partner, line: Line) -> None:
        answers = [partner.post(URL, wish(line), key="order-1") for _time in range(3)]
        assert [(answer.status_code, answer.content) for answer in answers] == [(201, answers[0].content)] * 3
        assert wallet_of(line.account_id) == (59_90, 0, 2)
        assert Sms.objects.filter(account_id=line.account_id).count() == 1

    def test_credits_once_when_the_kept_answer_is_gone(self, partner: Partner, line: Line) -> None:
        first = partner.post(URL, wish(line), key="order-1")
        IdempotencyRecord.objects.all().delete()
        second = partner.post(URL, wish(line), key="order-1")
        assert (second.status_code, second.json()) == (201, first.json())
        assert wallet_of(line.account_id) == (59_90, 0, 2)

    def test_moves_nothing_for_another_body_with_the_key(self, partner: Partner, line: Line) -> None:
        partner.post(URL, wish(line), key="order-1")
        response = partner.post(URL, wish(line, 100), key="order-1")
        assert (response.status_code, response.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert wallet_of(line.account_id) == (59_90, 0, 2)
        assert TopUp.objects.filter(account_id=line.account_id).count() == 1

    def test_may_be_mended_and_sent_again_with_its_key(self, partner: Partner, line: Line) -> None:
        assert partner.post(URL, wish(line, 0), key="order-1").status_code == 422
        assert partner.post(URL, wish(line, 50), key="order-1").status_code == 201
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    @pytest.mark.parametrize(("asked", "given"), [("zh-CN,zh;q=0.9", "zh-hans"), ("en-GB", "en"), ("fr", "zh-hans")])
    def test_answers_in_the_language_asked_for(self, partner: Partner, line: Line, asked: str, given: str) -> None:
        response = partner.post(URL, wish(line, 0), key="order-1", **{"Accept-Language": asked})
        assert (response.status_code, response["Content-Language"]) == (422, given)

    def test_names_the_limits(self, partner: Partner, line: Line) -> None:
        reason = partner.post(URL, wish(line, 0), key="order-1").json()["reason"]
        assert reason == "The amount must be between 1.00 and 10000.00 yuan."

    def test_is_noted_with_its_account(self, partner: Partner, line: Line) -> None:
        partner.post(URL, wish(line), key="order-1")
        noted = Interaction.objects.values_list("channel", "capability", "outcome", "account_id").get()
        assert noted == ("PARTNER", "POST prepay-balance:topupBalance", "OK", line.account_id)


class TestList:
    @pytest.fixture
    def top_ups(self, line: Line) -> list[TopUp]:
        """One of 50 yuan that waits, and one of 100 yuan that was paid a minute later."""
        waiting = make_top_up(line, amount_fen=50_00)
        paid = make_top_up(line, amount_fen=100_00, now=NOW + timedelta(minutes=1))
        confirm_top_up(
            account_id=line.account_id,
            top_up_id=paid.id,
            paid_fen=100_00,
            provider_payment_number="7",
            now=NOW + timedelta(minutes=2),
        )
        return [waiting, paid]

    def amounts(self, response: Any) -> list[float]:
        assert response.status_code == 200, response.content
        return [top_up["amount"]["amount"] for top_up in response.json()]

    @pytest.mark.usefixtures("top_ups")
    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({}, [50, 100]),
            ({"status": "completed"}, [100]),
            ({"status": "pending,failed"}, [50]),
            ({"status": "gone"}, []),
            ({"amount.amount.gt": "50"}, [100]),
            ({"amount.amount": "50.00"}, [50]),
            ({"requestedDate.gt": "2026-11-22T06:30:00Z"}, [100]),
            ({"requestedDate.lte": "2026-11-22T06:30:00Z"}, [50]),
            ({"channel.id": "WEB"}, [50, 100]),
            ({"channel.id": "PARTNER"}, []),
            ({"sort": "-amount"}, [100, 50]),
            ({"sort": "-requestedDate"}, [100, 50]),
        ],
    )
    def test_picks_top_ups(self, partner: Partner, parameters: dict[str, str], found: list[float]) -> None:
        assert self.amounts(partner.get(URL, **parameters)) == found

    @pytest.mark.usefixtures("top_ups")
    def test_finds_by_number_and_account(self, partner: Partner, line: Line) -> None:
        assert self.amounts(partner.get(URL, **{"logicalResource.value": number_of(line)})) == [50, 100]
        assert self.amounts(partner.get(URL, **{"partyAccount.id": str(line.account_id)})) == [50, 100]
        assert self.amounts(partner.get(URL, **{"logicalResource.value": "13999999999"})) == []

    def test_tells_the_states_apart(self, partner: Partner, line: Line, top_ups: list[TopUp]) -> None:
        states = [(TopUpState.UNKNOWN, "inProgress"), (TopUpState.FAILED, "failed"), (TopUpState.PENDING, "pending")]
        path = f"{URL}/{PublicId(line.account_id, top_ups[0].id)}"
        seen = []
        for state, _status in states:
            TopUp.objects.filter(account_id=line.account_id, id=top_ups[0].id).update(state=state, finished_at=NOW)
            answer = partner.get(path).json()
            seen.append((answer["status"], "confirmationDate" in answer))
        assert seen == [(status, False) for _state, status in states]


class TestOtherPartners:
    """Every address and every way to name somebody else's account."""

    @pytest.fixture
    def other(self) -> Line:
        """A line of an account that our partner may not see, with a wallet, an allowance and a top-up."""
        other = make_line(cash_fen=10_00)
        usage.make_bucket(other)
        make_top_up(other)
        return other

    def test_do_not_show_in_lists(self, partner: Partner, line: Line, other: Line) -> None:
        ours = {str(line.account_id)}
        pages = [partner.get(f"{PREPAY}/{name}").json() for name in ("bucket", "topupBalance")]
        assert {entity["partyAccount"]["id"] for page in pages for entity in page} == ours

    @pytest.mark.parametrize("resource", ["bucket", "topupBalance"])
    def test_are_not_found_by_any_filter(self, partner: Partner, other: Line, resource: str) -> None:
        owner = make_partner(other)
        theirs = owner.get(f"{PREPAY}/{resource}").json()
        assert theirs
        filters = [{"id": ",".join(entity["id"] for entity in theirs)}]
        filters += [{"partyAccount.id": str(other.account_id)}, {"logicalResource.value": number_of(other)}]
        filters += [{"logicalResource.id": number_of(other)}, {}]
        found = [owner.get(f"{PREPAY}/{resource}", **parameters).json() for parameters in filters]
        assert all(found)
        answers = [make_partner().get(f"{PREPAY}/{resource}", **parameters) for parameters in filters]
        assert [(answer.status_code, answer.json(), answer["X-Total-Count"]) for answer in answers] == [
            (200, [], "0")
        ] * len(filters)

    def test_do_not_answer_by_id(self, partner: Partner, other: Line) -> None:
        owner = make_partner(other)
        theirs = [entity for name in ("bucket", "topupBalance") for entity in owner.get(f"{PREPAY}/{name}").json()]
        paths = [entity["href"].removeprefix(settings.PUBLIC_URL) for entity in theirs]
        assert [owner.get(path).status_code for path in paths] == [200, 200, 200]
        answers = [partner.get(path) for path in paths]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "NOT_FOUND")] * 3

    def test_get_no_money_from_us(self, partner: Partner, other: Line) -> None:
        subscription = Bucket.objects.get(account_id=other.account_id)
        targets: list[dict[str, Any]] = [
            {"logicalResource": {"value": number_of(other)}},
            {"bucket": {"id": str(PublicId(other.account_id, NIL))}},
            {"bucket": {"id": str(PublicId(other.account_id, subscription.id))}},
            {"product": {"id": str(PublicId(other.account_id, subscription.subscription_id))}},
        ]
        amount = {"amount": 5, "units": "CNY"}
        answers = [
            partner.post(URL, {"amount": amount, **target}, key=f"order-{number}")
            for number, target in enumerate(targets)
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
        assert wallet_of(other.account_id) == (10_00, 0, 1)
        assert TopUp.objects.filter(account_id=other.account_id).count() == 1

    def test_are_answered_like_a_number_that_nobody_has(self, partner: Partner, other: Line) -> None:
        known = partner.post(URL, wish(other), key="order-1")
        body = wish(other) | {"logicalResource": {"value": "13999999999"}}
        unknown = partner.post(URL, body, key="order-2")
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)

    def test_cannot_pair_our_account_with_their_row(self, partner: Partner, line: Line, other: Line) -> None:
        allowance = Bucket.objects.get(account_id=other.account_id)
        top_up = TopUp.objects.get(account_id=other.account_id)
        paths = [
            f"{PREPAY}/bucket/{PublicId(line.account_id, allowance.id)}",
            f"{URL}/{PublicId(line.account_id, top_up.id)}",
        ]
        assert [partner.get(path).status_code for path in paths] == [404, 404]

    def test_lose_sight_with_their_grant(self, partner: Partner, line: Line) -> None:
        path = f"{PREPAY}/bucket/{PublicId(line.account_id, NIL)}"
        assert partner.get(path).status_code == 200
        PartnerGrant.objects.filter(account_id=line.account_id).delete()
        assert partner.get(path).status_code == 404
