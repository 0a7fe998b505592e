import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Line
from billing.gateways.bank_base import BankUnavailable
from billing.gateways.bank_sandbox import NOT_ACCEPTED, SandboxBank
from billing.models import BankCard
from channels.models import Interaction
from kernel.ids import PublicId
from messaging.models import Sms
from tests.factories.accounts import signed_in_client
from tests.factories.bank_cards import bank_code, card_number, make_bank_card, other_code, start
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

URL = "/payment-methods/link/"
LIST = "/payment-methods/"


@pytest.fixture
def line() -> Line:
    return make_line(name="陈晓雨")


@pytest.fixture
def client(line: Line) -> Client:
    return browser_of(line)


def browser_of(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def form_for(line: Line, **changes: str) -> dict[str, str]:
    return {"request_key": uuid.uuid4().hex, "card_number": card_number(line), "account_kind": "DEBIT", **changes}


def code_url(card: BankCard) -> str:
    return reverse("billing:link-card-code", args=[PublicId(card.account_id, card.id)])


def ask(client: Client, line: Line) -> BankCard:
    """Send the first form; the card waits for its code."""
    client.post(URL, form_for(line))
    return BankCard.objects.get(account_id=line.account_id)


class TestLinkCard:
    def test_asks_for_the_card_and_which_account_pays(self, client: Client, line: Line) -> None:
        page = client.get(URL)
        assert page.status_code == 200
        assert "Debit card: your savings account Credit card Electronic cash" in words(page)
        html = page.content.decode()
        assert ('inputmode="numeric"' in html, 'autocomplete="cc-number"' in html) == (True, True)
        assert "checked" not in html

    def test_shows_cards_to_try_in_demo_mode_only(self, client: Client, line: Line, settings: Settings) -> None:
        number = card_number(line)
        grouped = " ".join(number[at : at + 4] for at in range(0, 16, 4))
        assert grouped in words(client.get(URL))
        settings.DEMO_MODE = False
        assert grouped not in words(client.get(URL))

    def test_leads_on_to_the_code(self, client: Client, line: Line) -> None:
        answer = client.post(URL, form_for(line))
        card = BankCard.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, code_url(card))
        page = words(client.get(code_url(card)), main=True)
        assert f"Step 2 of 2. The bank has sent a code to {line.msisdn[3:6]} {line.msisdn[6:10]}" in page
        assert f"debit card ending in {card.last_four}" in page
        assert card_number(line) not in client.get(code_url(card)).content.decode()

    def test_is_one_card_when_sent_twice(self, client: Client, line: Line) -> None:
        form = form_for(line)
        assert len({client.post(URL, form)["Location"] for _time in range(3)}) == 1
        assert (BankCard.objects.count(), Sms.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("changes", "status", "field", "said"),
        [
            ({"card_number": ""}, 422, "card_number", "Enter the number of the card."),
            ({"card_number": "6200000012345678"}, 400, "card_number", "This is not the number of a bank card."),
            ({"card_number": "<script>alert(1)</script>"}, 400, "card_number", "not the number of a bank card"),
            ({"card_number": "1\x00"}, 422, "card_number", "Null characters are not allowed."),
            ({"card_number": "1" * 41}, 422, "card_number", "at most 40 characters"),
            ({"account_kind": ""}, 422, "account_kind", "Choose which account of the card pays."),
            ({"account_kind": "GOLD"}, 422, "account_kind", "GOLD"),
            ({"request_key": "x"}, 422, "request_key", "This form is damaged."),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, client: Client, line: Line, changes: dict[str, str], status: int, field: str, said: str
    ) -> None:
        page = client.post(URL, form_for(line, **changes))
        assert page.status_code == status
        assert said in words(page)
        assert "<script>alert" not in page.content.decode()
        assert (f'id="id_{field}_error"' in page.content.decode()) == (field != "request_key")
        assert not BankCard.objects.exists()

    def test_says_that_the_bank_refuses_and_takes_another_card_then(self, client: Client, line: Line) -> None:
        page = client.post(URL, form_for(line, card_number=card_number(line, NOT_ACCEPTED)))
        assert page.status_code == 422
        assert "The bank does not accept this card for linking." in words(page)
        assert Interaction.objects.filter(outcome="CARD_NOT_ACCEPTED").count() == 1
        assert page.context["form"]["request_key"].value() != BankCard.objects.get().request_key

    def test_says_when_the_next_code_may_be_asked_for(self, client: Client, line: Line) -> None:
        client.post(URL, form_for(line))
        page = client.post(URL, form_for(line))
        assert page.status_code == 429
        assert "You can try again at" in words(page)

    def test_says_that_the_bank_is_away(self, client: Client, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        def say_nothing(*_arguments: object, **_named: object) -> None:
            raise BankUnavailable

        monkeypatch.setattr(SandboxBank, "request_agreement", say_nothing)
        page = client.post(URL, form_for(line))
        assert page.status_code == 503
        assert "The bank cannot be reached just now." in words(page)

    def test_is_not_there_without_a_bank(self, client: Client, settings: Settings) -> None:
        settings.BANK = ""
        assert client.get(URL).status_code == 404
        assert client.post(URL).status_code == 404
        assert URL not in client.get("/top-up/").content.decode()

    def test_is_found_on_the_page_of_topping_up(self, client: Client) -> None:
        assert f'href="{URL}"' in client.get("/top-up/").content.decode()

    def test_is_for_signed_in_visitors(self) -> None:
        answer = Client().get(URL)
        assert (answer.status_code, answer["Location"].startswith("/sign-in/")) == (302, True)


class TestLinkCardCode:
    def test_links_the_card(self, client: Client, line: Line) -> None:
        card = ask(client, line)
        answer = client.post(code_url(card), {"code": f" {bank_code(line)} "}, follow=True)
        assert answer.redirect_chain == [(LIST, 302)]
        assert f"Debit card ending in {card.last_four} is linked".lower() in words(answer).lower()
        assert BankCard.objects.get().state == "ACTIVE"
        assert client.post(code_url(card), {"code": "000000"})["Location"] == LIST

    def test_counts_wrong_codes(self, client: Client, line: Line) -> None:
        card = ask(client, line)
        wrong = {"code": other_code(bank_code(line))}
        said = [words(client.post(code_url(card), wrong)) for _time in range(5)]
        assert "You have 4 more tries." in said[0]
        assert "You have 1 more try." in said[3]
        assert "A wrong code was entered too often" in said[4]
        page = client.post(code_url(card), {"code": bank_code(line)})
        assert page.status_code == 422
        assert BankCard.objects.get().state == "WAITING"

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５"])
    def test_counts_no_guess_for_what_is_no_code(self, client: Client, line: Line, code: str) -> None:
        card = ask(client, line)
        assert client.post(code_url(card), {"code": code}).status_code == 422
        assert BankCard.objects.get().guesses == 0

    def test_takes_full_width_digits(self, client: Client, line: Line) -> None:
        card = ask(client, line)
        code = bank_code(line).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        assert client.post(code_url(card), {"code": code})["Location"] == LIST

    def test_says_that_the_code_has_expired(self, client: Client, line: Line) -> None:
        card = ask(client, line)
        BankCard.objects.update(code_expires_at=card.code_sent_at + timedelta(microseconds=1))
        assert "The bank's code has expired." in words(client.post(code_url(card), {"code": "123456"})).replace(
            "&#x27;", "'"
        )

    def test_starts_anew_when_the_card_is_linked_elsewhere(self, client: Client, line: Line) -> None:
        owner = make_line()
        make_bank_card(owner)
        client.post(URL, form_for(line, card_number=card_number(owner)))
        card = BankCard.objects.get(account_id=line.account_id)
        answer = client.post(code_url(card), {"code": bank_code(line)}, follow=True)
        assert answer.redirect_chain == [(URL, 302)]
        assert "This card is linked to another account with us." in words(answer)
        assert Interaction.objects.filter(outcome="CARD_BOUND_ELSEWHERE").count() == 1

    def test_starts_anew_when_the_bank_does_not_answer(
        self, client: Client, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = ask(client, line)

        def say_nothing(*_arguments: object, **_named: object) -> None:
            raise BankUnavailable

        monkeypatch.setattr(SandboxBank, "sign_agreement", say_nothing)
        answer = client.post(code_url(card), {"code": bank_code(line)}, follow=True)
        assert answer.redirect_chain == [(URL, 302)]
        assert "so the card is not linked" in words(answer)
        assert BankCard.objects.get().state == "UNBINDING"

    def test_can_be_given_up(self, client: Client, line: Line) -> None:
        card = ask(client, line)
        public_id = PublicId(card.account_id, card.id)
        answer = client.post(reverse("billing:unlink-card", args=[public_id]), follow=True)
        assert "The card was not linked." in words(answer)
        assert client.get(code_url(card))["Location"] == URL

    def test_is_nobody_elses(self, client: Client, line: Line) -> None:
        card = start(make_line())
        resend = reverse("billing:link-card-resend", args=[PublicId(card.account_id, card.id)])
        assert client.get(code_url(card)).status_code == 404
        assert client.post(code_url(card), {"code": "123456"}).status_code == 404
        assert client.post(resend).status_code == 404
        # An address made of the visitor's account and another's card.
        mixed = reverse("billing:link-card-code", args=[PublicId(line.account_id, card.id)])
        assert client.post(mixed, {"code": "123456"}).status_code == 404
        assert BankCard.objects.get().guesses == 0
        assert client.get("/payment-methods/nonsense/code/").status_code == 404


class TestLinkCardResend:
    def test_waits_a_minute(self, client: Client, line: Line) -> None:
        card = ask(client, line)
        url = reverse("billing:link-card-resend", args=[PublicId(card.account_id, card.id)])
        answer = client.post(url, follow=True)
        assert answer.redirect_chain == [(code_url(card), 302)]
        assert "The bank cannot send more codes just now." in words(answer)
        assert Interaction.objects.filter(outcome="TOO_MANY_BANK_CODES").count() == 1
        assert client.get(url).status_code == 405
