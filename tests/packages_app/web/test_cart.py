"""Collecting several things and asking for them as one, without script."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from kernel.clock import now
from kernel.ids import PublicId
from packages_app.models import Offering, Order
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line
from tests.factories.packages_app import ask_for, code_of, make_offering, make_plan, make_service, standing, tie
from tests.packages_app.web.test_ordering import key_on, outcome_of, text_of

pytestmark = pytest.mark.django_db

CART = "/cart/"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=20_00, language="en")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


@pytest.fixture
def pack() -> Offering:
    return make_offering()


@pytest.fixture
def service() -> Offering:
    return make_service()


def collect(client: Client, *offerings: Offering) -> Any:
    for offering in offerings:
        client.post(reverse("packages:cart-add", args=[offering.code]))
    return client.get(CART)


class TestCart:
    def test_shows_every_price_and_the_sum(self, client: Client, pack: Offering, service: Offering) -> None:
        page = text_of(collect(client, pack, service))
        for words in ("1 GB data pack", "Audiobook club", "Price now, together 14.90 yuan", "Balance after 5.10 yuan"):
            assert words in page

    def test_moves_nothing_while_collecting(self, client: Client, line: Line, pack: Offering) -> None:
        before = standing(line.account_id)
        collect(client, pack, pack)
        assert standing(line.account_id) == before
        assert len(client.get(CART).context["items"]) == 1

    def test_asks_for_all_as_one_and_is_empty_then(
        self, client: Client, line: Line, pack: Offering, service: Offering
    ) -> None:
        page = collect(client, pack, service)
        response = client.post(CART, {"request_key": key_on(page)})
        orders = list(Order.objects.filter(account_id=line.account_id).order_by("id"))
        waiting = reverse("packages:order-waiting", args=[PublicId(line.account_id, orders[0].id)])
        assert (response.status_code, response["Location"]) == (302, waiting)
        assert [order.offering_id for order in orders] == [pack.code, service.code]
        assert client.get(CART).context["items"] == []
        page = client.get(waiting)
        assert "Confirm for 14.90 yuan" in text_of(page)
        confirm = reverse("packages:confirm", args=[PublicId(line.account_id, orders[0].id)])
        client.post(confirm, {"code": code_of(orders[0])})
        receipt = text_of(client.get(waiting))
        assert "Confirmed together with Audiobook club" in receipt
        assert "Balance after 15.00 yuan" in receipt

    def test_takes_a_form_sent_twice_as_one_cart(
        self, client: Client, line: Line, pack: Offering, service: Offering
    ) -> None:
        key = key_on(collect(client, pack, service))
        client.post(CART, {"request_key": key})
        collect(client, pack, service)
        client.post(CART, {"request_key": key})
        assert Order.objects.filter(account_id=line.account_id).count() == 2

    def test_lets_things_be_taken_out(self, client: Client, pack: Offering, service: Offering) -> None:
        collect(client, pack, service)
        client.post(reverse("packages:cart-remove", args=[pack.code]))
        assert [item["code"] for item in client.get(CART).context["items"]] == [service.code]

    def test_says_what_cannot_be_had_together_and_offers_no_button(
        self, client: Client, pack: Offering, service: Offering
    ) -> None:
        tie(service, "EXCLUDES", pack)
        response = collect(client, pack, service)
        assert "This cannot be had together with: Audiobook club." in text_of(response)
        assert "Send me the confirmation text" not in text_of(response)

    def test_lets_what_needs_another_be_collected_with_it(
        self, client: Client, pack: Offering, service: Offering
    ) -> None:
        tie(pack, "REQUIRES", service)
        page = client.get(reverse("packages:order", args=[pack.code]))
        assert reverse("packages:cart-add", args=[pack.code]) in page.content.decode()
        assert "This can only be had together with: Audiobook club." in text_of(collect(client, pack))
        assert "Send me the confirmation text" in text_of(collect(client, service))

    def test_says_how_much_money_is_missing(self, client: Client, pack: Offering) -> None:
        assert "0.01" in text_of(collect(client, pack, make_offering(price_fen=15_01)))

    def test_takes_no_plan_and_no_sixth_thing(self, client: Client) -> None:
        response = client.post(reverse("packages:cart-add", args=[make_plan().code]))
        assert outcome_of(response) == "CART_REFUSED"
        assert len(collect(client, *(make_offering(price_fen=1) for _ in range(6))).context["items"]) == 5

    def test_knows_no_other_offer(self, client: Client) -> None:
        assert client.post(reverse("packages:cart-add", args=["NO-SUCH"])).status_code == 404

    def test_refuses_a_damaged_form(self, client: Client, pack: Offering) -> None:
        collect(client, pack)
        response = client.post(CART, {"request_key": "x"})
        assert (response.status_code, outcome_of(response)) == (422, "FORM_DAMAGED")
        assert Order.objects.count() == 0

    def test_leads_to_what_waits_already(self, client: Client, line: Line, pack: Offering, service: Offering) -> None:
        waiting = ask_for(line, pack, now=now())
        page = collect(client, pack, service)
        response = client.post(CART, {"request_key": key_on(page)})
        assert response["Location"] == reverse("packages:order-waiting", args=[PublicId(line.account_id, waiting.id)])

    def test_is_each_lines_own(self, line: Line, pack: Offering) -> None:
        other = make_line()
        browser = signed_in_client(other, line)
        shown = browser.get(CART).wsgi_request.line  # type: ignore[attr-defined]
        collect(browser, pack)
        unseen = line if shown.id == other.id else other
        assert list(browser.session["cart"]) == [str(shown.id)] != [str(unseen.id)]

    def test_says_what_to_do_when_nothing_is_collected(self, client: Client) -> None:
        assert "Nothing is collected yet" in text_of(client.get(CART))
