import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from billing.models import TopUp
from channels.models import Interaction
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line, wallet_of
from tests.factories.vouchers import WRONG_PIN, issue_cards, make_card
from tests.pages import words

pytestmark = pytest.mark.django_db

URL = "/top-up/card/"
OTHER = "/top-up/card/other/"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=86_50, name="陈晓雨")


@pytest.fixture
def client(line: Line) -> Client:
    return browser_of(line)


def browser_of(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def grouped(line: Line) -> str:
    return f"{line.msisdn[3:6]} {line.msisdn[6:10]} {line.msisdn[10:]}"


class TestRechargeCard:
    def test_asks_for_the_pin_under_the_visitors_own_number(self, client: Client, line: Line) -> None:
        page = client.get(URL)
        assert page.status_code == 200
        assert f"{grouped(line)} Name 陈**" in words(page)
        html = page.content.decode()
        assert 'inputmode="numeric"' in html
        assert 'autocomplete="off"' in html

    def test_is_found_on_the_page_of_topping_up(self, client: Client) -> None:
        assert f'href="{URL}"' in client.get("/top-up/").content.decode()

    def test_credits_the_card_and_leads_to_the_result_of_any_top_up(self, client: Client, line: Line) -> None:
        card = make_card()
        pin = f" {card.pin[:4]} {card.pin[4:8]}  {card.pin[8:12]}-{card.pin[12:]} "
        answer = client.post(URL, {"msisdn": line.msisdn, "pin": pin})
        top_up = TopUp.objects.get()
        result = reverse("billing:top-up-result", args=[PublicId(line.account_id, top_up.id)])
        assert (answer.status_code, answer["Location"]) == (302, result)
        assert (top_up.channel, top_up.amount_fen, top_up.state) == ("WEB", 50_00, "SUCCEEDED")
        page = words(client.get(result), main=True)
        assert "50.00 yuan have arrived Your balance is 136.50 yuan." in page
        assert f"Recharge card {card.serial_number}" in page
        assert card.pin not in page
        assert wallet_of(line.account_id) == (136_50, 0, 2)

    def test_leads_to_the_same_result_when_sent_twice(self, client: Client, line: Line) -> None:
        form = {"msisdn": line.msisdn, "pin": make_card().pin}
        answers = {client.post(URL, form)["Location"] for _time in range(3)}
        assert len(answers) == 1
        assert wallet_of(line.account_id) == (136_50, 0, 2)

    def test_says_beside_the_field_what_is_wrong(self, client: Client, line: Line) -> None:
        page = client.post(URL, {"msisdn": line.msisdn, "pin": WRONG_PIN})
        assert page.status_code == 422
        assert "There is no recharge card with this PIN." in words(page)
        assert "You have 4 more tries." in words(page)
        assert 'id="id_pin_error"' in page.content.decode()
        assert Interaction.objects.filter(capability="billing:recharge-card", outcome="VOUCHER_WRONG").count() == 1
        assert wallet_of(line.account_id) == (86_50, 0, 1)

    @pytest.mark.parametrize(
        ("pin", "status", "said"),
        [
            ("", 422, "Enter the PIN of the card."),
            ("1234", 400, "Enter all 18 digits"),
            ("12345678901234567x", 400, "This is not the PIN of a recharge card."),
            ("9" * 81, 422, "at most 80 characters"),
            ("1\x002", 422, "Null characters are not allowed."),
            ("<script>alert(1)</script>", 400, "This is not the PIN of a recharge card."),
        ],
    )
    def test_refuses_what_is_no_pin(self, client: Client, line: Line, pin: str, status: int, said: str) -> None:
        page = client.post(URL, {"msisdn": line.msisdn, "pin": pin})
        assert page.status_code == status
        assert said in words(page)
        assert "<script>alert" not in page.content.decode()
        assert not TopUp.objects.exists()

    def test_is_locked_after_five_wrong_pins_wherever_they_come_from(self, client: Client, line: Line) -> None:
        card = make_card()
        form = {"msisdn": line.msisdn, "pin": WRONG_PIN}
        statuses = [
            browser_of(line).post(URL, form, REMOTE_ADDR=f"203.0.113.{number}").status_code for number in range(6)
        ]
        assert statuses == [422, 422, 422, 422, 429, 429]
        page = client.post(URL, {**form, "pin": card.pin}, REMOTE_ADDR="198.51.100.7")
        assert page.status_code == 429
        assert "Recharging by card is locked" in words(page)
        assert wallet_of(line.account_id) == (86_50, 0, 1)

    def test_is_not_locked_for_neighbours_behind_one_address(self, client: Client, line: Line) -> None:
        card, neighbour = make_card(), make_line()
        for _time in range(6):
            client.post(URL, {"msisdn": line.msisdn, "pin": WRONG_PIN}, REMOTE_ADDR="203.0.113.1")
        answer = browser_of(neighbour).post(
            URL, {"msisdn": neighbour.msisdn, "pin": card.pin}, REMOTE_ADDR="203.0.113.1"
        )
        assert answer.status_code == 302
        assert wallet_of(neighbour.account_id) == (50_00, 0, 1)

    def test_says_that_a_card_is_not_active_yet(self, client: Client, line: Line) -> None:
        (card,) = issue_cards()
        page = client.post(URL, {"msisdn": line.msisdn, "pin": card.pin})
        assert page.status_code == 422
        assert "This recharge card is not active yet." in words(page)

    @pytest.mark.parametrize("msisdn", ["", "+8613012345678", "nonsense", "\x00"])
    def test_goes_back_to_asking_for_a_number_that_is_not_in_use(self, client: Client, msisdn: str) -> None:
        answer = client.post(URL, {"msisdn": msisdn, "pin": make_card().pin})
        assert (answer.status_code, answer["Location"]) == (302, OTHER)
        assert not TopUp.objects.exists()

    @pytest.mark.parametrize("url", [URL, OTHER])
    def test_is_for_signed_in_visitors(self, url: str) -> None:
        answer = Client().get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")

    @pytest.mark.parametrize("url", [URL, OTHER])
    def test_takes_no_other_method(self, client: Client, url: str) -> None:
        assert client.put(url).status_code == 405


class TestRechargeCardForAnotherNumber:
    def test_shows_a_masked_name_before_it_asks_for_the_card(self, client: Client) -> None:
        friend = make_line(name="林建国")
        assert client.get(OTHER).status_code == 200
        page = client.post(OTHER, {"msisdn": friend.msisdn})
        assert f"{grouped(friend)} Name 林**" in words(page)
        assert "林建国" not in page.content.decode()

    def test_credits_it_and_shows_nothing_of_its_balance(self, client: Client, line: Line) -> None:
        friend = make_line(cash_fen=12_30)
        answer = client.post(URL, {"msisdn": friend.msisdn, "pin": make_card().pin}, follow=True)
        assert wallet_of(friend.account_id) == (62_30, 0, 2)
        assert wallet_of(line.account_id) == (86_50, 0, 1)
        page = words(answer, main=True)
        assert "50.00 yuan have arrived A text with the details is on its way to that number." in page
        assert "62.30" not in page

    @pytest.mark.parametrize("msisdn", ["", "123", "+8613012345678"])
    def test_refuses_a_number_that_is_none_or_not_in_use(self, client: Client, msisdn: str) -> None:
        page = client.post(OTHER, {"msisdn": msisdn})
        assert page.status_code in (404, 422)
        assert 'id="id_msisdn_error"' in page.content.decode()
