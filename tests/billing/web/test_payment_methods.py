import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Line
from billing.models import BankCard
from kernel.clock import now
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.bank_cards import HANGS, card_number, make_bank_card, start, want_automatic
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

URL = "/payment-methods/"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=86_50, name="陈晓雨")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def unlink_url(card: BankCard) -> str:
    return reverse("billing:unlink-card", args=[PublicId(card.account_id, card.id)])


class TestPaymentMethods:
    def test_say_what_to_do_when_there_are_none(self, client: Client) -> None:
        page = client.get(URL)
        assert "No bank card is linked" in words(page)
        assert 'href="/payment-methods/link/"' in page.content.decode()

    def test_list_cards_by_their_last_digits_with_their_limits(self, client: Client, line: Line) -> None:
        card = make_bank_card(line, now=now())
        page = client.get(URL)
        assert f"Debit card •••• {card.last_four}" in words(page)
        assert "At most 5,000 yuan at once and 10,000 yuan a day; 10,000 yuan left today" in words(page)
        assert f'href="{unlink_url(card)}"' in page.content.decode()
        assert card_number(line) not in page.content.decode().replace(" ", "")
        assert card.token not in page.content.decode()

    def test_leave_out_cards_that_wait_and_other_peoples(self, client: Client, line: Line) -> None:
        start(line)
        make_bank_card(make_line())
        assert "No bank card is linked" in words(client.get(URL))

    def test_say_that_a_card_is_still_being_unlinked(self, client: Client, line: Line) -> None:
        card = make_bank_card(line, kind_of_card=HANGS, now=now())
        page = client.post(unlink_url(card), follow=True)
        assert page.redirect_chain == [(URL, 302)]
        assert "The bank did not answer; we tell it until it does." in words(page)
        assert "The bank is being told" in words(page)
        assert unlink_url(card) not in page.content.decode()

    def test_are_there_to_unlink_when_the_bank_is_gone(self, client: Client, line: Line, settings: Settings) -> None:
        make_bank_card(line, now=now())
        settings.BANK = ""
        page = client.get(URL)
        assert "Unlink" in words(page, main=True)
        assert 'href="/payment-methods/link/"' not in page.content.decode()
        assert 'href="/automatic-top-up/"' not in page.content.decode()

    def test_speak_chinese_first(self, line: Line) -> None:
        assert '<html lang="zh-hans"' in signed_in_client(line).get(URL).content.decode()

    def test_are_for_signed_in_visitors(self) -> None:
        assert Client().get(URL).status_code == 302


class TestUnlinkCard:
    def test_asks_first_and_says_what_ends_with_it(self, client: Client, line: Line) -> None:
        card = make_bank_card(line)
        want_automatic(line, card)
        page = client.get(unlink_url(card))
        assert f"Unlink debit card ending in {card.last_four}?" in words(page)
        assert "Automatic top-up takes from this card: it is turned off." in words(page)
        assert BankCard.objects.get().state == "ACTIVE"

    def test_unlinks_and_says_so(self, client: Client, line: Line) -> None:
        card = make_bank_card(line)
        page = client.post(unlink_url(card), follow=True)
        assert "The card is unlinked." in words(page)
        assert BankCard.objects.get().state == "UNBOUND"
        assert client.get(unlink_url(card)).status_code == 404
        assert client.post(unlink_url(card)).status_code == 302

    def test_is_nobody_elses(self, client: Client, line: Line) -> None:
        card = make_bank_card(make_line())
        for address in (
            unlink_url(card),
            reverse("billing:unlink-card", args=[PublicId(line.account_id, card.id)]),
            "/payment-methods/nonsense/unlink/",
        ):
            assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
        assert BankCard.objects.get().state == "ACTIVE"
