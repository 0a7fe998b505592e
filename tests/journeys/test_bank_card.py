"""A bank card as customers use it: linked with the bank's code, paying when asked and by itself, unlinked."""

import re

import pytest
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.models import AutomaticTopUp, BankCard, TopUp
from billing.queries.balance import get_balance
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN, Visitor, soon, texts_of

pytestmark = pytest.mark.browser

_BANK_CODE = re.compile(r"验证码(\d{6})")


def ask_for_a_code(visitor: Visitor) -> str:
    """Fill in the first card to try and return how its number ends."""
    visitor.page.goto("/top-up/")
    visitor.follow("Link a bank card to pay with")
    number = visitor.main.locator("dl.facts dd").first.inner_text().replace(" ", "")
    visitor.main.locator("#id_card_number").fill(number)
    visitor.main.locator("[name=account_kind][value=CREDIT]").check()
    visitor.press("Send me the bank's code")
    return number[-4:]


def newest_code(msisdn: str) -> str:
    soon(lambda: texts_of(msisdn, _BANK_CODE.pattern))
    return str(_BANK_CODE.findall(texts_of(msisdn, _BANK_CODE.pattern)[0])[0])


class TestBankCard:
    def test_is_linked_pays_tops_up_by_itself_and_is_unlinked(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(signed_in=newcomer, screen=PHONE_SCREEN)
        account_id = get_line_by_msisdn(newcomer).account_id
        before_fen = get_balance(account_id).total_fen

        last_four = ask_for_a_code(visitor)
        visitor.main.locator("#id_code").fill(newest_code(newcomer))
        visitor.press("Link this card")
        expect(visitor.main).to_contain_text(f"•••• {last_four}")

        visitor.page.goto("/top-up/")
        visitor.main.locator("#id_other_amount").fill("50")
        visitor.main.locator(".choice").filter(has_text=last_four).locator("input").check()
        visitor.press("Go on to pay")
        expect(visitor.main).to_contain_text(last_four)
        assert not TopUp.objects.filter(account_id=account_id, provider="BANK_CARD").exists()
        visitor.press("Pay %(amount)s yuan", amount="50.00")
        expect(visitor.main).to_contain_text(visitor.said("%(amount)s yuan have arrived", amount="50.00"))
        assert get_balance(account_id).total_fen == before_fen + 50_00

        # Below the threshold already: it is topped up at once, by a worker.
        visitor.page.goto("/automatic-top-up/")
        visitor.main.locator("#id_threshold").fill("1500")
        visitor.main.locator("#id_amount").fill("1600.50")
        visitor.main.locator("#id_monthly_limit").fill("2000")
        visitor.press("Turn it on")
        soon(lambda: get_balance(account_id).total_fen == before_fen + 50_00 + 1600_50)
        soon(lambda: texts_of(newcomer, f"自动充值成功.*尾号{last_four}的银行卡扣款充值1600.50元"))
        visitor.page.reload()
        expect(visitor.main).to_contain_text("1,600.50")

        visitor.page.goto("/payment-methods/")
        visitor.main.locator(".row a").click()
        expect(visitor.main).to_contain_text(visitor.said("Automatic top-up takes from this card: it is turned off."))
        visitor.press("Unlink this card")
        expect(visitor.main).to_contain_text(visitor.said("No bank card is linked"))
        assert BankCard.objects.values_list("state", flat=True).get(account_id=account_id) == "UNBOUND"
        assert AutomaticTopUp.objects.get(account_id=account_id).state == "OFF"

    def test_is_linked_without_script_after_a_wrong_code(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(signed_in=newcomer, script=False)
        last_four = ask_for_a_code(visitor)
        code = newest_code(newcomer)
        visitor.main.locator("#id_code").fill(f"{(int(code) + 1) % 10**6:06d}")
        visitor.press("Link this card")
        assert visitor.error_beside("code")
        visitor.main.locator("#id_code").fill(code)
        visitor.press("Link this card")
        expect(visitor.main).to_contain_text(f"•••• {last_four}")
