"""Why am I charged?"""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from billing.models import ChargeReason
from kernel.channel import Channel
from kernel.ids import PublicId
from messaging.models import Sms, SmsState
from packages_app.models import Order
from packages_app.operations.order_steps import staff_actor
from packages_app.operations.orders import quote_order
from packages_app.operations.partner_orders import cancel_partner_order
from tests.factories.accounts import signed_in_client
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.packages_app import (
    ask_for_change,
    ask_for_partner,
    buy,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
)
from tests.packages_app.web.test_ordering import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    """22 November 2026, 14:30 in Shanghai."""
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=100_00, language="en")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def proof_url(account_id: object, row_id: object) -> str:
    return reverse("packages:order-evidence", args=[PublicId(account_id, row_id)])  # type: ignore[arg-type]


def order_url(order: Order) -> str:
    return reverse("packages:order-waiting", args=[PublicId(order.account_id, order.id)])


class TestOrderEvidence:
    def test_says_all_from_the_offer_to_the_yes(self, client: Client, line: Line) -> None:
        order = buy(line, make_service())
        page = text_of(client.get(proof_url(line.account_id, order.id)))
        for words in (
            "Offer shown",
            "Price now 9.90 yuan",
            "9.90 yuan, on the first of the month, first on",
            "at any time under My services",
            "You asked for &quot;Audiobook club&quot;",
            "· you",
            "The exact reply:",
            "What was charged",
        ):
            assert words in page

    def test_says_what_became_of_the_text(self, client: Client, line: Line) -> None:
        order = buy(line, make_offering())
        Sms.objects.filter(kind="ORDER_CONFIRMATION").update(state=SmsState.DELIVERED, sent_at=NOW, delivered_at=NOW)
        page = text_of(client.get(proof_url(line.account_id, order.id)))
        assert "Delivered Nov. 22, 2026" in page
        Sms.objects.filter(kind="ORDER_CONFIRMATION").update(state=SmsState.UNDELIVERED, delivered_at=None)
        assert "Sent Nov. 22, 2026, 14:30 · not delivered" in text_of(client.get(proof_url(line.account_id, order.id)))

    def test_lists_every_fee_since(self, client: Client, line: Line) -> None:
        order = buy(line, make_service())
        make_charge(line, amount_fen=9_90, reason=ChargeReason.SUBSCRIPTION, reason_id=order.id, name="Club, December")
        page = text_of(client.get(proof_url(line.account_id, order.id)))
        assert "Club, December" in page
        assert page.count("9.90 yuan </p>") == 0
        assert "a subscription's fee" in page.replace("&#x27;", "'")

    def test_says_that_a_change_next_month_charged_nothing_yet(self, client: Client, line: Line) -> None:
        give_plan(line)
        order = say_yes(ask_for_change(line, make_plan(price_fen=29_00)))
        page = text_of(client.get(proof_url(line.account_id, order.id)))
        assert "Nothing was charged for this order" in page
        assert "Nothing so far." in page
        make_charge(line, amount_fen=29_00, reason=ChargeReason.SUBSCRIPTION, reason_id=order.id)
        assert "charged nothing; its fees since then stand below" in text_of(
            client.get(proof_url(line.account_id, order.id))
        )

    def test_says_when_staff_asked_for_the_customer(self, client: Client, line: Line) -> None:
        order = quote_order(
            account_id=line.account_id,
            line_id=line.id,
            offering_code=make_offering().code,
            channel=Channel.HOTLINE,
            request_key="call-1",
            now=NOW,
            actor=staff_actor(username="wang.li"),
        )
        page = text_of(client.get(proof_url(line.account_id, order.id)))
        assert "our staff, at your request" in page
        assert "wang.li" not in page

    def test_says_which_partner_asked_wherever_the_order_is_shown(self, client: Client, line: Line) -> None:
        confirmed, taken_back = (ask_for_partner(line, make_offering()) for _ in range(2))
        waiting_page = text_of(client.get(order_url(confirmed)))
        say_yes(confirmed)
        cancel_partner_order(
            account_id=line.account_id, order_id=taken_back.id, client_id="shop", reason="sold out", now=NOW
        )
        pages = [waiting_page, *(text_of(client.get(order_url(order))) for order in (confirmed, taken_back))]
        assert ["Asked for by A shop, a partner of ours" in page for page in pages] == [True] * 3
        assert "Who asked for this order took it back. Nothing was ordered" in pages[2]
        proof = text_of(client.get(proof_url(line.account_id, taken_back.id)))
        assert proof.count("partner system · A shop, a partner of ours") == 2


class TestPlanOfTheContract:
    def test_has_no_order_and_says_so(self, client: Client, line: Line) -> None:
        plan = give_plan(line)
        make_charge(line, amount_fen=59_00, reason=ChargeReason.SUBSCRIPTION, reason_id=plan.id, name="Breeze 59")
        page = text_of(client.get(proof_url(line.account_id, plan.id)))
        assert "Breeze 59 came with the contract that opened this number." in page
        assert "59.00 yuan" in page

    def test_of_another_customer_does_not_exist(self, client: Client) -> None:
        other = make_line()
        plan = give_plan(other)
        assert client.get(proof_url(other.account_id, plan.id)).status_code == 404

    def test_is_reached_from_my_services(self, client: Client, line: Line) -> None:
        plan = give_plan(line)
        page = client.get(reverse("packages:subscriptions")).content.decode()
        assert proof_url(line.account_id, plan.id) in page


class TestMyServices:
    def test_shows_a_change_that_is_to_come_with_its_way_back(self, client: Client, line: Line) -> None:
        give_plan(line)
        order = say_yes(ask_for_change(line, make_plan(price_fen=29_00, name_en="Breeze 29")))
        url = reverse("packages:cancel", args=[PublicId(line.account_id, order.id)])
        page = client.get(reverse("packages:subscriptions"))
        assert url in page.content.decode()
        assert "begins later" in text_of(page)
        assert "Your next plan takes its place then." in text_of(page)
        assert "Keep your plan and withdraw the change to Breeze 29?" in text_of(client.get(url))
        answer = client.post(url, follow=True)
        assert "The change to Breeze 29 is withdrawn. Your plan goes on." in answer.content.decode()
        assert url not in client.get(reverse("packages:subscriptions")).content.decode()

    def test_says_until_when_a_contract_binds(self, client: Client, line: Line) -> None:
        order = buy(line, make_service(kind="DEVICE_CONTRACT", commitment_months=24))
        url = reverse("packages:cancel", args=[PublicId(line.account_id, order.id)])
        page = client.get(reverse("packages:subscriptions"))
        assert url not in page.content.decode()
        assert "Your contract binds you until" in text_of(page)
        refused = client.post(url)
        assert refused.outcome == "COMMITTED"  # type: ignore[attr-defined]
