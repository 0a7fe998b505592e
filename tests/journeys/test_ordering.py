"""Ordering a data pack: nothing before the second yes, everything once after it."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.models import Charge, Wallet
from kernel.channel import Channel
from kernel.clock import now
from kernel.ids import PublicId
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from packages_app.models import Order, OrderState, Subscription
from packages_app.queries.allowance import get_allowance
from packages_app.queries.orders import get_order_evidence
from portal.demo.catalogue import GB, JOY_99, MISSED_CALLS, PACK_1GB
from portal.demo.people import FIXED_PEOPLE
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN, WIDE_SCREEN, Form, Screen, Visitor, soon, texts_of

pytestmark = pytest.mark.browser

CHEN, LIN, _EMMA, WANG = (person.msisdn for person in FIXED_PEOPLE)
PRICE_FEN = 5_00
CONFIRMATION = r"您要订购“1GB流量加油包”：5\.00元，一次性，确认当月有效。确认码(\d{4})，"


@dataclass(frozen=True)
class Books:
    """What an order moves."""

    cash_fen: int
    charges: int
    subscriptions: int
    data_bytes: int
    notices: int

    @classmethod
    def of(cls, msisdn: str) -> "Books":
        line = get_line_by_msisdn(msisdn)
        return cls(
            cash_fen=Wallet.objects.get(account_id=line.account_id).cash_fen,
            charges=Charge.objects.filter(account_id=line.account_id).count(),
            subscriptions=Subscription.objects.filter(account_id=line.account_id).count(),
            data_bytes=get_allowance(line.account_id, line.id, now()).data.total,
            notices=len(texts_of(msisdn, "^【和风通信】扣费提醒")),
        )

    def with_pack(self) -> "Books":
        return Books(
            self.cash_fen - PRICE_FEN,
            self.charges + 1,
            self.subscriptions + 1,
            self.data_bytes + GB,
            self.notices + 1,
        )


def charge_notice(msisdn: str, books: Books) -> str:
    balance = yuan_text(books.cash_fen)
    return rf"号码{re.escape(mask_msisdn(msisdn))}于.+因1GB流量加油包扣费5\.00元，当前余额{balance}元。$"


def ask_for_pack(visitor: Visitor, msisdn: str) -> tuple[Order, str]:
    """Go from the catalogue to the page that waits for the second yes; return the order and its code."""
    let_time_pass(msisdn)
    visitor.page.goto("/packages/")
    offer = visitor.main.locator("article", has=visitor.page.get_by_role("heading", name="1GB流量加油包"))
    offer.get_by_role("link").click()
    visitor.main.get_by_role("link", name=visitor.said("Go on to the order")).click()
    expect(visitor.main.locator(".facts")).to_contain_text("5.00")
    texts_before = len(texts_of(msisdn, CONFIRMATION))
    visitor.press("Send me the confirmation text")
    expect(visitor.main.get_by_role("heading", level=1)).to_have_text(visitor.said("Confirm your order"))
    soon(lambda: len(texts_of(msisdn, CONFIRMATION)) == texts_before + 1)
    public_id = PublicId.parse(visitor.page.url.rstrip("/").rsplit("/", 1)[1])
    order = Order.objects.get(account_id=public_id.account_id, id=public_id.row_id)
    [code] = re.findall(CONFIRMATION, texts_of(msisdn, CONFIRMATION)[0])
    return order, code


def read_code(visitor: Visitor, code: str) -> None:
    """See the code on the handset."""
    visitor.handset.open()
    visitor.handset.wait_for(f"确认码{code}")
    visitor.handset.close()


def confirm(visitor: Visitor, code: str) -> None:
    visitor.fill("Code of this order", code)
    visitor.press("Confirm for %(price)s yuan", price="5.00")


def reply(visitor: Visitor, msisdn: str, body: str, *, answered_with: str) -> None:
    """Text the hall from the handset and wait for its answer."""
    pattern = re.escape(visitor.said(answered_with))
    before = len(texts_of(msisdn, pattern))
    visitor.handset.send(body)
    soon(lambda: len(texts_of(msisdn, pattern)) == before + 1)


def assert_receipt(visitor: Visitor, channel: Channel) -> None:
    heading = visitor.main.get_by_role("heading", level=1, name=visitor.said("Ordered"))
    expect(heading).to_be_visible()
    expect(visitor.main.locator(".facts")).to_contain_text("1GB流量加油包")
    expect(visitor.main.locator(".facts")).to_contain_text(visitor.said(str(Channel(channel).label)))


def steps_of(order: Order) -> list[str]:
    return [step.kind for step in get_order_evidence(order.account_id, order.id)]


def let_time_pass(msisdn: str) -> None:
    """Let the time of every order of a number that waits run out."""
    waiting = Order.objects.filter(
        account_id=get_line_by_msisdn(msisdn).account_id, state=OrderState.AWAITING_CONFIRMATION
    )
    waiting.update(expires_at=timezone.now() - timedelta(seconds=1))


class TestADataPack:
    @pytest.mark.parametrize("script", [True, False])
    def test_is_charged_and_active_once_the_code_of_the_text_is_entered(self, enter: Enter, script: bool) -> None:
        before = Books.of(CHEN)
        visitor = enter(signed_in=CHEN, screen=PHONE_SCREEN, script=script)
        order, code = ask_for_pack(visitor, CHEN)
        read_code(visitor, code)
        assert Books.of(CHEN) == before
        confirm(visitor, code)
        assert_receipt(visitor, Channel.WEB)
        after = before.with_pack()
        visitor.handset.open()
        visitor.handset.wait_for(charge_notice(CHEN, after))
        assert Books.of(CHEN) == after
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REPLY", "CONFIRMED"]

    def test_is_ordered_by_replying_from_the_handset_and_the_page_notices_by_itself(self, enter: Enter) -> None:
        before = Books.of(CHEN)
        visitor = enter(signed_in=CHEN)
        order, code = ask_for_pack(visitor, CHEN)
        read_code(visitor, code)
        visitor.handset.send("是")
        assert_receipt(visitor, Channel.SMS)
        after = before.with_pack()
        visitor.handset.wait_for(charge_notice(CHEN, after))
        assert Books.of(CHEN) == after
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REPLY", "CONFIRMED"]

    def test_stands_among_the_services_and_says_why_it_was_charged(self, enter: Enter) -> None:
        visitor = enter(signed_in=LIN)
        _order, code = ask_for_pack(visitor, LIN)
        confirm(visitor, code)
        visitor.follow("Why am I charged?")
        expect(visitor.main.locator("ol.rows > li")).to_have_count(4)
        expect(visitor.main.locator("blockquote")).to_contain_text("您要订购“1GB流量加油包”")
        visitor.page.goto("/subscriptions/")
        expect(visitor.main.locator(".row", has_text="1GB流量加油包")).to_be_visible()


class TestNothingIsOrdered:
    def test_by_a_wrong_code(self, enter: Enter) -> None:
        before = Books.of(CHEN)
        visitor = enter(signed_in=CHEN)
        order, code = ask_for_pack(visitor, CHEN)
        confirm(visitor, f"{(int(code) + 1) % 10_000:04d}")
        assert visitor.error_beside("code").startswith(visitor.said("This is not the code of this order."))
        confirm(visitor, "12")
        assert visitor.error_beside("code") == visitor.said("The code has 4 digits.")
        assert Books.of(CHEN) == before
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "WRONG_CODE"]

    def test_when_the_time_has_passed(self, enter: Enter) -> None:
        before = Books.of(CHEN)
        visitor = enter(signed_in=CHEN)
        _order, code = ask_for_pack(visitor, CHEN)
        let_time_pass(CHEN)
        confirm(visitor, code)
        not_in_time = "This order was not confirmed in time. Nothing was ordered and nothing was charged."
        expect(visitor.main.locator(".result")).to_contain_text(visitor.said(not_in_time))
        late = "This order was not confirmed in time, so nothing was ordered or charged."
        reply(visitor, CHEN, "是", answered_with=late)
        assert Books.of(CHEN) == before

    def test_when_it_is_turned_down(self, enter: Enter) -> None:
        before = Books.of(CHEN)
        visitor = enter(signed_in=CHEN)
        order, _code = ask_for_pack(visitor, CHEN)
        visitor.press("Do not order")
        expect(visitor.main.get_by_role("heading", level=1)).to_have_text(visitor.said("Not ordered"))
        reply(visitor, CHEN, "是", answered_with="You turned this order down, so nothing was ordered or charged.")
        assert Books.of(CHEN) == before
        assert Order.objects.get(account_id=order.account_id, id=order.id).state == OrderState.REFUSED

    def test_of_what_the_balance_does_not_cover(self, enter: Enter) -> None:
        before = Books.of(LIN)
        visitor = enter(signed_in=LIN)
        # More than the balance and the overdraft of his stars.
        visitor.page.goto("/packages/ROAM-JP-7DAYS/")
        expect(visitor.main.get_by_role("alert")).to_be_visible()
        expect(visitor.main.get_by_role("link", name=visitor.said("Top up"))).to_be_visible()
        expect(visitor.main.get_by_role("button")).to_have_count(0)
        assert Books.of(LIN) == before


class TestDoneTwice:
    def test_a_double_click_is_one_order(self, enter: Enter) -> None:
        account_id = get_line_by_msisdn(CHEN).account_id
        before, orders_before = Books.of(CHEN), Order.objects.filter(account_id=account_id).count()
        let_time_pass(CHEN)
        visitor = enter(signed_in=CHEN)
        visitor.page.goto(f"/packages/{PACK_1GB}/")
        texts_before = len(texts_of(CHEN, CONFIRMATION))
        visitor.main.get_by_role("button", name=visitor.said("Send me the confirmation text")).dblclick()
        expect(visitor.main.get_by_role("heading", level=1)).to_have_text(visitor.said("Confirm your order"))
        soon(lambda: len(texts_of(CHEN, CONFIRMATION)) == texts_before + 1)
        [code] = re.findall(CONFIRMATION, texts_of(CHEN, CONFIRMATION)[0])
        visitor.fill("Code of this order", code)
        visitor.main.get_by_role("button", name=visitor.said("Confirm for %(price)s yuan", price="5.00")).dblclick()
        assert_receipt(visitor, Channel.WEB)
        soon(lambda: Books.of(CHEN).notices > before.notices)
        assert Books.of(CHEN) == before.with_pack()
        assert Order.objects.filter(account_id=account_id).count() == orders_before + 1

    def test_the_code_sent_twice_and_the_reply_after_it_charge_once(self, enter: Enter) -> None:
        before = Books.of(CHEN)
        visitor = enter(signed_in=CHEN, script=False)
        order, code = ask_for_pack(visitor, CHEN)
        form = visitor.main.locator("form.form")
        assert [visitor.send(form, code=code).status for _time in range(2)] == [302, 302]
        visitor.page.reload()
        assert_receipt(visitor, Channel.WEB)
        visitor.handset.open()
        reply(visitor, CHEN, "是", answered_with="This order is already confirmed and carried out.")
        soon(lambda: Books.of(CHEN).notices > before.notices)
        assert Books.of(CHEN) == before.with_pack()
        assert Order.objects.get(account_id=order.account_id, id=order.id).state == OrderState.COMPLETED


class TestAnotherCustomersOrder:
    def test_is_not_found_whatever_is_tried(self, enter: Enter) -> None:
        before = Books.of(CHEN)
        order, code = ask_for_pack(enter(signed_in=CHEN), CHEN)
        path = f"/orders/{PublicId(order.account_id, order.id)}/"
        stranger = enter(signed_in=LIN)
        stranger.page.goto("/top-up/")
        token = stranger.main.locator("input[name=csrfmiddlewaretoken]").input_value()
        form: Form = {"csrfmiddlewaretoken": token, "code": code}
        request = stranger.page.request
        assert [request.get(path + step).status for step in ("", "evidence/")] == [404, 404]
        tried = [request.post(f"{path}{step}/", form=form).status for step in ("confirm", "refuse", "resend")]
        assert tried == [404, 404, 404]
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED"]
        assert Books.of(CHEN) == before


def collect(visitor: Visitor, *codes: str) -> None:
    """Put offers into the cart, each from its own page."""
    for code in codes:
        visitor.page.goto(f"/packages/{code}/")
        visitor.press("Order together with others")


class TestSeveralThingsAtOnce:
    @pytest.mark.parametrize("script", [True, False])
    def test_are_charged_and_active_once_one_code_is_entered(self, enter: Enter, script: bool) -> None:
        visitor = enter(signed_in=WANG, screen=PHONE_SCREEN, script=script)
        let_time_pass(WANG)
        collect(visitor, PACK_1GB, MISSED_CALLS)
        expect(visitor.main.locator(".facts").last).to_contain_text("8.00")
        before = Books.of(WANG)
        visitor.press("Send me the confirmation text")
        soon(lambda: bool(texts_of(WANG, "您要一次订购2项业务")))
        assert Books.of(WANG) == before
        [code] = re.findall(r"确认码(\d{4})", texts_of(WANG, "您要一次订购2项业务")[0])
        visitor.fill("Code of this order", code)
        visitor.press("Confirm for %(price)s yuan", price="8.00")
        expect(visitor.main.get_by_role("heading", level=1, name=visitor.said("Ordered"))).to_be_visible()
        expect(visitor.main).to_contain_text(visitor.said("Confirmed together with"))
        after = Books.of(WANG)
        assert (after.cash_fen, after.subscriptions) == (before.cash_fen - 8_00, before.subscriptions + 2)
        visitor.page.goto("/subscriptions/")
        visitor.main.locator(".row", has_text="来电提醒").get_by_role("link").last.click()
        visitor.press("Cancel this service")
        end_now(WANG, MISSED_CALLS)


def end_now(msisdn: str, code: str) -> None:
    """Let the rest of the month of a cancelled service pass."""
    line = get_line_by_msisdn(msisdn)
    ending = Subscription.objects.filter(account_id=line.account_id, offering_id=code, ends_at__gt=timezone.now())
    ending.update(ends_at=timezone.now())


class TestAnotherPlan:
    @pytest.mark.parametrize("screen", [PHONE_SCREEN, WIDE_SCREEN])
    def test_begins_next_month_and_can_be_withdrawn_until_then(self, enter: Enter, screen: Screen) -> None:
        visitor = enter(signed_in=CHEN, screen=screen)
        let_time_pass(CHEN)
        before = Books.of(CHEN)
        visitor.page.goto(f"/packages/{JOY_99}/")
        expect(visitor.main.locator(".tabs__tab")).to_have_count(2)
        expect(visitor.main.locator(".facts")).to_contain_text("99.00")
        visitor.press("Send me the confirmation text")
        soon(lambda: bool(texts_of(CHEN, "原套餐“畅享套餐59元”同时终止")))
        [code] = re.findall(r"确认码(\d{4})", texts_of(CHEN, "原套餐“畅享套餐59元”同时终止")[0])
        visitor.fill("Code of this order", code)
        visitor.press("Confirm; nothing is charged now")
        expect(visitor.main.get_by_role("heading", level=1, name=visitor.said("Ordered"))).to_be_visible()
        visitor.page.goto("/subscriptions/")
        coming = visitor.main.locator(".row", has_text=visitor.said("begins later"))
        coming.get_by_role("link").last.click()
        visitor.press("Withdraw the change")
        expect(visitor.main.locator(".row", has_text=visitor.said("begins later"))).to_have_count(0)
        after = Books.of(CHEN)
        assert (after.cash_fen, after.charges, after.data_bytes) == (before.cash_fen, before.charges, before.data_bytes)
