"""The lists of a number's orders and services, an order's proof, and cancelling."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from kernel.clock import now
from kernel.ids import PublicId
from packages_app.models import Order, Subscription
from packages_app.operations.subscriptions import cancel_subscription
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line
from tests.factories.packages_app import (
    ask_for,
    ask_for_change,
    buy,
    code_of,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
    tie,
)

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=100_00)


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def cancel_url(order: Order) -> str:
    return reverse("packages:cancel", args=[PublicId(order.account_id, order.id)])


class TestOrders:
    def test_lists_each_order_with_how_it_stands(self, client: Client, line: Line) -> None:
        buy(line, make_offering(name_en="Bought pack"), now=now())
        ask_for(line, make_offering(name_en="Asked pack"), now=now())
        ask_for(line, make_offering(name_en="Lapsed pack"), now=now() - timedelta(hours=2))
        buy(make_line(cash_fen=100_00), make_offering(name_en="Stranger pack"), now=now())
        page = text_of(client.get(reverse("packages:orders")))
        for words in (
            "Bought pack",
            "completed",
            "Asked pack",
            "waiting for your confirmation",
            "not confirmed in time",
        ):
            assert words in page
        assert "Stranger pack" not in page

    def test_says_of_a_change_that_was_withdrawn_that_it_was(self, client: Client, line: Line) -> None:
        give_plan(line, make_plan(price_fen=10_00))
        change = say_yes(ask_for_change(line, make_plan(name_en="Other plan"), now=now()), now=now())
        cancel_subscription(account_id=line.account_id, subscription_id=change.id, channel="WEB", now=now())
        page = text_of(client.get(reverse("packages:orders")))
        assert "Other plan" in page
        assert "withdrawn" in page
        assert "completed" not in page

    def test_says_what_to_do_when_there_is_none(self, client: Client) -> None:
        assert "No orders yet" in text_of(client.get(reverse("packages:orders")))


class TestOrderEvidence:
    def test_walks_from_the_charge_to_the_exact_words(self, client: Client, line: Line) -> None:
        order = buy(line, make_offering(), now=now())
        url = reverse("packages:order-evidence", args=[PublicId(order.account_id, order.id)])
        page = text_of(client.get(url))
        assert "5.00 yuan were charged for 1 GB data pack" in page
        assert f"确认码{code_of(order)}" in page
        assert f"The exact reply: “{code_of(order)}”" in page
        positions = [page.index(words) for words in ("Offer shown", "Confirmation text queued", "The exact reply")]
        assert positions == sorted(positions)

    def test_hides_the_code_while_it_works(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now())
        url = reverse("packages:order-evidence", args=[PublicId(order.account_id, order.id)])
        page = text_of(client.get(url))
        assert "确认码****" in page
        assert code_of(order) not in page
        assert "Nothing was charged for this order" in page


class TestSubscriptions:
    def test_lists_everything_with_its_way_out(self, client: Client, line: Line) -> None:
        give_plan(line)
        pack, service = buy(line, make_offering(), now=now()), buy(line, make_service(), now=now())
        response = client.get(reverse("packages:subscriptions"))
        page = text_of(response)
        positions = [page.index(name) for name in ("Breeze 59", "1 GB data pack", "Audiobook club")]
        assert positions == sorted(positions)
        assert "A number needs a plan: change it instead of cancelling." in page
        assert "Paid once; ends by itself." in page
        assert cancel_url(service) in response.content.decode()
        assert cancel_url(pack) not in response.content.decode()

    def test_leaves_out_what_is_over(self, client: Client, line: Line) -> None:
        buy(line, make_offering(), now=now() - timedelta(days=40))
        assert "This number has nothing yet" in text_of(client.get(reverse("packages:subscriptions")))

    def test_asks_a_fixed_number_of_queries(
        self, client: Client, line: Line, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(5):
            buy(line, make_offering(), now=now())
        with django_assert_max_num_queries(10):
            client.get(reverse("packages:subscriptions"))


class TestCancel:
    def test_says_what_it_means_and_does_nothing_yet(self, client: Client, line: Line) -> None:
        service = buy(line, make_service(), now=now())
        before = standing(line.account_id)
        page = text_of(client.get(cancel_url(service)))
        assert "Cancel Audiobook club?" in page
        assert "this month is paid and stays yours" in page
        assert standing(line.account_id) == before

    def test_names_what_needs_it(self, client: Client, line: Line) -> None:
        base, extra = make_service(price_fen=1_00), make_service(name_en="Family guard", price_fen=1_00)
        tie(extra, "REQUIRES", base)
        bought, dependent = buy(line, base, now=now()), buy(line, extra, now=now())
        assert "Family guard needs it" in text_of(client.get(cancel_url(bought)))
        assert "needs it" not in text_of(client.get(cancel_url(dependent)))

    def test_cancels_once_however_often_it_is_sent(self, client: Client, line: Line) -> None:
        service = buy(line, make_service(), now=now())
        response = client.post(cancel_url(service), follow=True)
        assert "Audiobook club is cancelled." in text_of(response)
        assert "cancelled" in text_of(client.get(reverse("packages:subscriptions")))
        before = standing(line.account_id)
        client.post(cancel_url(service))
        assert standing(line.account_id) == before
        assert Subscription.objects.get(account_id=line.account_id).cancelled_channel == "WEB"

    def test_leads_away_from_what_cannot_be_cancelled(self, client: Client, line: Line) -> None:
        pack = buy(line, make_offering(), now=now())
        before = standing(line.account_id)
        assert client.get(cancel_url(pack))["Location"] == reverse("packages:subscriptions")
        response = client.post(cancel_url(pack), follow=True)
        assert "This was paid once and ends by itself" in text_of(response)
        assert standing(line.account_id) == before

    def test_refuses_to_cancel_a_plan(self, client: Client, line: Line) -> None:
        plan = give_plan(line)
        url = reverse("packages:cancel", args=[PublicId(plan.account_id, plan.id)])
        response = client.post(url, follow=True)
        assert "A plan cannot be cancelled here" in text_of(response)
        plan.refresh_from_db()
        assert plan.cancelled_at is None

    def test_is_for_the_owner_only(self, line: Line) -> None:
        service = buy(line, make_service(), now=now())
        before = standing(line.account_id)
        stranger = signed_in_client(make_line())
        assert stranger.get(cancel_url(service)).status_code == 404
        assert stranger.post(cancel_url(service)).status_code == 404
        assert standing(line.account_id) == before
