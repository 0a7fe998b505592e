"""The pages from the catalogue to the receipt, as a browser without script uses them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import Line, LineState
from billing.models import BillHead
from kernel.clock import now
from kernel.ids import PublicId
from packages_app.models import Offering, Order, OrderState
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line
from tests.factories.packages_app import (
    ask_for,
    buy,
    code_of,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
    steps_of,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db


def url_of(name: str, order: Order) -> str:
    return reverse(f"packages:{name}", args=[PublicId(order.account_id, order.id)])


def text_of(response: Any) -> str:
    """The words of the page's content, without its frame."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def outcome_of(response: Any) -> str:
    """What the interaction row will say."""
    outcome: str = response.outcome
    return outcome


def key_on(response: Any) -> str:
    found = re.search(r'name="request_key" value="([0-9a-f]{32})"', response.content.decode())
    assert found is not None
    return found[1]


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=20_00, language="en")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


class TestOrder:
    def test_says_everything_before_anything_is_asked_for(self, client: Client, line: Line) -> None:
        service = make_service({"SMS": 50})
        before = standing(line.account_id)
        page = text_of(client.get(reverse("packages:order", args=[service.code])))
        for words in (
            "Audiobook club",
            "9.90 yuan",
            "9.90 yuan, on the first of the month",
            "Collected for",
            "悦听科技",
            "50 texts",
            "the moment you confirm",
            "you cancel",
            "at any time under My services",
            "Balance now 20.00 yuan",
            "Balance after 10.10 yuan",
        ):
            assert words in page
        assert standing(line.account_id) == before

    def test_asks_for_it_and_goes_on_to_the_confirmation(self, client: Client, line: Line) -> None:
        url = reverse("packages:order", args=[make_offering().code])
        response = client.post(url, {"request_key": key_on(client.get(url))})
        order = Order.objects.get(account_id=line.account_id)
        assert (response.status_code, response["Location"]) == (302, url_of("order-waiting", order))
        assert (order.channel, order.state) == ("WEB", "AWAITING_CONFIRMATION")
        assert standing(line.account_id)["wallet"] == (20_00, 0, 1)

    def test_takes_a_form_sent_twice_as_one_order(self, client: Client, line: Line) -> None:
        url = reverse("packages:order", args=[make_offering().code])
        form = {"request_key": key_on(client.get(url))}
        answers = {client.post(url, form)["Location"] for _ in range(2)}
        order = Order.objects.get(account_id=line.account_id)
        assert answers == {url_of("order-waiting", order)}

    def test_leads_back_to_the_order_after_the_back_button(self, client: Client, line: Line) -> None:
        url = reverse("packages:order", args=[make_offering().code])
        old_page = key_on(client.get(url))
        client.post(url, {"request_key": old_page})
        order = Order.objects.get(account_id=line.account_id)
        assert client.get(url)["Location"] == url_of("order-waiting", order)
        assert client.post(url, {"request_key": "0" * 32})["Location"] == url_of("order-waiting", order)
        assert Order.objects.filter(account_id=line.account_id).count() == 1

    @pytest.mark.parametrize("form", [{}, {"request_key": ""}, {"request_key": "x"}, {"request_key": "\x00" * 32}])
    def test_orders_nothing_by_a_damaged_form(self, client: Client, line: Line, form: dict[str, str]) -> None:
        response = client.post(reverse("packages:order", args=[make_offering().code]), form)
        assert response.status_code == 422
        assert "Nothing was ordered" in text_of(response)
        assert Order.objects.count() == 0

    def test_says_instead_of_the_button_that_the_balance_is_too_low(self, client: Client, line: Line) -> None:
        response = client.get(reverse("packages:order", args=[make_offering(price_fen=20_01).code]))
        assert "Top up at least 0.01 yuan, then order again." in text_of(response)
        assert "request_key" not in response.content.decode()
        assert reverse("billing:top-up") in response.content.decode()

    def test_refuses_what_became_too_dear_between_page_and_button(self, client: Client, line: Line) -> None:
        pack = make_offering()
        url = reverse("packages:order", args=[pack.code])
        key = key_on(client.get(url))
        Offering.objects.filter(code=pack.code).update(price_fen=30_00)
        response = client.post(url, {"request_key": key})
        assert response.status_code == 409
        assert outcome_of(response) == "INSUFFICIENT_BALANCE"
        assert Order.objects.count() == 0

    def test_shows_both_months_of_a_plan_change_and_both_ways_to_begin(self, client: Client, line: Line) -> None:
        give_plan(line)
        url = reverse("packages:order", args=[make_plan(price_fen=99_00, name_en="Breeze 99").code])
        later = text_of(client.get(url))
        assert "Price now 0.00 yuan" in later
        assert "99.00 yuan, on the first of the month" in later
        assert "your present plan Breeze 59 (59.00 yuan a month), when this one begins" in later
        response = client.get(url, {"start": "NOW"})
        at_once = text_of(response)
        assert "less" in at_once
        assert "what you paid for the same days of your present plan" in at_once
        assert 'name="start" value="NOW"' in response.content.decode()

    def test_orders_a_plan_to_begin_as_it_was_shown(self, client: Client, line: Line) -> None:
        give_plan(line)
        url = reverse("packages:order", args=[make_plan(price_fen=29_00).code])
        client.post(url, {"request_key": key_on(client.get(url)), "start": "NEXT_MONTH"})
        order = Order.objects.get(account_id=line.account_id)
        assert (order.quote["start"], order.price_fen) == ("NEXT_MONTH", 0)
        refused = client.post(url, {"request_key": "0" * 32, "start": "NOW"})
        assert refused.status_code == 302

    def test_says_why_a_plan_cannot_be_had(self, client: Client, line: Line) -> None:
        give_plan(line)
        url = reverse("packages:order", args=[make_plan(price_fen=29_00).code])
        response = client.post(url, {"request_key": "0" * 32, "start": "NOW"})
        assert (response.status_code, outcome_of(response)) == (409, "START_NOT_POSSIBLE")
        assert Order.objects.count() == 0

    def test_says_why_a_suspended_number_can_order_nothing(self, client: Client, line: Line) -> None:
        Line.objects.filter(account_id=line.account_id).update(state=LineState.SUSPENDED)
        page = text_of(client.get(reverse("packages:order", args=[make_offering().code])))
        assert "This number is suspended, so nothing can be ordered for it." in page

    @pytest.mark.parametrize("code", ["NO-SUCH", "0", "a" * 200])
    def test_does_not_find_what_was_never_on_sale(self, client: Client, code: str) -> None:
        assert client.get(reverse("packages:order", args=[code])).status_code == 404
        assert client.post(reverse("packages:order", args=[code]), {"request_key": "0" * 32}).status_code == 404

    def test_shows_free_offers_as_free(self, client: Client) -> None:
        page = text_of(
            client.get(reverse("packages:order", args=[make_offering(price_fen=0, head=BillHead.OTHER).code]))
        )
        assert "0.00 yuan" in page


class TestOrderWaiting:
    @pytest.fixture
    def order(self, line: Line) -> Order:
        return ask_for(line, make_offering(), now=now())

    def test_says_how_to_say_yes_and_until_when(self, client: Client, order: Order) -> None:
        page = text_of(client.get(url_of("order-waiting", order)))
        assert "Reply YES to the text on your phone" in page
        assert "Confirm for 5.00 yuan" in page
        assert f"Confirm before {date_format(localtime(order.expires_at), 'DATETIME_FORMAT')}" in page
        assert code_of(order) not in page

    def test_asks_again_by_itself_without_touching_what_is_typed(self, client: Client, order: Order) -> None:
        response = client.get(url_of("order-waiting", order), headers={"HX-Request": "true", "HX-Trigger-Name": "poll"})
        body = response.content.decode()
        assert response.status_code == 200
        assert f'hx-get="{url_of("order-waiting", order)}?asked=1"' in body
        assert 'name="poll"' in body
        assert 'name="code"' not in body

    def test_notices_a_yes_from_the_phone(self, client: Client, line: Line, order: Order) -> None:
        say_yes(order, channel="SMS", now=now())
        response = client.get(url_of("order-waiting", order), headers={"HX-Request": "true", "HX-Trigger-Name": "poll"})
        assert response["HX-Redirect"] == url_of("order-waiting", order)

    def test_shows_the_receipt_afterwards(self, client: Client, line: Line) -> None:
        order = buy(line, make_offering(), now=now())
        page = text_of(client.get(url_of("order-waiting", order)))
        assert "1 GB data pack is ready to use." in page
        assert "Charged 5.00 yuan" in page
        assert "web hall" in page

    def test_shows_that_it_lapsed_though_nothing_swept(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now() - timedelta(hours=2))
        page = text_of(client.get(url_of("order-waiting", order)))
        assert "This order was not confirmed in time. Nothing was ordered and nothing was charged." in page
        assert 'name="code"' not in page

    @pytest.mark.parametrize("page", ["order-waiting", "order-evidence"])
    def test_is_nobody_elses_to_see(self, order: Order, page: str) -> None:
        stranger = signed_in_client(make_line(cash_fen=20_00))
        assert stranger.get(url_of(page, order)).status_code == 404

    @pytest.mark.parametrize("action", ["confirm", "refuse", "resend"])
    def test_is_nobody_elses_to_decide(self, order: Order, action: str) -> None:
        stranger = signed_in_client(make_line(cash_fen=20_00))
        before = standing(order.account_id)
        assert stranger.post(url_of(action, order), {"code": code_of(order)}).status_code == 404
        assert standing(order.account_id) == before

    @pytest.mark.parametrize("public_id", ["0", "a" * 44, "_" * 44, "-" * 43])
    def test_does_not_find_what_is_no_order(self, client: Client, public_id: str) -> None:
        assert client.get(reverse("packages:order-waiting", args=[public_id])).status_code == 404

    def test_is_found_after_switching_to_another_number_of_this_browser(self, line: Line, order: Order) -> None:
        both = signed_in_client(make_line(), line)
        assert both.get(url_of("order-waiting", order)).status_code == 200


class TestConfirm:
    @pytest.fixture
    def order(self, line: Line) -> Order:
        return ask_for(line, make_offering(), now=now())

    def test_takes_the_code_of_the_text(self, client: Client, line: Line, order: Order) -> None:
        response = client.post(url_of("confirm", order), {"code": code_of(order)})
        assert (response.status_code, response["Location"]) == (302, url_of("order-waiting", order))
        assert standing(line.account_id)["wallet"] == (15_00, 0, 2)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REPLY", "CONFIRMED"]

    def test_answers_a_double_click_with_the_receipt(self, client: Client, line: Line, order: Order) -> None:
        form = {"code": code_of(order)}
        client.post(url_of("confirm", order), form)
        before = standing(line.account_id)
        response = client.post(url_of("confirm", order), form, follow=True)
        assert "This order is already confirmed" in text_of(response)
        assert "1 GB data pack is ready to use." in text_of(response)
        assert standing(line.account_id) == before

    def test_says_beside_the_field_that_a_code_is_wrong(self, client: Client, line: Line, order: Order) -> None:
        before = standing(line.account_id)
        response = client.post(url_of("confirm", order), {"code": wrong_code_of(order)})
        assert (response.status_code, outcome_of(response)) == (422, "ORDER_CODE_WRONG")
        assert "You can try 4 more times." in text_of(response)
        assert 'id="id_code_error"' in response.content.decode()
        assert standing(line.account_id) == before

    @pytest.mark.parametrize("code", ["", "12", "12345", "abcd", "1 2 3", "\x00", "9" * 500])
    def test_counts_no_guess_for_what_is_no_code(self, client: Client, order: Order, code: str) -> None:
        response = client.post(url_of("confirm", order), {"code": code})
        assert response.status_code == 422
        order.refresh_from_db()
        assert (order.guesses, order.state) == (0, "AWAITING_CONFIRMATION")

    def test_answers_a_sixth_guess_with_the_end_of_the_order(self, client: Client, line: Line, order: Order) -> None:
        wrong = {"code": wrong_code_of(order)}
        statuses = [client.post(url_of("confirm", order), wrong).status_code for _ in range(5)]
        assert statuses == [422, 422, 422, 422, 302]
        response = client.post(url_of("confirm", order), {"code": code_of(order)}, follow=True)
        assert "Too many wrong codes" in text_of(response)
        assert standing(line.account_id)["wallet"] == (20_00, 0, 1)

    def test_answers_an_old_code_with_what_became_of_the_order(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now() - timedelta(hours=2))
        before = standing(line.account_id)
        response = client.post(url_of("confirm", order), {"code": code_of(order)}, follow=True)
        assert "This order was not confirmed in time." in text_of(response)
        assert standing(line.account_id) == before

    def test_says_what_to_do_when_the_money_went_elsewhere(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(price_fen=18_00), now=now())
        buy(line, make_offering(), now=now())
        response = client.post(url_of("confirm", order), {"code": code_of(order)}, follow=True)
        assert "Your balance is not enough for this." in text_of(response)
        assert reverse("billing:top-up") in response.content.decode()
        order.refresh_from_db()
        assert (order.state, order.failure) == (OrderState.FAILED, "INSUFFICIENT_BALANCE")

    def test_asks_for_a_post(self, client: Client, order: Order) -> None:
        assert [client.get(url_of(name, order)).status_code for name in ("refuse", "resend")] == [405, 405]

    def test_goes_back_to_the_order_when_its_page_is_loaded_again(self, client: Client, order: Order) -> None:
        answer = client.get(url_of("confirm", order))
        assert (answer.status_code, answer["Location"]) == (302, url_of("order-waiting", order))

    def test_asks_for_the_token_of_the_form(self, line: Line, order: Order) -> None:
        strict = signed_in_client(line)
        strict.handler.enforce_csrf_checks = True
        assert strict.post(url_of("confirm", order), {"code": code_of(order)}).status_code == 403


class TestRefuse:
    def test_ends_the_order_and_says_so(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now())
        response = client.post(url_of("refuse", order), follow=True)
        assert "You turned this order down. Nothing was ordered and nothing was charged." in text_of(response)
        assert standing(line.account_id)["wallet"] == (20_00, 0, 1)

    def test_comes_too_late_after_the_yes(self, client: Client, line: Line) -> None:
        order = buy(line, make_offering(), now=now())
        response = client.post(url_of("refuse", order), follow=True)
        assert "This order is already confirmed and carried out." in text_of(response)


class TestResend:
    def test_sends_another_text(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now() - timedelta(minutes=2))
        old = code_of(order)
        response = client.post(url_of("resend", order), follow=True)
        assert "A new text is on its way." in text_of(response)
        assert code_of(order) != old

    def test_says_when_it_is_too_early(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now())
        response = client.post(url_of("resend", order), follow=True)
        assert "Wait a minute for it" in text_of(response)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED"]

    def test_is_not_offered_after_the_third_text(self, client: Client, line: Line, settings: Any) -> None:
        settings.ORDER_TEXTS = 1
        order = ask_for(line, make_offering(), now=now())
        response = client.get(url_of("order-waiting", order))
        assert url_of("resend", order) not in response.content.decode()


class TestAgain:
    def test_offers_at_the_price_of_now_by_one_press(self, client: Client, line: Line) -> None:
        pack = make_offering()
        order = ask_for(line, pack, now=now())
        Offering.objects.filter(code=pack.code).update(price_fen=6_00)
        client.post(url_of("confirm", order), {"code": code_of(order)})
        page = client.get(url_of("order-waiting", order))
        assert "The price or the contents changed since you ordered" in text_of(page)
        assert url_of("again", order) in page.content.decode()
        answers = {client.post(url_of("again", order))["Location"] for _ in range(2)}
        fresh = Order.objects.exclude(id=order.id).get(account_id=line.account_id)
        assert answers == {url_of("order-waiting", fresh)}
        assert (fresh.state, fresh.price_fen) == ("AWAITING_CONFIRMATION", 6_00)
        assert standing(line.account_id)["wallet"] == (20_00, 0, 1)

    def test_is_not_for_what_waits_or_is_carried_out(self, client: Client, line: Line) -> None:
        order = ask_for(line, make_offering(), now=now())
        assert outcome_of(client.post(url_of("again", order))) == "STILL_WAITING"
        say_yes(order, now=now())
        assert outcome_of(client.post(url_of("again", order))) == "ALREADY_CONFIRMED"
        assert Order.objects.filter(account_id=line.account_id).count() == 1
