import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from billing.models import CardPayment, SandboxBankPayment, TopUp
from billing.operations.unbind_bank_card import unbind_card
from channels.models import Interaction
from kernel.clock import now
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.bank_cards import DELAYS, NO_MONEY, PAYS_UNHEARD, make_bank_card
from tests.factories.billing import make_campaign, make_line, wallet_of
from tests.pages import words

pytestmark = pytest.mark.django_db

TOP_UP, URL = "/top-up/", "/top-up/bank-card/"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=86_50, name="陈晓雨")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def form_for(line: Line, way: object, **changes: str) -> dict[str, str]:
    return {
        "msisdn": line.msisdn,
        "request_key": uuid.uuid4().hex,
        "other_amount": "50",
        "way": str(way),
        **changes,
    }


def result_url(top_up: TopUp) -> str:
    return reverse("billing:top-up-result", args=[PublicId(top_up.account_id, top_up.id)])


class TestTopUpPage:
    def test_offers_cards_as_ways_to_pay_and_picks_none(self, client: Client, line: Line) -> None:
        card = make_bank_card(line)
        page = client.get(TOP_UP)
        assert f"Way to pay Online payment Debit card ending in {card.last_four}" in words(page)
        assert page.content.decode().count("checked") == 1
        assert page.context["form"]["way"].value() == ""

    def test_offers_no_choice_without_a_card(self, client: Client, line: Line) -> None:
        make_bank_card(make_line())
        assert "Way to pay" not in words(client.get(TOP_UP))

    def test_shows_what_would_be_paid_before_anything_happens(self, client: Client, line: Line) -> None:
        make_campaign(starts_at=now(), minimum_fen=50_00)
        card = make_bank_card(line)
        form = form_for(line, card.id, other_amount="1234.50")
        page = client.post(TOP_UP, form)
        assert page.status_code == 200
        said = words(page, main=True)
        assert "Pay with your bank card" in said
        assert "Pay 1,234.50 yuan" in said
        assert "Bonus ¥ 10.00" in said
        assert 'name="other_amount" value="1234.50"' in page.content.decode()
        assert f'name="request_key" value="{form["request_key"]}"' in page.content.decode()
        assert not TopUp.objects.exists()

    def test_goes_on_to_the_provider_without_a_card(self, client: Client, line: Line) -> None:
        make_bank_card(line)
        answer = client.post(TOP_UP, form_for(line, ""))
        assert answer["Location"].startswith("/cashier/")

    def test_refuses_a_card_that_is_not_the_visitors(self, client: Client, line: Line) -> None:
        make_bank_card(line)
        for way in (make_bank_card(make_line()).id, uuid.uuid4(), "nonsense"):
            for address in (TOP_UP, URL):
                page = client.post(address, form_for(line, way))
                assert page.status_code == 422
                assert "This card is not linked any more." in words(page)
        assert not TopUp.objects.exists()


class TestCardPayment:
    def test_pays_and_leads_to_the_result(self, client: Client, line: Line) -> None:
        card = make_bank_card(line)
        answer = client.post(URL, form_for(line, card.id))
        top_up = TopUp.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, result_url(top_up))
        page = words(client.get(result_url(top_up)), main=True)
        assert "50.00 yuan have arrived Your balance is 136.50 yuan." in page
        assert f"Bank card debit card ending in {card.last_four}" in page
        assert (top_up.channel, top_up.state) == ("WEB", "SUCCEEDED")

    def test_is_one_payment_when_sent_twice(self, client: Client, line: Line) -> None:
        form = form_for(line, make_bank_card(line).id)
        assert len({client.post(URL, form)["Location"] for _time in range(3)}) == 1
        assert (SandboxBankPayment.objects.count(), wallet_of(line.account_id)) == (1, (136_50, 0, 2))

    def test_offers_a_changed_form_anew(self, client: Client, line: Line) -> None:
        form = form_for(line, make_bank_card(line).id)
        client.post(URL, form)
        page = client.post(URL, {**form, "other_amount": "60"})
        assert page.status_code == 422
        assert "This request was already made with other details." in words(page)
        assert page.context["form"]["request_key"].value() != form["request_key"]
        assert SandboxBankPayment.objects.count() == 1

    def test_pays_for_another_number_and_shows_nothing_of_its_balance(self, client: Client, line: Line) -> None:
        friend = make_line(cash_fen=12_30, name="林建国")
        card = make_bank_card(line)
        check = client.post(TOP_UP, form_for(friend, card.id))
        assert "Name 林**" in words(check)
        page = client.post(URL, form_for(friend, card.id), follow=True)
        assert "62.30" not in words(page, main=True)
        assert wallet_of(friend.account_id) == (62_30, 0, 2)
        friends_page = signed_in_client(friend).get(result_url(TopUp.objects.get()))
        assert card.last_four not in words(friends_page, main=True)

    def test_says_why_the_card_did_not_pay(self, client: Client, line: Line) -> None:
        card = make_bank_card(line, kind_of_card=NO_MONEY)
        page = client.post(URL, form_for(line, card.id), follow=True)
        said = "The bank card did not pay: there is not enough money on the bank card. No money was taken."
        assert said in words(page)
        assert wallet_of(line.account_id) == (86_50, 0, 1)

    @pytest.mark.parametrize(
        ("kind_of_card", "said"),
        [(PAYS_UNHEARD, "We are asking the bank"), (DELAYS, "We are waiting for the payment")],
    )
    def test_waits_for_a_bank_that_has_not_said_yet(
        self, client: Client, line: Line, kind_of_card: str, said: str
    ) -> None:
        card = make_bank_card(line, kind_of_card=kind_of_card)
        page = client.post(URL, form_for(line, card.id), follow=True)
        assert said in words(page)
        assert "Go to the payment page" not in words(page)
        assert 'name="poll"' in page.content.decode()
        resume = reverse("billing:top-up-pay", args=[PublicId(line.account_id, TopUp.objects.get().id)])
        client.post(resume)
        assert SandboxBankPayment.objects.count() == CardPayment.objects.count() == 1

    @pytest.mark.parametrize(
        ("amount", "status"),
        [("", 422), ("0", 422), ("0.99", 422), ("50.001", 422), ("-50", 422), ("1e3", 422), ("5000.01", 422)],
    )
    def test_refuses_amounts_and_says_so_beside_the_field(
        self, client: Client, line: Line, amount: str, status: int
    ) -> None:
        card = make_bank_card(line)
        page = client.post(URL, form_for(line, card.id, other_amount=amount))
        assert page.status_code == status
        assert "error-summary" in page.content.decode()
        assert not TopUp.objects.exists()

    def test_refuses_a_card_that_was_unlinked_meanwhile(self, client: Client, line: Line) -> None:
        card = make_bank_card(line)
        form = form_for(line, card.id)
        assert client.post(TOP_UP, form).status_code == 200
        unbind_card(account_id=line.account_id, card_id=card.id, now=now())
        page = client.post(URL, form)
        assert page.status_code == 422
        assert "This card is not linked any more." in words(page)
        assert not CardPayment.objects.exists()

    def test_leads_back_when_it_is_only_looked_at_or_names_no_card(self, client: Client, line: Line) -> None:
        make_bank_card(line)
        assert client.get(URL)["Location"] == TOP_UP
        assert client.post(URL, form_for(line, ""))["Location"] == TOP_UP
        assert not TopUp.objects.exists()

    def test_notes_the_refusal_with_the_use(self, client: Client, line: Line) -> None:
        card = make_bank_card(line)
        client.post(URL, form_for(line, card.id, other_amount="5000.01"))
        assert Interaction.objects.filter(capability="billing:card-payment", outcome="CARD_LIMIT_EXCEEDED").count() == 1

    def test_is_for_signed_in_visitors(self) -> None:
        assert Client().post(URL).status_code == 302
