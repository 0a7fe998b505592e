import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Line
from billing.models import AutomaticTopUp, BankCard, CardPayment
from billing.operations.automatic_top_ups import top_up_automatically
from billing.operations.unbind_bank_card import unbind_card
from kernel.clock import now
from tests.factories.accounts import signed_in_client
from tests.factories.bank_cards import NO_MONEY, PAYS_UNHEARD, make_bank_card, want_automatic
from tests.factories.billing import make_charge, make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

URL, OFF = "/automatic-top-up/", "/automatic-top-up/off/"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=30_00, name="陈晓雨")


@pytest.fixture
def card(line: Line) -> BankCard:
    return make_bank_card(line)


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def form_for(chosen: BankCard, **changes: str) -> dict[str, str]:
    return {"threshold": "20", "amount": "50", "monthly_limit": "200", "card": str(chosen.id), **changes}


def fall(line: Line) -> None:
    make_charge(line, amount_fen=25_00, now=now())
    top_up_automatically(account_id=line.account_id, now=now())


class TestAutomaticTopUp:
    def test_asks_for_a_card_first(self, client: Client) -> None:
        page = client.get(URL)
        assert "There is no card to take from" in words(page)
        assert 'href="/payment-methods/link/"' in page.content.decode()
        assert "<form" not in page.content.decode().partition("<main")[2].partition("</main>")[0]

    def test_proposes_common_amounts(self, client: Client, card: BankCard) -> None:
        form = client.get(URL).context["form"]
        assert [form[name].value() for name in ("threshold", "amount", "monthly_limit", "card")] == [
            *("20", "50", "200"),
            str(card.id),
        ]

    def test_is_turned_on_changed_and_turned_off(self, client: Client, line: Line, card: BankCard) -> None:
        page = client.post(URL, form_for(card), follow=True)
        assert page.redirect_chain == [(URL, 302)]
        assert "Automatic top-up is on. You get a text each time." in words(page)
        assert "0.00 of 200.00 yuan" in words(page)
        client.post(URL, form_for(card, threshold="10.50"))
        assert AutomaticTopUp.objects.values_list("state", "threshold_fen", "line_id").get() == ("ON", 10_50, line.id)
        page = client.post(OFF, follow=True)
        assert "Automatic top-up is off." in words(page)
        assert AutomaticTopUp.objects.get().state == "OFF"
        assert "Turn it on again" in words(page)

    @pytest.mark.parametrize(
        ("changes", "field", "said"),
        [
            ({"threshold": "50"}, "threshold", "must be below the amount that it tops up"),
            ({"threshold": "0"}, "threshold", "must be more than zero"),
            ({"threshold": ""}, "threshold", "Enter an amount."),
            ({"threshold": "-1"}, "threshold", "This is not an amount of money."),
            ({"threshold": "10.001"}, "threshold", "This is not an amount of money."),
            ({"threshold": "<b>"}, "threshold", "This is not an amount of money."),
            ({"amount": "10000.01", "monthly_limit": "10000.01"}, "amount", "between 1.00 and 10000.00 yuan"),
            ({"amount": "6000", "monthly_limit": "6000"}, "amount", "This card pays at most 5000.00 yuan at once"),
            ({"monthly_limit": "49.99"}, "monthly_limit", "must be at least the amount of one top-up"),
            ({"monthly_limit": "10001"}, "monthly_limit", "at most 10000.00 yuan"),
            ({"card": ""}, "card", "Choose a card."),
            ({"card": "nonsense"}, "card", "This card is not linked any more."),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, client: Client, card: BankCard, changes: dict[str, str], field: str, said: str
    ) -> None:
        page = client.post(URL, form_for(card, **changes))
        assert page.status_code == 422
        assert said in words(page)
        assert f'id="id_{field}_error"' in page.content.decode()
        assert not AutomaticTopUp.objects.exists()

    def test_takes_from_nobody_elses_card(self, client: Client, card: BankCard) -> None:
        page = client.post(URL, form_for(make_bank_card(make_line())))
        assert page.status_code == 422
        assert not AutomaticTopUp.objects.exists()

    def test_refuses_a_card_that_was_unlinked_meanwhile(self, client: Client, line: Line, card: BankCard) -> None:
        unbind_card(account_id=line.account_id, card_id=card.id, now=now())
        assert client.post(URL, form_for(card)).status_code == 422

    def test_shows_what_it_took(self, client: Client, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        fall(line)
        page = words(client.get(URL), main=True)
        assert "Balance now ¥ 55.00" in page
        assert "50.00 of 200.00 yuan" in page
        assert ": credited" in page

    def test_shows_what_is_owed_beside_the_balance(self, client: Client, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        assert "What you owe" not in words(client.get(URL), main=True)
        make_charge(line, amount_fen=40_00, may_owe=True, now=now())
        assert "Balance now ¥ 30.00 What you owe ¥ 40.00" in words(client.get(URL), main=True)

    def test_says_that_the_month_is_used_up(self, client: Client, line: Line, card: BankCard) -> None:
        want_automatic(line, card, monthly_limit_fen=50_00)
        fall(line)
        assert "This month's limit leaves no room for another one." in words(client.get(URL)).replace("&#x27;", "'")

    def test_says_that_the_card_failed_and_when_it_is_tried_again(self, client: Client, line: Line) -> None:
        want_automatic(line, make_bank_card(line, kind_of_card=NO_MONEY))
        fall(line)
        page = words(client.get(URL))
        assert "The card failed the last time. It is tried again after" in page
        assert "there is not enough money on the bank card" in page

    def test_says_that_it_stopped_and_how_to_go_on(self, client: Client, line: Line, card: BankCard) -> None:
        want_automatic(line, card)
        AutomaticTopUp.objects.update(state="STOPPED", failures=3)
        page = client.get(URL)
        assert "Stopped The card failed too often" in words(page)
        client.post(URL, form_for(card))
        assert AutomaticTopUp.objects.values_list("state", "failures").get() == ("ON", 0)

    def test_says_that_the_bank_has_not_answered(self, client: Client, line: Line) -> None:
        want_automatic(line, make_bank_card(line, kind_of_card=PAYS_UNHEARD))
        fall(line)
        assert CardPayment.objects.get().state == "UNKNOWN"
        assert "Until it does, nothing more is taken." in words(client.get(URL))

    def test_is_not_there_without_a_bank_but_can_be_turned_off(
        self, client: Client, line: Line, card: BankCard, settings: Settings
    ) -> None:
        want_automatic(line, card)
        settings.BANK = ""
        assert client.get(URL).status_code == 404
        client.post(OFF)
        assert AutomaticTopUp.objects.get().state == "OFF"

    @pytest.mark.parametrize("url", [URL, OFF])
    def test_is_for_signed_in_visitors(self, url: str) -> None:
        assert Client().post(url).status_code == 302

    def test_is_turned_off_by_a_form_only(self, client: Client) -> None:
        assert client.get(OFF).status_code == 405
