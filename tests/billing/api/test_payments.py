"""TMF676: money that a partner pays in, and money that it asks to be given back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Line
from billing.models import Refund, TopUp
from billing.operations.refunds import approve_refund
from billing.operations.top_ups import credit_partner_top_up
from kernel.ids import NIL, PublicId
from kernel.models import IdempotencyRecord
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_line, make_paid_top_up, make_top_up, wallet_of
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
BASE = "/tmf-api/paymentManagement/v4"
PAYMENT, REFUND = f"{BASE}/payment", f"{BASE}/refund"


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


def yuan(value: Any) -> dict[str, Any]:
    return {"unit": "CNY", "value": value}


def wish(line: Line, value: Any = 49.9, **more: Any) -> dict[str, Any]:
    return {
        "account": {"id": str(line.account_id)},
        "paymentMethod": {"name": "market wallet", "@type": "digitalWallet"},
        "totalAmount": yuan(value),
        **more,
    }


class TestPay:
    def test_credits_the_wallet_and_tells(self, partner: Partner, line: Line) -> None:
        made = partner.post(PAYMENT, wish(line, correlatorId="order-1"), key="k")
        entity = made.json()
        top_up = TopUp.objects.get()
        public_id = str(PublicId(line.account_id, top_up.id))
        assert (made.status_code, entity) == (
            201,
            {
                "id": public_id,
                "href": entity["href"],
                "account": {"id": str(line.account_id), "@referredType": "BillingAccount"},
                "paymentMethod": {"id": "PARTNER", "name": "paid to a partner", "@type": "partner"},
                "totalAmount": yuan(49.9),
                "amount": yuan(49.9),
                "status": "done",
                "statusDate": "2026-11-22T06:30:00Z",
                "paymentDate": "2026-11-22T06:30:00Z",
                "correlatorId": "order-1",
                "channel": {"id": "PARTNER", "name": "partner system", "@referredType": "Channel"},
                "@type": "Payment",
            },
        )
        assert wallet_of(line.account_id) == (59_90, 0, 2)
        assert Sms.objects.get(account_id=line.account_id).kind == "TOP_UP_RECEIVED"
        assert (top_up.client_id, top_up.provider_payment_number) == (partner.client_id, "order-1")
        assert partner.get("/tmf-api/prepayBalanceManagement/v4/topupBalance").json()[0]["id"] == public_id

    def test_credits_one_order_once_whatever_its_keys(self, partner: Partner, line: Line) -> None:
        answers = [partner.post(PAYMENT, wish(line, correlatorId="order-1"), key=key) for key in ("a", "b", "a")]
        assert [(answer.status_code, answer.json()) for answer in answers] == [(201, answers[0].json())] * 3
        other = partner.post(PAYMENT, wish(line, 100, correlatorId="order-1"), key="c")
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_CONFLICT")
        assert wallet_of(line.account_id) == (59_90, 0, 2)

    def test_is_found_by_the_order_id_of_its_own_partner_only(self, partner: Partner, line: Line) -> None:
        made = partner.post(PAYMENT, wish(line), key="order-7").json()
        assert partner.get(PAYMENT, correlatorId="order-7").json() == [made]
        another = make_partner(line)
        assert another.get(PAYMENT, correlatorId="order-7").json() == []
        assert [("correlatorId" in one, one["id"]) for one in another.get(PAYMENT).json()] == [(False, made["id"])]
        # The same order id of another partner is another order.
        assert another.post(PAYMENT, wish(line), key="order-7").json()["id"] != made["id"]

    def test_takes_what_the_standard_says_beside(self, partner: Partner, line: Line) -> None:
        more = {
            "name": "充值",
            "description": "订单",
            "authorizationCode": "77",
            "amount": yuan(49.9),
            "taxAmount": yuan(0),
            "channel": {"id": "app"},
            "paymentItem": [{"id": "1", "item": {"id": "1", "@referredType": "Invoice"}, "totalAmount": yuan(49.9)}],
            "relatedParty": [{"id": "1", "@referredType": "Individual"}],
            "@type": "Payment",
        }
        assert partner.post(PAYMENT, wish(line, **more), key="k").status_code == 201

    @pytest.mark.parametrize(
        ("change", "status", "named"),
        [
            ({"totalAmount": yuan(0.99)}, 422, "amount"),
            ({"totalAmount": yuan(1.001)}, 400, "totalAmount.value"),
            ({"totalAmount": yuan("50")}, 400, "totalAmount.value"),
            ({"totalAmount": {"unit": "USD", "value": 50}}, 400, "totalAmount.unit"),
            ({"amount": yuan(49)}, 422, "amount"),
            ({"taxAmount": yuan(3)}, 422, "amount"),
            ({"account": {"id": "x"}}, 404, "account.id"),
            ({"account": {"id": str(NIL)}}, 404, "account.id"),
            ({"account": {}}, 400, "account.id"),
            ({"paymentMethod": {"name": "x"}}, 400, "paymentMethod.@type"),
            ({"paymentMethod": "card"}, 400, "paymentMethod"),
            ({"correlatorId": "1" * 65}, 400, "correlatorId"),
            ({"status": "done"}, 400, "status"),
        ],
    )
    def test_names_what_it_refuses_and_moves_nothing(
        self, partner: Partner, line: Line, change: dict[str, Any], status: int, named: str
    ) -> None:
        response = partner.post(PAYMENT, wish(line) | change, key="k")
        assert response.status_code == status, response.content
        assert f"“{named}”" in response.json()["message"]
        assert (wallet_of(line.account_id), TopUp.objects.count()) == ((10_00, 0, 1), 0)

    def test_pays_nothing_into_accounts_of_others(self, partner: Partner) -> None:
        other = make_line(cash_fen=10_00)
        response = partner.post(PAYMENT, wish(other), key="k")
        assert (response.status_code, wallet_of(other.account_id)) == (404, (10_00, 0, 1))


class TestListPayments:
    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({}, [50, 100, 30]),
            ({"status": "done"}, [100, 30]),
            ({"status": "pendingAuthorization,failed"}, [50]),
            ({"paymentMethod.id": "PARTNER"}, [30]),
            ({"totalAmount.value.gt": "30"}, [50, 100]),
            ({"statusDate.gt": "2026-11-22T06:30:00Z"}, [30]),
            ({"channel.id": "WEB"}, [50, 100]),
            ({"sort": "-totalAmount"}, [100, 50, 30]),
        ],
    )
    def test_picks(self, partner: Partner, line: Line, parameters: dict[str, str], found: list[int]) -> None:
        make_top_up(line, amount_fen=50_00)
        make_paid_top_up(line, amount_fen=100_00)
        credit_partner_top_up(
            account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, amount_fen=30_00, client_id="somebody",
            idempotency_key="1", now=NOW + timedelta(minutes=1),
        )  # fmt: skip
        response = partner.get(PAYMENT, **parameters)
        assert [one["totalAmount"]["value"] for one in response.json()] == found

    def test_asks_as_many_queries_for_many_as_for_one(self, partner: Partner, line: Line) -> None:
        counts = {}
        for path in (PAYMENT, REFUND):
            for many in (1, 4):
                for _more in range(many):
                    top_up = make_paid_top_up(line)
                    body = wish(line, 1, payment={"id": str(PublicId(line.account_id, top_up.id))})
                    assert partner.post(REFUND, body, key=str(top_up.id)).status_code == 201
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    assert len(partner.get(path).json()) >= many
                counts[path, many] = len(queries)
        assert counts[PAYMENT, 1] == counts[PAYMENT, 4]
        assert counts[REFUND, 1] == counts[REFUND, 4]


class TestAskForRefund:
    def test_waits_for_one_of_the_staff(self, partner: Partner, line: Line) -> None:
        top_up = make_paid_top_up(line)
        public_id = str(PublicId(line.account_id, top_up.id))
        made = partner.post(REFUND, wish(line, 20, payment={"id": public_id}, description="Paid twice"), key="k").json()
        assert (made["status"], made["totalAmount"], made["description"], made["payment"]["id"]) == (
            "pendingAuthorization", yuan(20), "Paid twice", public_id,
        )  # fmt: skip
        assert made["paymentMethod"] == {"id": "sandbox", "name": "payment provider", "@type": "digitalWallet"}
        assert wallet_of(line.account_id)[0] == 60_00
        refund = Refund.objects.get()
        assert (refund.requested_by_id, refund.requested_client) == (None, partner.client_id)
        approve_refund(account_id=line.account_id, refund_id=refund.id, staff_id=7, now=NOW)
        assert wallet_of(line.account_id)[0] == 40_00
        assert partner.get(f"{REFUND}/{made['id']}").json()["status"] == "authorized"

    def test_chooses_the_latest_payment_that_so_much_is_left_of(self, partner: Partner, line: Line) -> None:
        payments = [
            make_paid_top_up(line, amount_fen=amount_fen, now=NOW + timedelta(minutes=number))
            for number, amount_fen in enumerate((30_00, 20_00, 10_00))
        ]
        asked = [partner.post(REFUND, wish(line, 15), key=f"k{number}") for number in range(3)]
        assert [answer.status_code for answer in asked] == [201, 201, 201]
        chosen = [PublicId.parse(answer.json()["payment"]["id"]).row_id for answer in asked]
        assert chosen == [payments[1].id, payments[0].id, payments[0].id]
        refused = partner.post(REFUND, wish(line, 15), key="k3")
        assert (refused.status_code, refused.json()["code"]) == (422, "NOT_REFUNDABLE")

    def test_is_one_refund_when_the_kept_answer_is_gone(self, partner: Partner, line: Line) -> None:
        make_paid_top_up(line)
        first = partner.post(REFUND, wish(line, 30), key="k")
        IdempotencyRecord.objects.all().delete()
        assert partner.post(REFUND, wish(line, 30), key="k").json() == first.json()
        IdempotencyRecord.objects.all().delete()
        other = partner.post(REFUND, wish(line, 20), key="k")
        assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_CONFLICT")
        assert Refund.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"totalAmount": yuan(50.01)}, 422, "REFUND_TOO_LARGE"),
            ({"totalAmount": yuan(0)}, 422, "REFUND_TOO_LARGE"),
            ({"payment": {"id": "x"}}, 404, "NOT_FOUND"),
            ({"payment": {"id": "A" * 44}}, 404, "NOT_FOUND"),
            ({"account": {"id": str(NIL)}}, 404, "NOT_FOUND"),
            ({"description": "x" * 201}, 400, "ATTRIBUTE_INVALID"),
        ],
    )
    def test_refuses_and_keeps_nothing(
        self, partner: Partner, line: Line, change: dict[str, Any], status: int, code: str
    ) -> None:
        top_up = make_paid_top_up(line)
        body = wish(line, 10, payment={"id": str(PublicId(line.account_id, top_up.id))}) | change
        response = partner.post(REFUND, body, key="k")
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert Refund.objects.count() == 0

    def test_gives_nothing_back_of_what_a_partner_took(self, partner: Partner, line: Line) -> None:
        paid = partner.post(PAYMENT, wish(line), key="k").json()
        response = partner.post(REFUND, wish(line, 10, payment={"id": paid["id"]}), key="k2")
        assert (response.status_code, response.json()["code"]) == (422, "NOT_REFUNDABLE")
        assert wallet_of(line.account_id)[0] == 59_90

    def test_reaches_no_payment_of_another_account(self, partner: Partner, line: Line) -> None:
        other = make_line()
        theirs = make_paid_top_up(other)
        make_paid_top_up(line)
        pairs = [(line, PublicId(other.account_id, theirs.id)), (other, PublicId(other.account_id, theirs.id)),
                 (line, PublicId(line.account_id, theirs.id))]  # fmt: skip
        answers = [
            partner.post(REFUND, wish(whose, 10, payment={"id": str(named)}), key=f"k{number}")
            for number, (whose, named) in enumerate(pairs)
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert Refund.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_books_hold_what_partners_pay_and_ask_back() -> None:
    line = make_line(cash_fen=10_00)
    partner = make_partner(line)
    make_paid_top_up(line)
    assert partner.post(PAYMENT, wish(line), key="k").status_code == 201
    assert partner.post(REFUND, wish(line, 20), key="k2").status_code == 201
    approve_refund(account_id=line.account_id, refund_id=Refund.objects.get().id, staff_id=7, now=NOW)
    assert wallet_of(line.account_id)[0] == 89_90
    assert not broken_invariants()
