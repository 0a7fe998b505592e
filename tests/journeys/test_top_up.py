"""Topping up through the sandbox cashier: money arrives once, or not at all, and the visitor sees which."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import APIResponse, expect
from pytest_django import Settings

from accounts.models import Line
from accounts.queries.lines import get_line_by_msisdn
from billing.gateways.base import PaymentOutcome
from billing.gateways.sandbox import payment_of, signed_notice
from billing.models import LedgerEntry, SandboxPayment, TopUp, TopUpState, Wallet
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from kernel.phone import grouped_number, national_number
from portal.demo.people import bulk_msisdn
from tests.halls import StartedHall
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN, Visitor, soon, texts_of

pytestmark = pytest.mark.browser

PAYER, ANOTHER = bulk_msisdn(12), bulk_msisdn(13)


@dataclass(frozen=True)
class Books:
    """What a number's account holds, and all that happened to its money."""

    cash_fen: int
    entries: int
    top_ups: int
    texts: int

    @classmethod
    def of(cls, msisdn: str) -> "Books":
        account_id = get_line_by_msisdn(msisdn).account_id
        return cls(
            cash_fen=Wallet.objects.get(account_id=account_id).cash_fen,
            entries=LedgerEntry.objects.filter(account_id=account_id).count(),
            top_ups=TopUp.objects.filter(account_id=account_id).count(),
            texts=len(texts_of(msisdn, "^【和风通信】充值成功")),
        )

    def with_credit(self, amount_fen: int) -> "Books":
        return Books(self.cash_fen + amount_fen, self.entries + 1, self.top_ups + 1, self.texts + 1)


def credited_text(msisdn: str, amount_fen: int, books: Books) -> str:
    number = re.escape(mask_msisdn(msisdn))
    return f"为号码{number}充值{yuan_text(amount_fen)}元，当前余额{yuan_text(books.cash_fen)}元。$"


def start_top_up(visitor: Visitor, *, another_amount: str = "", amount: str = "") -> None:
    visitor.page.goto("/top-up/")
    if amount:
        visitor.main.locator(f"input[name=amount][value='{amount}']").check(force=True)
    if another_amount:
        visitor.fill("Another amount", another_amount)
    visitor.press("Go on to pay")


def newest_top_up(line: Line) -> TopUp:
    return TopUp.objects.filter(account_id=line.account_id).latest("requested_at")


class TestToppingUp:
    def test_credits_the_amount_tells_by_text_and_the_page_notices_by_itself(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER, screen=PHONE_SCREEN)
        visitor.page.goto("/")
        visitor.page.locator(".panel__action").click()
        expect(visitor.main.locator(".line-switcher__number")).to_have_text(grouped_number(PAYER))
        start_top_up(visitor, amount="50")
        expect(visitor.main.get_by_role("heading", level=1)).to_have_text(visitor.said("Sandbox cashier"))
        visitor.press("Pay %(amount)s yuan", amount="50.00")
        arrived = visitor.said("%(amount)s yuan have arrived", amount="50.00")
        expect(visitor.main.get_by_role("heading", name=arrived)).to_be_visible()
        after = before.with_credit(50_00)
        expect(visitor.main.locator(".result")).to_contain_text(yuan_text(after.cash_fen))
        visitor.handset.open()
        visitor.handset.wait_for(credited_text(PAYER, 50_00, after))
        assert Books.of(PAYER) == after

    def test_works_without_script(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER, script=False)
        start_top_up(visitor, another_amount="12.34")
        visitor.press("Pay %(amount)s yuan", amount="12.34")
        arrived = visitor.main.get_by_role("heading", name=visitor.said("%(amount)s yuan have arrived", amount="12.34"))
        soon(lambda: visitor.page.reload() is not None and arrived.is_visible())
        after = before.with_credit(12_34)
        visitor.handset.open()
        visitor.handset.wait_for(credited_text(PAYER, 12_34, after))
        assert Books.of(PAYER) == after

    def test_waits_on_its_page_until_it_is_paid(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER, script=False)
        start_top_up(visitor, amount="30")
        visitor.follow("Back without deciding")
        waiting = visitor.main.get_by_role("heading", name=visitor.said("We are waiting for the payment"))
        expect(waiting).to_be_visible()
        visitor.press("Check again")
        expect(waiting).to_be_visible()
        assert Books.of(PAYER) == replace(before, top_ups=before.top_ups + 1)
        visitor.press("Not paid yet? Go to the payment page")
        visitor.press("Pay %(amount)s yuan", amount="30.00")
        soon(lambda: Books.of(PAYER) == before.with_credit(30_00))

    def test_for_another_number_credits_that_one(self, enter: Enter) -> None:
        payer, other = Books.of(PAYER), Books.of(ANOTHER)
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/top-up/other/")
        visitor.fill("Phone number", national_number(ANOTHER))
        visitor.press("Continue")
        expect(visitor.main.locator(".line-switcher__number")).to_have_text(grouped_number(ANOTHER))
        expect(visitor.main.locator(".verdict")).to_contain_text("*")
        visitor.fill("Another amount", "1")
        visitor.press("Go on to pay")
        visitor.press("Pay %(amount)s yuan", amount="1.00")
        arrived = visitor.said("%(amount)s yuan have arrived", amount="1.00")
        expect(visitor.main.get_by_role("heading", name=arrived)).to_be_visible()
        soon(lambda: Books.of(ANOTHER) == other.with_credit(1_00))
        assert Books.of(PAYER) == payer

    def test_that_is_refused_at_the_cashier_moves_nothing(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER)
        start_top_up(visitor, amount="100")
        visitor.press("Refuse the payment")
        nothing = visitor.main.get_by_role("heading", name=visitor.said("Nothing was credited"))
        expect(nothing).to_be_visible()
        assert Books.of(PAYER) == replace(before, top_ups=before.top_ups + 1)


class TestDoneTwice:
    def test_going_back_after_paying_and_paying_again_credits_once(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER)
        start_top_up(visitor, another_amount="2")
        cashier = visitor.page.url
        pay = visitor.main.locator("form")
        again = visitor.send(pay, outcome="PAID")
        assert again.status == 302
        visitor.press("Pay %(amount)s yuan", amount="2.00")
        arrived = visitor.said("%(amount)s yuan have arrived", amount="2.00")
        expect(visitor.main.get_by_role("heading", name=arrived)).to_be_visible()
        visitor.page.go_back()
        visitor.page.goto(cashier)
        expect(visitor.main.locator(".notice")).to_contain_text(visitor.said("This payment was decided already."))
        visitor.page.go_back()
        soon(lambda: Books.of(PAYER).texts == before.texts + 1)
        assert Books.of(PAYER) == before.with_credit(2_00)

    def test_a_form_sent_twice_at_once_is_one_top_up(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/top-up/")
        form = visitor.main.locator("form")
        answers = [visitor.send(form, other_amount="4") for _time in range(2)]
        assert [answer.status for answer in answers] == [302, 302]
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert Books.of(PAYER) == replace(before, top_ups=before.top_ups + 1)

    def test_a_double_click_is_one_top_up(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/top-up/")
        visitor.fill("Another amount", "5")
        visitor.main.get_by_role("button", name=visitor.said("Go on to pay")).dblclick()
        expect(visitor.main.locator(".cashier")).to_be_visible()
        assert Books.of(PAYER) == replace(before, top_ups=before.top_ups + 1)


class TestAnAmount:
    @pytest.mark.parametrize("script", [True, False])
    def test_that_is_none_is_refused_beside_its_field_and_nothing_moves(self, enter: Enter, script: bool) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER, script=script)
        visitor.page.goto("/top-up/")
        range_refusal = visitor.said(
            "The amount must be between %(minimum)s and %(maximum)s yuan.", minimum="1.00", maximum="10000.00"
        )
        no_amount = visitor.said("This is not an amount of money.")
        for entered, refusal in (
            ("0", range_refusal),
            ("-1", no_amount),
            ("1.001", no_amount),
            ("1000000000000", no_amount),
            ("999999999999", range_refusal),
            ("０x10", no_amount),
        ):
            visitor.fill("Another amount", entered)
            visitor.press("Go on to pay")
            assert visitor.error_beside("other_amount").startswith(refusal), entered
            expect(visitor.page.locator("#id_other_amount")).to_have_value(entered)
        assert Books.of(PAYER) == before

    def test_is_needed(self, enter: Enter) -> None:
        before = Books.of(PAYER)
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/top-up/")
        visitor.press("Go on to pay")
        assert visitor.error_beside("amount") == visitor.said("Choose or enter an amount.")
        assert Books.of(PAYER) == before

    def test_for_a_number_that_does_not_exist_is_not_asked_for(self, enter: Enter) -> None:
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/top-up/other/")
        visitor.fill("Phone number", national_number(bulk_msisdn(5000)))
        visitor.press("Continue")
        assert visitor.error_beside("msisdn").startswith(visitor.said("This number is not in use with us."))


@pytest.fixture
def _cashiers_secret(hall: StartedHall, settings: Settings) -> None:
    """Lets the test sign as the hall's sandbox does."""
    settings.PAYMENT_SANDBOX_SECRET = (hall.var / "secrets" / "sandbox-cashier").read_text().strip()


@pytest.mark.usefixtures("_cashiers_secret")
class TestTheCallback:
    def test_replayed_ten_times_credits_once(self, enter: Enter, hall: StartedHall) -> None:
        before, payment = Books.of(ANOTHER), self.open_payment(enter)
        paid = replace(payment_of(payment), outcome=PaymentOutcome.PAID, paid_fen=7_00)
        body, headers = signed_notice(paid, now=timezone.now())
        answers = [self.notify(hall, body, headers) for _time in range(10)]
        assert answers == [(200, "success")] * 10
        after = before.with_credit(7_00)
        soon(lambda: Books.of(ANOTHER).texts == after.texts)
        assert Books.of(ANOTHER) == after
        assert newest_top_up(get_line_by_msisdn(ANOTHER)).state == TopUpState.SUCCEEDED

    def test_that_is_forged_late_or_about_another_amount_moves_nothing(self, enter: Enter, hall: StartedHall) -> None:
        payment = self.open_payment(enter)
        before = Books.of(ANOTHER)
        paid = replace(payment_of(payment), outcome=PaymentOutcome.PAID, paid_fen=7_00)
        body, headers = signed_notice(paid, now=timezone.now())
        assert self.notify(hall, body.replace(b"700", b"701"), headers)[0] == 400
        assert self.notify(hall, body, {**headers, "X-Sandbox-Signature": "0" * 64})[0] == 400
        assert self.notify(hall, body, {"Content-Type": "application/json"})[0] == 400
        assert self.notify(hall, *signed_notice(replace(paid, paid_fen=7_01), now=timezone.now()))[0] == 400
        assert self.notify(hall, *signed_notice(paid, now=timezone.now() - timedelta(minutes=6)))[0] == 400
        stranger = replace(paid, payment_number=uuid.uuid4().hex)
        assert self.notify(hall, *signed_notice(stranger, now=timezone.now()))[0] == 400
        assert self.notify(hall, b"{", headers)[0] == 400
        assert Books.of(ANOTHER) == before
        assert newest_top_up(get_line_by_msisdn(ANOTHER)).state == TopUpState.PENDING

    def open_payment(self, enter: Enter) -> SandboxPayment:
        """Start a top-up of 7 yuan that nobody pays."""
        visitor = enter(signed_in=ANOTHER)
        visitor.page.goto("/top-up/")
        answer: APIResponse = visitor.send(visitor.main.locator("form"), other_amount="7")
        assert answer.status == 302
        return SandboxPayment.objects.latest("opened_at")

    def notify(self, hall: StartedHall, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        answer = requests.post(f"{hall.base_url}/payment-callback/sandbox/", data=body, headers=headers, timeout=10)
        return answer.status_code, answer.text
