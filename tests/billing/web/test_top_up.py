import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Line, LineState
from billing.gateways.registry import get_provider
from billing.models import SandboxPayment, TopUp, TopUpFailure
from billing.operations.top_ups import confirm_top_up, fail_top_up
from channels.models import Interaction
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line, make_top_up, wallet_of
from tests.pages import words

pytestmark = pytest.mark.django_db

URL = "/top-up/"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=86_50, name="陈晓雨")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def form_for(line: Line, **changes: str) -> dict[str, str]:
    return {"msisdn": line.msisdn, "request_key": uuid.uuid4().hex, "amount": "", "other_amount": "", **changes}


def result_url(top_up: TopUp) -> str:
    return reverse("billing:top-up-result", args=[PublicId(top_up.account_id, top_up.id)])


class TestTopUp:
    def test_asks_how_much_for_the_visitors_own_number(self, client: Client, line: Line) -> None:
        page = client.get(URL)
        grouped = f"{line.msisdn[3:6]} {line.msisdn[6:10]} {line.msisdn[10:]}"
        assert page.status_code == 200
        assert f"{grouped} Name 陈**" in words(page)
        assert "30 yuan 50 yuan 100 yuan 200 yuan 300 yuan 500 yuan" in words(page)
        assert "checked" not in page.content.decode()
        assert not TopUp.objects.exists()

    def test_speaks_chinese_first(self, line: Line) -> None:
        page = signed_in_client(line).get(URL)
        assert '<html lang="zh-hans"' in page.content.decode()

    @pytest.mark.parametrize(
        ("amounts", "amount_fen"),
        [
            ({"amount": "50"}, 50_00),
            ({"other_amount": "49.90"}, 49_90),
            ({"other_amount": " 1 "}, 1_00),
            ({"other_amount": "10000"}, 10_000_00),
            ({"amount": "50", "other_amount": "20"}, 20_00),
        ],
    )
    def test_starts_a_top_up_and_leads_to_the_cashier(
        self, client: Client, line: Line, amounts: dict[str, str], amount_fen: int
    ) -> None:
        answer = client.post(URL, form_for(line, **amounts))
        top_up = TopUp.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"/cashier/{top_up.payment_number}/")
        assert (top_up.account_id, top_up.amount_fen, top_up.channel, top_up.state) == (
            line.account_id, amount_fen, "WEB", "PENDING",
        )  # fmt: skip
        assert SandboxPayment.objects.get().amount_fen == amount_fen
        assert wallet_of(line.account_id) == (86_50, 0, 1)

    @pytest.mark.parametrize(
        ("amounts", "field", "said"),
        [
            ({}, "amount", "Choose or enter an amount."),
            ({"other_amount": "0"}, "other_amount", "between 1.00 and 10000.00 yuan"),
            ({"other_amount": "0.99"}, "other_amount", "between 1.00 and 10000.00 yuan"),
            ({"other_amount": "10000.01"}, "other_amount", "between 1.00 and 10000.00 yuan"),
            ({"other_amount": "-1"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "1.001"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "1000000000000"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "999999999999"}, "other_amount", "between 1.00 and 10000.00 yuan"),
            ({"other_amount": "５０"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "五十"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "1e3"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "1,000"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "NaN"}, "other_amount", "This is not an amount of money."),
            ({"other_amount": "9" * 30}, "other_amount", "at most 20 characters"),
            ({"other_amount": "50\x00"}, "other_amount", "Null characters are not allowed."),
            ({"amount": "51"}, "amount", "Select a valid choice."),
            ({"amount": "5000"}, "amount", "Select a valid choice."),
        ],
    )
    def test_refuses_an_amount_beside_its_field(
        self, client: Client, line: Line, amounts: dict[str, str], field: str, said: str
    ) -> None:
        page = client.post(URL, form_for(line, **amounts))
        assert page.status_code == 422
        assert said in words(page)
        assert f'id="id_{field}_error"' in page.content.decode()
        assert not TopUp.objects.exists()
        assert wallet_of(line.account_id) == (86_50, 0, 1)

    def test_makes_one_top_up_of_a_form_sent_twice(self, client: Client, line: Line) -> None:
        form = form_for(line, amount="50")
        answers = [client.post(URL, form)["Location"] for _time in range(3)]
        assert answers == [f"/cashier/{TopUp.objects.get().payment_number}/"] * 3
        assert SandboxPayment.objects.count() == 1

    def test_leads_to_the_result_when_the_form_is_sent_again_after_paying(self, client: Client, line: Line) -> None:
        form = form_for(line, amount="50")
        client.post(URL, form)
        top_up = TopUp.objects.get()
        confirm_top_up(
            account_id=line.account_id,
            top_up_id=top_up.id,
            paid_fen=50_00,
            provider_payment_number="SB1",
            now=timezone.now(),
        )
        assert client.post(URL, form)["Location"] == result_url(top_up)
        assert (TopUp.objects.count(), wallet_of(line.account_id)) == (1, (136_50, 0, 2))

    def test_refuses_a_form_sent_again_with_another_amount_and_offers_it_as_a_new_one(
        self, client: Client, line: Line
    ) -> None:
        form = form_for(line, amount="50")
        client.post(URL, form)
        page = client.post(URL, {**form, "amount": "100"})
        assert page.status_code == 422
        assert "already made with other details" in words(page)
        assert form["request_key"] not in page.content.decode()
        assert TopUp.objects.get().amount_fen == 50_00

    def test_keeps_keys_of_two_visitors_apart(self, client: Client, line: Line) -> None:
        form = form_for(line, amount="50")
        client.post(URL, form)
        stranger = signed_in_client(make_line())
        stranger.post(URL, form)
        assert TopUp.objects.count() == 2

    @pytest.mark.parametrize("key", ["", "x", "A" * 32, "0" * 31, "0" * 33])
    def test_refuses_a_damaged_form(self, client: Client, line: Line, key: str) -> None:
        assert client.post(URL, form_for(line, amount="50", request_key=key)).status_code == 422
        assert not TopUp.objects.exists()

    @pytest.mark.parametrize("msisdn", ["", "abc", "+8613000000001", "10086", "\x00"])
    def test_asks_for_a_number_again_when_the_forms_is_not_in_use(
        self, client: Client, line: Line, msisdn: str
    ) -> None:
        answer = client.post(URL, form_for(line, amount="50", msisdn=msisdn))
        assert (answer.status_code, answer["Location"]) == (302, "/top-up/other/")
        assert not TopUp.objects.exists()

    def test_sends_visitors_to_sign_in(self, line: Line) -> None:
        assert Client().get(URL)["Location"] == "/sign-in/?next=%2Ftop-up%2F"
        assert Client().post(URL, form_for(line, amount="50")).status_code == 302
        assert not TopUp.objects.exists()

    def test_takes_no_form_from_another_site(self, line: Line) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = signed_in_client(line).cookies
        assert browser.post(URL, form_for(line, amount="50")).status_code == 403
        assert not TopUp.objects.exists()

    def test_shows_the_result_page_when_the_provider_does_not_answer(
        self, client: Client, line: Line, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.PAYMENT_PROVIDER = "memory"
        monkeypatch.setattr(get_provider("memory"), "silent", True)
        answer = client.post(URL, form_for(line, amount="50"))
        top_up = TopUp.objects.get()
        assert answer["Location"] == result_url(top_up)
        again = client.post(f"{result_url(top_up)}pay/", follow=True)
        assert "The payment service cannot be reached just now." in words(again)
        assert TopUp.objects.get().state == "PENDING"


class TestTopUpOther:
    def test_shows_the_number_grouped_and_the_name_masked(self, client: Client) -> None:
        other = make_line(name="林建国")
        page = client.post("/top-up/other/", {"msisdn": other.msisdn[3:]})
        grouped = f"{other.msisdn[3:6]} {other.msisdn[6:10]} {other.msisdn[10:]}"
        assert page.status_code == 200
        assert f"Another person's number {grouped} Name 林**" in words(page).replace("&#x27;", "'")
        assert "林建国" not in page.content.decode()
        assert not TopUp.objects.exists()

    def test_credits_the_other_number_and_remembers_who_paid(self, client: Client, line: Line) -> None:
        other = make_line()
        client.post(URL, form_for(other, amount="30"))
        top_up = TopUp.objects.get()
        assert (top_up.account_id, top_up.msisdn, top_up.payer_account_id) == (
            other.account_id, other.msisdn, line.account_id,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("msisdn", "said"),
        [
            ("", "Enter the 11 digits of the number"),
            ("12345", "This is not a mobile number."),
            ("１３８００１３８０００", "This is not a mobile number."),
            ("13000000001", "This number is not in use with us."),
        ],
    )
    def test_refuses_a_number_beside_its_field(self, client: Client, msisdn: str, said: str) -> None:
        page = client.post("/top-up/other/", {"msisdn": msisdn})
        assert page.status_code in (404, 422)
        assert said in words(page)
        assert 'id="id_msisdn_error"' in page.content.decode()

    @pytest.mark.parametrize("known", [True, False])
    def test_lets_nobody_list_which_numbers_are_in_use(
        self, client: Client, line: Line, settings: Settings, known: bool
    ) -> None:
        settings.RECIPIENT_LOOKUPS_PER_HOUR = 2
        other = make_line().msisdn
        asked = {"msisdn": other.removeprefix("+86") if known else "13900000000"}
        answers = [client.post(reverse("billing:top-up-other"), asked).status_code for _ in range(3)]
        assert answers == [200 if known else 404, 200 if known else 404, 429]
        bad_amount = {"msisdn": other, "request_key": uuid.uuid4().hex, "amount": ""}
        refused = client.post(reverse("billing:top-up"), bad_amount)
        assert refused.status_code == 429
        assert "You can try again at" in words(refused) or "之后再试" in words(refused)
        own = client.get(reverse("billing:top-up"))
        assert own.status_code == 200

    def test_refuses_a_closed_number(self, client: Client) -> None:
        other = make_line()
        Line.objects.filter(id=other.id).update(state=LineState.CLOSED)
        assert "not in use with us" in words(client.post("/top-up/other/", {"msisdn": other.msisdn}))


class TestTopUpResult:
    def confirm(self, top_up: TopUp) -> None:
        confirm_top_up(
            account_id=top_up.account_id,
            top_up_id=top_up.id,
            paid_fen=top_up.amount_fen,
            provider_payment_number="SB1",
            now=timezone.now(),
        )

    def test_waits_and_asks_again_by_itself(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line, now=timezone.now())
        page = client.get(result_url(top_up))
        assert "We are waiting for the payment" in words(page)
        assert f'name="poll" hx-get="{result_url(top_up)}?asked=1"' in page.content.decode()
        assert "Go to the payment page" in words(page)

    def test_asks_ever_more_slowly(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line, now=timezone.now())
        delays = [
            re.findall(r"delay:(\d+)s", client.get(f"{result_url(top_up)}?asked={asked}").content.decode())
            for asked in ("0", "3", "7", "99", "9999", "x", "-1", "²")
        ]
        assert delays == [["1"], ["2"], ["15"], ["15"], ["1"], ["1"], ["1"], ["1"]]

    def test_tells_the_amount_and_the_balance(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line)
        self.confirm(top_up)
        page = client.get(result_url(top_up))
        assert "50.00 yuan have arrived Your balance is 136.50 yuan." in words(page)
        assert "hx-get" not in re.findall(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]

    def test_takes_the_way_to_pay_away_once_a_poll_finds_it_paid(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line, now=timezone.now())
        poll = {"HX-Request": "true", "HX-Trigger-Name": "poll"}
        assert "next-step" not in client.get(result_url(top_up), headers=poll).content.decode()
        self.confirm(top_up)
        answer = client.get(result_url(top_up), headers=poll).content.decode()
        assert re.search(r'<div id="next-step" hx-swap-oob="true">\s*</div>', answer)

    def test_offers_another_try_once_it_failed(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line, now=timezone.now())
        fail_top_up(account_id=line.account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=timezone.now())
        page = client.get(result_url(top_up))
        assert "Try again" in words(page)
        assert "Go to the payment page" not in words(page)

    def test_answers_a_poll_with_the_outcome_alone(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line)
        self.confirm(top_up)
        part = client.get(result_url(top_up), headers={"HX-Request": "true", "HX-Trigger-Name": "poll"})
        assert words(part).startswith("50.00 yuan have arrived")
        assert "<html" not in part.content.decode()

    @pytest.mark.parametrize(
        ("failure", "said"),
        [
            (TopUpFailure.REFUSED, "The payment was refused or given up."),
            (TopUpFailure.NOT_PAID_IN_TIME, "The payment did not arrive in time."),
        ],
    )
    def test_tells_why_nothing_was_credited(self, client: Client, line: Line, failure: TopUpFailure, said: str) -> None:
        top_up = make_top_up(line)
        fail_top_up(account_id=line.account_id, top_up_id=top_up.id, failure=failure, now=timezone.now())
        assert f"Nothing was credited {said}" in words(client.get(result_url(top_up)))

    def test_tells_that_the_provider_is_being_asked(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line)
        TopUp.objects.update(state="UNKNOWN")
        assert "We are asking the payment service" in words(client.get(result_url(top_up)))

    def test_tells_the_payer_of_another_number_nothing_of_its_balance(self, client: Client, line: Line) -> None:
        other = make_line(cash_fen=12_34)
        client.post(URL, form_for(other, amount="30"))
        top_up = TopUp.objects.get()
        self.confirm(top_up)
        page = words(client.get(result_url(top_up)))
        assert "30.00 yuan have arrived A text with the details is on its way to that number." in page
        assert "42.34" not in page

    def test_is_not_found_by_anybody_else(self, client: Client) -> None:
        top_up = make_top_up(make_line())
        assert client.get(result_url(top_up)).status_code == 404
        assert client.post(f"{result_url(top_up)}pay/").status_code == 404

    @pytest.mark.parametrize("public_id", ["x", "A" * 44, "é", "%00", "a" * 43])
    def test_is_not_found_under_what_is_no_id(self, client: Client, public_id: str) -> None:
        assert client.get(f"/top-up/{public_id}/").status_code == 404
        assert client.post(f"/top-up/{public_id}/pay/").status_code == 404


class TestTopUpPay:
    def test_leads_back_to_the_cashier(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line, now=timezone.now())
        answer = client.post(f"{result_url(top_up)}pay/")
        assert answer["Location"] == f"/cashier/{top_up.payment_number}/"

    def test_leads_to_the_result_when_the_time_is_over(self, client: Client, line: Line) -> None:
        top_up = make_top_up(line, now=timezone.now() - timedelta(hours=3))
        assert client.post(f"{result_url(top_up)}pay/")["Location"] == result_url(top_up)
        assert not SandboxPayment.objects.exists()

    def test_is_no_link(self, client: Client, line: Line) -> None:
        assert client.get(f"{result_url(make_top_up(line))}pay/").status_code == 405


class TestOutcomesThatAreNoted:
    """The interaction row of a refusal carries its code."""

    @pytest.mark.parametrize(
        ("form", "code"),
        [
            ({"other_amount": "0"}, "AMOUNT_OUT_OF_RANGE"),
            ({"other_amount": "x"}, "AMOUNT_INVALID"),
            ({}, "AMOUNT_MISSING"),
        ],
    )
    def test_name_the_refusal(self, client: Client, line: Line, form: dict[str, Any], code: str) -> None:
        client.post(URL, form_for(line, **form))
        assert Interaction.objects.get().outcome == code
