"""Several things that one yes confirms and one no ends."""

from datetime import timedelta

import pytest

from accounts.models import Line
from billing.models import Charge
from kernel.audit import run_check
from kernel.channel import Channel
from messaging.models import Sms
from packages_app.models import Offering, Order, OrderEvidence, Subscription
from packages_app.operations.confirm_order import (
    CodeWrong,
    SeveralOrdersWaiting,
    TermsChanged,
    TooManyGuesses,
    confirm_order,
    confirm_order_by_code,
)
from packages_app.operations.eligibility import BalanceTooLow, ExcludedByAnother, NeedsAnother
from packages_app.operations.order_codes import renew_order_code, resend_order_text
from packages_app.operations.order_steps import AlreadyConfirmed, OrderExpired, OrderRefused
from packages_app.operations.orders import (
    AlreadyWaiting,
    CartRefused,
    RequestKeyReused,
    StillWaiting,
    expire_orders,
    quote_again,
    refuse_order,
)
from packages_app.queries.audit import list_checks
from packages_app.queries.orders import group_by_cart, list_orders_of_cart, list_waiting_orders
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    ask_for_cart,
    buy,
    code_of,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
    steps_of,
    tie,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=3)


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=20_00)


@pytest.fixture
def pack() -> Offering:
    return make_offering()


@pytest.fixture
def service() -> Offering:
    return make_service()


def bare_yes(order: Order) -> Order:
    return confirm_order(
        account_id=order.account_id,
        order_id=order.id,
        channel=Channel.SMS,
        code=None,
        from_line=True,
        reply="是",
        now=LATER,
    )


def states(line: Line) -> list[str]:
    orders = Order.objects.filter(account_id=line.account_id).order_by("id")
    return [order.state for order in orders]


class TestQuoteCart:
    def test_sends_one_text_that_names_all_and_the_sum(self, line: Line, pack: Offering, service: Offering) -> None:
        first, second = ask_for_cart(line, pack, service)
        code = code_of(first)
        assert code_of(second) == code
        assert Sms.objects.get(account_id=line.account_id).body == (
            "【和风通信】您要一次订购2项业务：（1）“1GB流量包”：5.00元，一次性，确认当月有效；（2）“听书会员”：本次9.90元，"
            "之后每月1日9.90元，可随时退订。合计本次扣14.90元。"
            f"确认码{code}，全部同意请回复“是 {code}”或“是”，或在网页输入确认码。"
            "11月22日16时30分前不确认，则全部不订购、不扣费。"
        )

    def test_keeps_a_chain_of_evidence_for_each(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        assert [steps_of(order) for order in orders] == [["OFFERED", "TEXT_QUEUED"]] * 2
        texts = OrderEvidence.objects.filter(account_id=line.account_id, kind="TEXT_QUEUED")
        assert len({text.detail["sms_id"] for text in texts}) == 1

    def test_moves_nothing(self, line: Line, pack: Offering, service: Offering) -> None:
        before = standing(line.account_id)
        ask_for_cart(line, pack, service)
        after = standing(line.account_id)
        assert {name for name in before if before[name] != after[name]} == {"orders", "texts"}

    def test_of_one_thing_is_an_order_like_any_other(self, line: Line, pack: Offering) -> None:
        (order,) = ask_for_cart(line, pack)
        assert order.cart_id is None

    def test_sent_again_is_the_same_cart(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service, request_key="cart-1")
        before = standing(line.account_id)
        assert ask_for_cart(line, pack, service, request_key="cart-1") == orders
        with pytest.raises(RequestKeyReused):
            ask_for_cart(line, pack, request_key="cart-1")
        assert standing(line.account_id) == before

    def test_needs_the_sum(self, line: Line, pack: Offering) -> None:
        before = standing(line.account_id)
        with pytest.raises(BalanceTooLow) as refusal:
            ask_for_cart(line, pack, make_service(price_fen=15_01))
        assert "0.01" in str(refusal.value)
        assert standing(line.account_id) == before

    def test_fits_into_one_text_however_long_the_names(self) -> None:
        rich = make_line(cash_fen=500_00, language="en")
        offerings = [make_service(name_en="N" * 80, commitment_months=24, first_month="BY_DAYS") for _ in range(5)]
        ask_for_cart(rich, *offerings)
        assert len(Sms.objects.get(account_id=rich.account_id).body) < 1000

    def test_refuses_plans_doubles_too_many_and_nothing(self, line: Line, pack: Offering) -> None:
        many = tuple(make_offering(price_fen=1) for _ in range(6))
        for offerings in ((pack, make_plan()), (pack, pack), many, ()):
            with pytest.raises(CartRefused):
                ask_for_cart(line, *offerings)
        assert Order.objects.count() == 0

    def test_counts_what_is_needed_inside_the_cart(self, line: Line, pack: Offering, service: Offering) -> None:
        tie(pack, "REQUIRES", service)
        with pytest.raises(NeedsAnother):
            ask_for_cart(line, pack, make_offering())
        first, _second = ask_for_cart(line, pack, service)
        say_yes(first)
        assert states(line) == ["COMPLETED", "COMPLETED"]

    def test_holds_exclusions_inside_the_cart(self, line: Line, pack: Offering, service: Offering) -> None:
        tie(service, "EXCLUDES", pack)
        with pytest.raises(ExcludedByAnother):
            ask_for_cart(line, pack, service)
        assert Order.objects.count() == 0

    def test_takes_nothing_when_one_thing_waits_already(self, line: Line, pack: Offering, service: Offering) -> None:
        waiting = ask_for(line, service)
        before = standing(line.account_id)
        with pytest.raises(AlreadyWaiting) as refusal:
            ask_for_cart(line, pack, service)
        assert refusal.value.order_id == waiting.id
        assert standing(line.account_id) == before

    def test_waits_as_long_as_what_holds_shortest(self, line: Line, pack: Offering) -> None:
        by_days = make_service(first_month="BY_DAYS")
        orders = ask_for_cart(line, pack, by_days, now=NOW + timedelta(hours=9))
        assert {order.expires_at for order in orders} == {NOW + timedelta(hours=9, minutes=30)}


class TestConfirming:
    def test_carries_out_all_on_one_yes(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        say_yes(orders[1], now=LATER)
        assert states(line) == ["COMPLETED", "COMPLETED"]
        assert wallet_of(line.account_id) == (5_10, 0, 3)
        charges = Charge.objects.filter(account_id=line.account_id)
        assert {charge.reason_id: charge.amount_fen for charge in charges} == {orders[0].id: 5_00, orders[1].id: 9_90}
        assert [steps_of(order)[2:] for order in orders] == [["REPLY", "CONFIRMED"]] * 2
        assert Subscription.objects.filter(account_id=line.account_id).count() == 2
        assert [check.name for check in list_checks() if run_check(check).violations] == []

    def test_by_a_bare_yes_from_the_line(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        bare_yes(orders[0])
        assert states(line) == ["COMPLETED", "COMPLETED"]
        with pytest.raises(AlreadyConfirmed):
            bare_yes(orders[1])

    def test_by_its_code_from_the_line_costs_another_order_no_guess(
        self, line: Line, pack: Offering, service: Offering
    ) -> None:
        orders, other = ask_for_cart(line, pack, service), ask_for(line, make_offering(price_fen=1_00))
        code = code_of(orders[0])
        confirmed = confirm_order_by_code(
            account_id=line.account_id, line_id=line.id, channel=Channel.SMS, code=code, reply=f"是 {code}", now=LATER
        )
        assert list_orders_of_cart(confirmed) == orders
        other.refresh_from_db()
        assert (other.state, other.guesses) == ("AWAITING_CONFIRMATION", 0)

    def test_a_bare_yes_means_neither_a_cart_nor_the_order_beside_it(
        self, line: Line, pack: Offering, service: Offering
    ) -> None:
        orders = ask_for_cart(line, pack, service)
        ask_for(line, make_offering(price_fen=1_00))
        before = standing(line.account_id)
        with pytest.raises(SeveralOrdersWaiting):
            bare_yes(orders[0])
        assert standing(line.account_id) == before
        groups = group_by_cart(list_waiting_orders(line.account_id, line.id, LATER))
        assert [len(group) for group in groups] == [2, 1]

    def test_carries_out_nothing_when_one_thing_may_not_be_had(
        self, line: Line, pack: Offering, service: Offering
    ) -> None:
        orders = ask_for_cart(line, pack, service)
        before = standing(line.account_id)
        tie(service, "REQUIRES", make_offering())
        with pytest.raises(NeedsAnother):
            say_yes(orders[0])
        after = standing(line.account_id)
        assert {name for name in before if before[name] != after[name]} == {"orders"}
        assert {(order.state, order.failure) for order in list_orders_of_cart(orders[0])} == {
            ("FAILED", "NEEDS_ANOTHER")
        }

    def test_carries_out_nothing_when_the_money_ends_halfway(
        self, line: Line, pack: Offering, service: Offering
    ) -> None:
        orders = ask_for_cart(line, pack, service)
        buy(line, make_offering(price_fen=6_00))
        with pytest.raises(BalanceTooLow):
            say_yes(orders[0])
        assert wallet_of(line.account_id)[0] == 14_00
        assert [order.state for order in list_orders_of_cart(orders[0])] == ["FAILED", "FAILED"]
        assert Charge.objects.filter(account_id=line.account_id).count() == 1

    def test_offers_all_of_it_anew_when_one_price_changed(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        Offering.objects.filter(code=pack.code).update(price_fen=6_00)
        with pytest.raises(TermsChanged):
            say_yes(orders[1])
        again = [
            quote_again(account_id=line.account_id, order_id=order.id, channel=Channel.WEB, now=LATER)
            for order in (orders[1], orders[0], orders[1])
        ]
        assert [order.price_fen for order in again] == [9_90, 6_00, 9_90]
        assert again[0] == again[2]
        assert again[0].cart_id == again[1].cart_id
        with pytest.raises(StillWaiting):
            quote_again(account_id=line.account_id, order_id=again[0].id, channel=Channel.WEB, now=LATER)
        say_yes(again[0], now=LATER)
        assert wallet_of(line.account_id)[0] == 4_10
        with pytest.raises(AlreadyConfirmed):
            quote_again(account_id=line.account_id, order_id=again[0].id, channel=Channel.WEB, now=LATER)

    def test_counts_a_wrong_code_once_for_all(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        wrong = wrong_code_of(orders[0])
        for order in (*orders, *orders):
            with pytest.raises(CodeWrong):
                say_yes(order, code=wrong)
        with pytest.raises(TooManyGuesses):
            say_yes(orders[0], code=wrong)
        assert {(order.guesses, order.failure) for order in list_orders_of_cart(orders[0])} == {(5, "TOO_MANY_GUESSES")}


class TestEndingUnconfirmed:
    def test_one_no_refuses_all(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        refuse_order(account_id=line.account_id, order_id=orders[1].id, channel=Channel.WEB, reply="No", now=LATER)
        assert states(line) == ["REFUSED", "REFUSED"]
        with pytest.raises(OrderRefused):
            say_yes(orders[0])

    def test_all_lapse_together_swept_or_not(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        late = orders[0].expires_at
        with pytest.raises(OrderExpired):
            say_yes(orders[0], now=late)
        assert expire_orders(now=late, limit=1) == 1
        with pytest.raises(OrderExpired):
            say_yes(orders[1], now=late)
        assert expire_orders(now=late, limit=10) == 1
        assert states(line) == ["EXPIRED", "EXPIRED"]


class TestCodesOfACart:
    def test_a_new_one_is_for_all_of_it(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        code = renew_order_code(account_id=line.account_id, order_id=orders[0].id, now=LATER)
        assert say_yes(orders[1], code=code, now=LATER).state == "COMPLETED"

    def test_another_text_says_all_of_it_again(self, line: Line, pack: Offering, service: Offering) -> None:
        orders = ask_for_cart(line, pack, service)
        old = code_of(orders[0])
        resend_order_text(account_id=line.account_id, order_id=orders[1].id, channel=Channel.WEB, now=LATER)
        assert code_of(orders[0]) == code_of(orders[1]) != old
        assert Sms.objects.filter(account_id=line.account_id).count() == 2
        assert [steps_of(order) for order in orders] == [["OFFERED", "TEXT_QUEUED", "TEXT_QUEUED"]] * 2
