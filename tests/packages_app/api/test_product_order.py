from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Line
from billing.models import Charge
from kernel.ids import PublicId
from kernel.models import IdempotencyRecord
from messaging.models import Sms, SmsState
from packages_app.models import EvidenceKind, Offering, Order, OrderEvidence, PartnerOrder
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    ask_for_cart,
    ask_for_partner,
    code_of,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    steps_of,
)
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
ORDERING = "/tmf-api/productOrderingManagement/v4"
URL = f"{ORDERING}/productOrder"
OFFERINGS = "/tmf-api/productCatalogManagement/v4/productOffering"
Items = Callable[[dict[str, Any]], list[dict[str, Any]]]
FIRST_OF_DECEMBER = "2026-11-30T16:00:00Z"


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=100_00)


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


@pytest.fixture
def pack() -> Offering:
    return make_offering()


def item(line: Line, offering: Offering, number: str = "1", **more: Any) -> dict[str, Any]:
    product = {"realizingResource": [{"value": line.msisdn}]}
    return {"id": number, "action": "add", "productOffering": {"id": offering.code}, "product": product, **more}


def wish(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"productOrderItem": list(items), **more}


def path_of(order: Order) -> str:
    return f"{URL}/{PublicId(order.account_id, order.id)}"


def state_of(partner: Partner, order: Order) -> str:
    found: dict[str, Any] = partner.get(path_of(order)).json()
    assert {one["state"] for one in found["productOrderItem"]} == {found["state"]}
    return str(found["state"])


def assert_nothing_moved(line: Line) -> None:
    assert wallet_of(line.account_id) == (100_00, 0, 1)
    for model in (Order, PartnerOrder, Sms, Charge):
        assert not model._default_manager.filter(account_id=line.account_id).exists(), model
    assert not IdempotencyRecord.objects.exists()


class TestCreate:
    def test_asks_the_customer_and_moves_nothing(self, partner: Partner, line: Line) -> None:
        service = make_service()
        words = {"externalId": "S-1", "category": "B2C", "description": "autumn", "priority": "2"}
        response = partner.post(URL, wish(item(line, service, "a7"), **words), key="k")
        order = Order.objects.get(account_id=line.account_id)
        public_id, number = str(PublicId(line.account_id, order.id)), line.msisdn.removeprefix("+86")
        prices = [
            {"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": "CNY", "value": 9.9}}},
            {
                "priceType": "recurring",
                "recurringChargePeriod": "month",
                "price": {"taxIncludedAmount": {"unit": "CNY", "value": 9.9}},
            },
        ]
        assert (response.status_code, response["Location"]) == (201, f"{settings.PUBLIC_URL}{URL}/{public_id}")
        assert response.json() == {
            "id": public_id,
            "href": response["Location"],
            "state": "acknowledged",
            "orderDate": "2026-11-22T06:30:00Z",
            **words,
            "expectedCompletionDate": "2026-11-23T06:30:00Z",
            "channel": [{"id": "PARTNER", "name": "partner system", "role": "ordering", "@referredType": "Channel"}],
            "billingAccount": {"id": str(line.account_id), "@referredType": "BillingAccount"},
            "orderTotalPrice": [{"name": "In all", **price} for price in prices],
            "productOrderItem": [
                {
                    "id": "a7",
                    "action": "add",
                    "quantity": 1,
                    "state": "acknowledged",
                    "productOffering": {
                        "id": service.code,
                        "href": f"{settings.PUBLIC_URL}{OFFERINGS}/{service.code}",
                        "name": "Audiobook club",
                        "@referredType": "ProductOffering",
                    },
                    "product": {
                        "realizingResource": [{"id": number, "value": number, "@referredType": "LogicalResource"}]
                    },
                    "itemTotalPrice": [{"name": "Audiobook club", **price} for price in prices],
                }
            ],
            "relatedParty": [
                response.json()["relatedParty"][0],
                {"id": partner.client_id, "name": "partner", "role": "partner", "@referredType": "Organization"},
            ],
            "@type": "ProductOrder",
        }
        assert response.json()["relatedParty"][0]["role"] == "customer"
        assert (order.channel, order.state, steps_of(order)) == (
            "PARTNER",
            "AWAITING_CONFIRMATION",
            ["OFFERED", "TEXT_QUEUED"],
        )
        offered = OrderEvidence.objects.get(account_id=line.account_id, kind=EvidenceKind.OFFERED)
        assert offered.actor == "PARTNER:partner"
        assert wallet_of(line.account_id) == (100_00, 0, 1)
        assert Sms.objects.get(account_id=line.account_id).msisdn == line.msisdn

    def test_confirms_several_items_as_one(self, partner: Partner, line: Line) -> None:
        packs = [make_offering(), make_service(), make_offering(price_fen=7_00)]
        body = wish(*(item(line, pack, f"n{number}") for number, pack in enumerate(packs)))
        made = partner.post(URL, body, key="k").json()
        orders = list(Order.objects.filter(account_id=line.account_id).order_by("id"))
        assert [order.offering_id for order in orders] == [pack.code for pack in packs]
        assert len({order.cart_id for order in orders}) == 1
        assert [one["id"] for one in made["productOrderItem"]] == ["n0", "n1", "n2"]
        assert [price["price"]["taxIncludedAmount"]["value"] for price in made["orderTotalPrice"]] == [21.9, 9.9]
        assert Sms.objects.filter(account_id=line.account_id).count() == 1
        assert [one["id"] for one in partner.get(URL).json()] == [made["id"]]
        assert partner.get(path_of(orders[1])).status_code == 404
        say_yes(orders[2])
        done = partner.get(path_of(orders[0])).json()
        assert (done["state"], done["completionDate"]) == ("completed", "2026-11-22T06:30:00Z")
        assert [one["product"]["id"] for one in done["productOrderItem"]] == [
            str(PublicId(order.account_id, order.id)) for order in orders
        ]

    @pytest.mark.parametrize(
        ("requested", "start"),
        [(None, "NEXT_MONTH"), (FIRST_OF_DECEMBER, "NEXT_MONTH"), ("2026-11-22T06:30:00Z", "NOW")],
    )
    def test_lets_a_plan_begin_when_it_may(
        self, partner: Partner, line: Line, requested: str | None, start: str
    ) -> None:
        give_plan(line, make_plan(price_fen=19_00))
        more = {} if requested is None else {"requestedStartDate": requested}
        made = partner.post(URL, wish(item(line, make_plan()), **more), key="k")
        assert (made.status_code, made.json().get("requestedStartDate")) == (201, requested)
        assert Order.objects.get(account_id=line.account_id).quote["start"] == start

    @pytest.mark.parametrize("how", ["nothing", "account", "customer", "product", "item account"])
    def test_finds_the_line_by_what_leads_to_one(self, partner: Partner, line: Line, pack: Offering, how: str) -> None:
        bare = {"id": "1", "action": "add", "productOffering": {"id": pack.code}}
        account = {"id": str(line.account_id)}
        customer = {"id": str(line.account.customer_id), "@referredType": "Customer"}
        had = give_plan(line)
        body = {
            "nothing": lambda: wish(bare, relatedParty=[{"id": "us", "@referredType": "Organization"}]),
            "account": lambda: wish(bare, billingAccount=account),
            "item account": lambda: wish({**bare, "billingAccount": account}),
            "customer": lambda: wish(bare, relatedParty=[customer]),
            "product": lambda: wish({**bare, "product": {"id": str(PublicId(had.account_id, had.id))}}),
        }[how]()
        assert partner.post(URL, body, key="k").status_code == 201
        assert Order.objects.get(account_id=line.account_id).line_id == line.id

    def test_says_who_it_is_for_where_the_caller_sees_several(self, line: Line, pack: Offering) -> None:
        partner = make_partner(line, make_line())
        bare = {"id": "1", "action": "add", "productOffering": {"id": pack.code}}
        refused = partner.post(URL, wish(bare), key="k")
        assert (refused.status_code, refused.json()["code"]) == (400, "ATTRIBUTE_INVALID")
        assert "“productOrderItem[0].product.realizingResource”" in refused.json()["message"]
        assert_nothing_moved(line)

    @pytest.mark.parametrize(
        ("status", "code", "named", "items_of"),
        [
            (400, "ATTRIBUTE_INVALID", "productOrderItem", lambda _one: []),
            (400, "ATTRIBUTE_INVALID", "productOrderItem[0].id", lambda one: [{**one, "id": None}]),
            (400, "ATTRIBUTE_INVALID", "productOrderItem[0].action", lambda one: [{**one, "action": "buy"}]),
            (422, "ORDER_ACTION_NOT_TAKEN", "productOrderItem[0].action", lambda one: [{**one, "action": "delete"}]),
            (400, "ATTRIBUTE_INVALID", "productOrderItem[0].quantity", lambda one: [{**one, "quantity": 2}]),
            (
                400,
                "ATTRIBUTE_INVALID",
                "productOrderItem[0].productOffering",
                lambda one: [{"id": "1", "action": "add", "product": one["product"]}],
            ),
            (400, "ATTRIBUTE_INVALID", "productOrderItem[1].id", lambda one: [one, one]),
            (422, "CART_REFUSED", "", lambda one: [one, {**one, "id": "2"}]),
            (400, "ATTRIBUTE_INVALID", "productOrderItem", lambda one: [{**one, "id": str(n)} for n in range(6)]),
            (
                404,
                "OFFERING_UNKNOWN",
                "productOrderItem[0].productOffering.id",
                lambda one: [{**one, "productOffering": {"id": "NONE"}}],
            ),
            (400, "ATTRIBUTE_INVALID", "productOrderItem[0].state", lambda one: [{**one, "state": "completed"}]),
        ],
    )
    def test_refuses_items_that_cannot_be_ordered(
        self,
        partner: Partner,
        line: Line,
        pack: Offering,
        status: int,
        code: str,
        named: str,
        items_of: Items,
    ) -> None:
        refused = partner.post(URL, wish(*items_of(item(line, pack))), key="k")
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert f"“{named}”" in refused.json()["message"] or not named
        assert_nothing_moved(line)

    def test_refuses_lines_and_accounts_that_do_not_fit(self, partner: Partner, line: Line, pack: Offering) -> None:
        other = make_line(cash_fen=100_00)
        both = make_partner(line, other)
        one = item(line, pack)
        refused = [
            partner.post(URL, wish(item(other, pack)), key="k"),
            partner.post(URL, wish(one, billingAccount={"id": str(other.account_id)}), key="k"),
            both.post(URL, wish(one, billingAccount={"id": str(other.account_id)}), key="k"),
            both.post(URL, wish(one, item(other, make_offering(), "2")), key="k"),
            both.post(URL, wish(one, relatedParty=[{"id": "nobody", "@referredType": "Customer"}]), key="k"),
        ]
        assert [response.status_code for response in refused] == [404, 404, 400, 400, 404]
        assert_nothing_moved(line)
        assert_nothing_moved(other)

    @pytest.mark.parametrize(
        ("make", "more", "status", "code"),
        [
            (lambda: make_offering(price_fen=100_01), {}, 409, "INSUFFICIENT_BALANCE"),
            (lambda: make_offering(on_sale_to=NOW), {}, 409, "NOT_ON_SALE"),
            (make_offering, {"requestedStartDate": FIRST_OF_DECEMBER}, 409, "START_NOT_POSSIBLE"),
            (make_plan, {"requestedStartDate": "2026-12-24T00:00:00Z"}, 409, "START_NOT_POSSIBLE"),
        ],
    )
    def test_refuses_what_the_line_may_not_have(
        self, partner: Partner, line: Line, make: Callable[[], Offering], more: Any, status: int, code: str
    ) -> None:
        refused = partner.post(URL, wish(item(line, make()), **more), key="k")
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert_nothing_moved(line)

    def test_does_not_ask_twice_for_what_waits(self, partner: Partner, line: Line, pack: Offering) -> None:
        partner.post(URL, wish(item(line, pack)), key="k")
        again = partner.post(URL, wish(item(line, pack)), key="other")
        assert (again.status_code, again.json()["code"]) == (409, "ALREADY_WAITING")
        assert (Order.objects.count(), PartnerOrder.objects.count(), Sms.objects.count()) == (1, 1, 1)


class TestState:
    def test_follows_the_text_and_the_customer(self, partner: Partner, line: Line) -> None:
        orders = [ask_for_partner(line, make_offering(), client_id=partner.client_id) for _ in range(2)]
        assert [state_of(partner, order) for order in orders] == ["acknowledged"] * 2
        Sms.objects.filter(account_id=line.account_id).update(state=SmsState.SENT)
        assert [state_of(partner, order) for order in orders] == ["pending"] * 2
        say_yes(orders[0])
        assert [state_of(partner, order) for order in orders] == ["completed", "pending"]
        assert [one["id"] for one in partner.get(URL, state="pending").json()] == [
            str(PublicId(orders[1].account_id, orders[1].id))
        ]

    @pytest.mark.parametrize(
        ("end", "state", "why"),
        [
            ({"state": "REFUSED", "ended_at": NOW}, "cancelled", "Turned down by the customer."),
            ({"state": "EXPIRED", "ended_at": NOW}, "cancelled", "Not confirmed in time."),
            ({"expires_at": NOW}, "cancelled", "Not confirmed in time."),
            ({"state": "CANCELLED", "ended_at": NOW}, "cancelled", "Taken back by who asked for it."),
            ({"state": "FAILED", "ended_at": NOW, "failure": "BALANCE_TOO_LOW"}, "failed", None),
        ],
    )
    def test_says_how_it_ended(
        self, partner: Partner, line: Line, pack: Offering, end: dict[str, Any], state: str, why: str | None
    ) -> None:
        order = ask_for(line, pack)
        Order.objects.filter(account_id=line.account_id, id=order.id).update(**end)
        found = partner.get(path_of(order)).json()
        assert (found["state"], found.get("cancellationReason")) == (state, why)
        assert ("cancellationDate" in found, "note" in found) == (state == "cancelled", state == "failed")
        assert "expectedCompletionDate" not in found

    def test_cannot_be_made_to_say_yes_by_a_partner(self, partner: Partner, line: Line, pack: Offering) -> None:
        made = partner.post(URL, wish(item(line, pack)), key="k").json()
        order = Order.objects.get(account_id=line.account_id)
        code, path = code_of(order), path_of(order)
        tries = [
            *(partner.patch(path, {"state": state}) for state in ("completed", "inProgress", "cancelled", "pending")),
            *(
                partner.patch(path, {name: value})
                for name, value in (
                    ("code", code),
                    ("completionDate", "2026-11-22T06:30:00Z"),
                    ("productOrderItem", [{"id": "1", "action": "add", "state": "completed"}]),
                    ("note", [{"text": code}]),
                )
            ),
            *(partner.call(method, f"{path}{end}") for method in ("POST", "PUT") for end in ("", "/confirm")),
            *(
                partner.post(URL, wish(item(line, make_offering()), **{name: value}), key=f"k-{name}")
                for name, value in (("state", "completed"), ("code", code), ("completionDate", "2026-11-22T06:30:00Z"))
            ),
        ]
        assert {response.status_code for response in tries} <= {400, 404, 405, 409}
        assert partner.get(path).json() == made
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED"]
        assert wallet_of(line.account_id) == (100_00, 0, 1)
        assert code not in str([partner.get(path).json(), partner.get(URL).json()])


class TestRead:
    def test_shows_orders_of_every_channel(self, partner: Partner, line: Line) -> None:
        cart = ask_for_cart(line, make_offering(), make_service(), channel="SMS")
        found = partner.get(path_of(cart[0])).json()
        assert [one["id"] for one in found["productOrderItem"]] == ["1", "2"]
        assert [party["role"] for party in found["relatedParty"]] == ["customer"]
        assert found["channel"][0]["id"] == "SMS"
        assert "externalId" not in found

    def test_finds_by_number_party_and_offering(self, partner: Partner, line: Line) -> None:
        packs = [make_offering() for _ in range(3)]
        wanted = ask_for_partner(line, *packs[:2], client_id=partner.client_id, external_id="S-1")
        ask_for(line, packs[2])
        for name, value in (
            ("externalId", "S-1"),
            ("relatedParty.id", partner.client_id),
            ("productOrderItem.productOffering.id", packs[1].code),
            ("channel.id", "PARTNER"),
        ):
            found = partner.get(URL, **{name: value}).json()
            assert [one["id"] for one in found] == [str(PublicId(wanted.account_id, wanted.id))], name

    def test_asks_as_many_queries_for_many_as_for_one(self, partner: Partner, line: Line) -> None:
        for _ in range(3):
            ask_for_partner(line, make_offering(), make_service(), client_id=partner.client_id)
        counts = []
        for limit in ("1", "3"):
            with CaptureQueriesContext(connection) as asked:
                partner.get(URL, limit=limit)
            counts.append(len([query for query in asked if "packages_" in query["sql"]]))
        assert counts == [4, 4]


class TestChange:
    def test_changes_what_the_partner_says_and_nothing_else(self, partner: Partner, line: Line, pack: Offering) -> None:
        order = ask_for_partner(line, pack, client_id=partner.client_id, external_id="S-1", category="B2C")
        path = path_of(order)
        before = partner.get(path).json()
        changed = partner.patch(path, {"externalId": "S-2", "category": None, "state": before["state"]})
        assert changed.status_code == 200, changed.content
        expected = before | {"externalId": "S-2"}
        expected.pop("category")
        assert changed.json() == expected

    def test_is_for_the_partner_that_asked(self, partner: Partner, line: Line) -> None:
        for order in (ask_for(line, make_offering()), ask_for_partner(line, make_offering(), client_id="shop")):
            before = partner.get(path_of(order)).json()
            refused = partner.patch(path_of(order), {"externalId": "mine"})
            assert (refused.status_code, refused.json()["code"]) == (409, "ORDER_OF_ANOTHER")
            assert partner.get(path_of(order)).json() == before
