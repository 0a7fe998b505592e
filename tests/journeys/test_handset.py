"""The halls without a browser, used from the virtual handset: texts to 10086, and the number that rings off."""

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.queries.balance import get_balance
from channels.models import Interaction
from channels.texts import left_words
from kernel.channel import Channel
from kernel.clock import now
from kernel.money import yuan_text
from packages_app.models import Subscription
from packages_app.queries.allowance import get_allowance
from portal.demo.catalogue import MISSED_CALLS
from portal.demo.people import FIXED_PEOPLE
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN, soon, texts_of

pytestmark = pytest.mark.browser

_CHEN, LIN, EMMA, _WANG = (person.msisdn for person in FIXED_PEOPLE)


def uses_of(msisdn: str, *channels: Channel) -> Counter[tuple[str, str]]:
    """Return how often which capability ended how, on these channels."""
    account_id = get_line_by_msisdn(msisdn).account_id
    uses = Interaction.objects.filter(account_id=account_id, channel__in=channels)
    return Counter(uses.values_list("capability", "outcome"))


class TestTextsTo10086:
    def test_bring_the_balance_what_is_left_and_else_the_menu(self, enter: Enter) -> None:
        line = get_line_by_msisdn(LIN)
        before = uses_of(LIN, Channel.SMS)
        visitor = enter(signed_in=LIN, screen=PHONE_SCREEN)
        visitor.page.goto("/")
        handset = visitor.handset
        handset.open()
        handset.send("cxye")
        balance = get_balance(line.account_id)
        handset.wait_for(rf"您的账户余额{yuan_text(balance.total_fen)}元，其中现金{yuan_text(balance.cash_fen)}元")
        handset.send("CXLL")
        told = handset.wait_for("您的套餐余量")
        kinds = [left_words("zh-hans", kind) for kind in get_allowance(line.account_id, line.id, now()).kinds]
        assert len(kinds) == 3
        assert told.splitlines()[1:4] == kinds
        handset.send("你好")
        menu = handset.wait_for("请回复以下指令")
        assert menu.index("CXYE 查余额\nCXLL 查流量等余量\n") < menu.index("0000 查已订业务、退订\n是 确认订购")
        used = uses_of(LIN, Channel.SMS) - before
        assert used == {("balance", "OK"): 1, ("allowance", "OK"): 1, ("menu", "OK"): 1}

    def test_list_what_a_line_has_and_cancel_by_number(self, enter: Enter) -> None:
        line = get_line_by_msisdn(LIN)
        before = uses_of(LIN, Channel.SMS)
        visitor = enter(signed_in=LIN)
        visitor.page.goto("/")
        handset = visitor.handset
        handset.send("0000")
        told = handset.wait_for("您的套餐：长者关爱套餐19元。")
        assert "\n可退订的业务：\n1、来电提醒 3.00元/月\n退订请回复序号" in told
        handset.send("2")
        handset.wait_for("清单中没有序号2.+未退订任何业务")
        service = Subscription.objects.filter(account_id=line.account_id, offering_id=MISSED_CALLS)
        assert service.get().cancelled_at is None
        handset.send("1")
        handset.wait_for("您已退订“来电提醒”")
        assert service.get().cancelled_channel == Channel.SMS
        handset.send("1")
        handset.wait_for("此前已退订：来电提醒")
        visitor.page.goto("/subscriptions/")
        row = visitor.main.locator(".row", has_text="来电提醒")
        expect(row.get_by_role("link", name="退订")).to_have_count(0)
        used = uses_of(LIN, Channel.SMS) - before
        assert used == {
            ("what_i_have", "OK"): 1,
            ("cancel_by_number", "NUMBERS_UNKNOWN"): 1,
            ("cancel_by_number", "OK"): 2,
        }


class TestTheNumberThatRingsOff:
    def test_brings_one_text_however_often_it_is_rung_within_a_minute(self, enter: Enter) -> None:
        line = get_line_by_msisdn(EMMA)
        before = uses_of(EMMA, Channel.FLASH_CALL)
        visitor = enter(signed_in=EMMA, language="en")
        visitor.page.goto("/")
        handset = visitor.handset
        handset.ring("1008611")
        call = visitor.page.locator(".call")
        expect(call.locator(".call__number")).to_have_text("1008611")
        expect(call.locator(".call__state")).to_have_text("It rings …")
        expect(call.locator(".call__state")).to_have_text("It rang off. A text is on its way.")
        balance, allowance = get_balance(line.account_id), get_allowance(line.account_id, line.id, now())
        data = left_words("en", allowance.data)
        handset.wait_for(re.escape(f"plan Enjoy 99, balance {yuan_text(balance.total_fen)} yuan, {data}."))
        call.get_by_role("button", name="Hang up").click()
        expect(call).to_have_count(0)
        handset.ring("1008611")
        twice = {("summary", "OK"): 1, ("summary", "JUST_TOLD"): 1}
        soon(lambda: uses_of(EMMA, Channel.FLASH_CALL) - before == twice)
        assert len(texts_of(EMMA, "plan Enjoy 99")) == 1

    def test_is_the_only_one_that_answers(self, enter: Enter) -> None:
        before = uses_of(EMMA, Channel.FLASH_CALL)
        visitor = enter(signed_in=EMMA, language="en")
        visitor.page.goto("/")
        visitor.handset.ring("110")
        expect(visitor.page.locator(".call__state")).to_have_text("This number cannot be reached from here.")
        assert uses_of(EMMA, Channel.FLASH_CALL) == before


class TestEveryPage:
    def test_leaves_one_interaction_and_what_it_asks_for_by_itself_none(self, enter: Enter) -> None:
        visitor = enter(signed_in=EMMA)
        before = uses_of(EMMA, Channel.WEB)
        visitor.page.goto("/")
        with visitor.page.expect_response(re.compile("/handset/texts/")):
            pass
        visitor.page.goto("/bill/")
        visitor.page.goto("/top-up/")
        visitor.fill("Another amount", "0")
        visitor.press("Go on to pay")
        expect(visitor.main.locator(".error-summary")).to_be_visible()
        assert uses_of(EMMA, Channel.WEB) - before == {
            ("home", "OK"): 1,
            ("billing:bill", "OK"): 1,
            ("billing:top-up", "OK"): 1,
            ("billing:top-up", "AMOUNT_OUT_OF_RANGE"): 1,
        }
