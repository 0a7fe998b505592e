from typing import Any

import pytest
import time_machine
from django.conf import settings

from accounts.models import Line
from kernel.ids import PublicId
from packages_app.models import Order, PartnerOrder
from packages_app.operations.confirm_order import confirm_order_by_code
from packages_app.operations.order_steps import OrderCancelled
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    ask_for_partner,
    code_of,
    make_offering,
    make_service,
    say_yes,
    steps_of,
)
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
ORDERING = "/tmf-api/productOrderingManagement/v4"
URL = f"{ORDERING}/cancelProductOrder"


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


def wish(order: Order, **more: Any) -> dict[str, Any]:
    return {"productOrder": {"id": str(PublicId(order.account_id, order.id))}, **more}


class TestCreate:
    def test_takes_back_all_of_a_cart(self, partner: Partner, line: Line) -> None:
        first = ask_for_partner(line, make_offering(), make_service(), client_id=partner.client_id)
        code = code_of(first)
        response = partner.post(URL, wish(first, cancellationReason="sold out"), key="k")
        public_id = str(PublicId(line.account_id, first.id))
        order_url = f"{settings.PUBLIC_URL}{ORDERING}/productOrder/{public_id}"
        assert response.status_code == 201
        assert response.json() == {
            "id": public_id,
            "href": f"{settings.PUBLIC_URL}{URL}/{public_id}",
            "state": "done",
            "productOrder": {"id": public_id, "href": order_url, "@referredType": "ProductOrder"},
            "effectiveCancellationDate": "2026-11-22T06:30:00Z",
            "cancellationReason": "sold out",
            "@type": "CancelProductOrder",
        }
        cart = list(Order.objects.filter(account_id=line.account_id))
        assert [order.state for order in cart] == ["CANCELLED"] * 2
        assert [steps_of(order)[-1] for order in cart] == ["CANCELLED"] * 2
        told = partner.get(f"{ORDERING}/productOrder/{public_id}").json()
        assert (told["state"], told["cancellationReason"]) == ("cancelled", "sold out")
        with pytest.raises(OrderCancelled):
            say_yes(first, code=code)
        with pytest.raises(OrderCancelled):
            confirm_order_by_code(
                account_id=line.account_id, line_id=line.id, channel="SMS", code=code, reply=f"是 {code}", now=NOW
            )
        assert wallet_of(line.account_id) == (100_00, 0, 1)

    def test_leaves_alone_what_is_not_its_own_or_has_ended(self, partner: Partner, line: Line) -> None:
        orders = {
            "ORDER_OF_ANOTHER": ask_for(line, make_offering()),
            "ALREADY_CONFIRMED": say_yes(ask_for_partner(line, make_offering(), client_id=partner.client_id)),
            "ORDER_EXPIRED": ask_for_partner(line, make_offering(), client_id=partner.client_id),
        }
        lapsed = orders["ORDER_EXPIRED"]
        Order.objects.filter(account_id=line.account_id, id=lapsed.id).update(expires_at=NOW)
        shops = ask_for_partner(line, make_offering(), client_id="shop")
        before = list(Order.objects.filter(account_id=line.account_id).order_by("id").values())
        tried = [*orders.items(), ("ORDER_OF_ANOTHER", shops)]
        refused = [partner.post(URL, wish(order), key="k") for _code, order in tried]
        assert [(response.status_code, response.json()["code"]) for response in refused] == [
            (409, code) for code, _order in tried
        ]
        assert list(Order.objects.filter(account_id=line.account_id).order_by("id").values()) == before
        assert not PartnerOrder.objects.filter(cancelled_at__isnull=False).exists()

    def test_knows_no_orders_of_others(self, line: Line) -> None:
        order = ask_for_partner(line, make_offering(), client_id="shop")
        stranger = make_partner(make_line())
        for named in (str(PublicId(line.account_id, order.id)), "nobody"):
            refused = stranger.post(URL, {"productOrder": {"id": named}}, key="k")
            assert (refused.status_code, "“productOrder.id”" in refused.json()["message"]) == (404, True)
        assert Order.objects.get(account_id=line.account_id).state == "AWAITING_CONFIRMATION"

    def test_is_done_once(self, partner: Partner, line: Line) -> None:
        order = ask_for_partner(line, make_offering(), client_id=partner.client_id)
        first = partner.post(URL, wish(order), key="k")
        again, other = (partner.post(URL, wish(order), key=key) for key in ("k", "other"))
        assert (again.status_code, again.content) == (201, first.content)
        assert (other.status_code, other.json()["code"]) == (409, "ORDER_CANCELLED")
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "CANCELLED"]
