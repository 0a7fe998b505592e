"""Recharge cards as people use them: typed in fours, pasted, without script, and by text."""

import csv

import pytest
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.models import TopUp
from kernel.masking import mask_msisdn
from messaging.models import Inbound
from portal.demo.people import bulk_msisdn
from tests.halls import StartedHall
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN, Visitor, texts_of

pytestmark = pytest.mark.browser

PAYER, FRIEND = bulk_msisdn(8), bulk_msisdn(9)


@pytest.fixture
def pins(hall: StartedHall, records: None) -> list[str]:
    """The PINs of the demo's cards that nobody has used yet."""
    used = set(TopUp.objects.filter(provider="VOUCHER").values_list("provider_payment_number", flat=True))
    with (hall.var / "secrets" / "recharge-cards.csv").open(newline="") as file:
        return [pin for serial_number, pin in csv.reader(file) if serial_number not in used]


def in_fours(pin: str) -> str:
    return " ".join(pin[start : start + 4] for start in range(0, len(pin), 4))


def top_ups_of(msisdn: str) -> int:
    account_id = get_line_by_msisdn(msisdn).account_id
    return TopUp.objects.filter(account_id=account_id, provider="VOUCHER").count()


def use_card(visitor: Visitor) -> None:
    visitor.main.locator("form .button--money").click()
    expect(visitor.main.locator("dl.facts")).to_contain_text("50.00")


class TestRechargeCardOnThePage:
    def test_groups_what_is_typed_and_credits_it(self, enter: Enter, pins: list[str]) -> None:
        before = top_ups_of(PAYER)
        visitor = enter(signed_in=PAYER, screen=PHONE_SCREEN)
        visitor.page.goto("/top-up/")
        visitor.main.locator("a[href='/top-up/card/']").click()
        expect(visitor.main).to_contain_text(in_fours(pins[0]))
        field = visitor.main.locator("#id_pin")
        field.press_sequentially(pins[0])
        expect(field).to_have_value(in_fours(pins[0]))
        use_card(visitor)
        assert top_ups_of(PAYER) == before + 1
        visitor.page.goto("/top-up/card/")
        expect(visitor.main.locator("#id_pin")).to_be_visible()
        assert in_fours(pins[0]) not in visitor.main.inner_text()

    def test_takes_what_is_pasted_for_another_number(self, enter: Enter, pins: list[str]) -> None:
        before = top_ups_of(FRIEND)
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/top-up/card/other/")
        visitor.main.locator("#id_msisdn").fill(FRIEND.removeprefix("+86"))
        visitor.main.locator("form .button").click()
        visitor.main.locator("#id_pin").fill(f"  {pins[0][:6]}-{pins[0][6:12]}  {pins[0][12:]} ")
        use_card(visitor)
        assert top_ups_of(FRIEND) == before + 1

    def test_works_without_script(self, enter: Enter, pins: list[str]) -> None:
        before = top_ups_of(PAYER)
        visitor = enter(signed_in=PAYER, script=False)
        visitor.page.goto("/top-up/card/")
        visitor.main.locator("#id_pin").fill("123")
        visitor.main.locator("form .button--money").click()
        assert visitor.error_beside("pin")
        visitor.main.locator("#id_pin").fill(in_fours(pins[0]))
        use_card(visitor)
        assert top_ups_of(PAYER) == before + 1


class TestRechargeCardByText:
    def test_is_answered_and_its_pin_is_blotted_out(self, enter: Enter, pins: list[str]) -> None:
        told = f"为号码{mask_msisdn(PAYER)}充值50.00元".replace("*", r"\*")
        count = len(texts_of(PAYER, told))
        visitor = enter(signed_in=PAYER)
        visitor.page.goto("/")
        visitor.page.locator("#handset-panel input[name=body]").fill(f"CZ#{pins[0]}")
        visitor.page.locator("#handset-panel input[name=body]").press("Enter")
        visitor.handset.wait_for(told, count=count + 1)
        visitor.page.reload()
        expect(visitor.page.locator(".bubble--out").first).to_contain_text("CZ#****")
        account_id = get_line_by_msisdn(PAYER).account_id
        assert not Inbound.objects.filter(account_id=account_id, body__contains=pins[0]).exists()
