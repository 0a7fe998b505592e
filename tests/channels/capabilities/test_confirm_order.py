import re
from datetime import timedelta

import pytest

from accounts.models import Line
from packages_app.models import Offering, Order, OrderEvidence, OrderState, Recurrence
from packages_app.operations.orders import expire_orders, refuse_order
from packages_app.queries.orders import get_order
from tests.factories.billing import make_line, wallet_of
from tests.factories.channels import text_10086, uses_of
from tests.factories.messaging import NOW
from tests.factories.packages_app import (
    ask_for,
    ask_for_cart,
    ask_for_change,
    code_of,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    standing,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=50_00)


def state_of(order: Order) -> str:
    return get_order(order.account_id, order.id).state


def replies_of(order: Order) -> list[tuple[str, str]]:
    """Kind and exact reply of each step that keeps one."""
    evidence = OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id).order_by("number")
    return [(step.kind, step.detail["reply"]) for step in evidence if "reply" in step.detail]


class TestABareYes:
    def test_confirms_the_one_order_that_waits(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        texts = text_10086(line, " 是 ")
        assert "【和风通信】办理成功：“1GB流量包”已开通，5.00元。发送0000可查看已订业务。" in texts
        assert len(texts) == 2  # and the charge notice
        assert (state_of(order), wallet_of(line.account_id)[0]) == (OrderState.COMPLETED, 45_00)
        assert replies_of(order) == [("REPLY", " 是 ")]
        assert uses_of(line) == [("SMS", "confirm_order", "OK")]

    def test_is_answered_in_english(self) -> None:
        line = make_line(cash_fen=50_00, language="en")
        ask_for(line, make_service())
        assert (
            '[Hefeng Telecom] Done: "Audiobook club" is active, 9.90 yuan a month. Text 0000 for what you have.'
            in text_10086(line, "是")
        )

    def test_names_the_price_of_what_recurs(self, line: Line) -> None:
        ask_for(line, make_service(recurrence=Recurrence.MONTHLY))
        assert "【和风通信】办理成功：“听书会员”已开通，9.90元/月。发送0000可查看已订业务。" in text_10086(line, "是")

    def test_confirms_none_of_several_and_is_answered_with_a_code_for_each(self, line: Line) -> None:
        pack, service = ask_for(line, make_offering()), ask_for(line, make_service())
        before = {**standing(line.account_id), "texts": None}
        (answer,) = text_10086(line, "是")
        found = re.fullmatch(
            r"【和风通信】您有2个订购等待确认，尚未办理。请选择一项回复：\n"
            r"是 (\d{4})（1GB流量包，5\.00元）\n是 (\d{4})（听书会员，9\.90元）",
            answer,
        )
        assert found is not None, answer
        assert {**standing(line.account_id), "texts": None} == before
        assert uses_of(line) == [("SMS", "confirm_order", "SEVERAL_ORDERS_WAITING")]
        text_10086(line, f"是 {found[2]}")
        assert (state_of(pack), state_of(service)) == (OrderState.AWAITING_CONFIRMATION, OrderState.COMPLETED)

    def test_may_be_english(self) -> None:
        line = make_line(cash_fen=50_00, language="en")
        order = ask_for(line, make_offering())
        text_10086(line, "Yes.")
        assert (state_of(order), replies_of(order)) == (OrderState.COMPLETED, [("REPLY", "Yes.")])

    def test_lists_several_in_english(self) -> None:
        line = make_line(cash_fen=50_00, language="en")
        ask_for(line, make_offering())
        ask_for(line, make_service())
        (answer,) = text_10086(line, "是")
        assert re.sub(r"\d{4}", "####", answer) == (
            "[Hefeng Telecom] 2 orders wait for you and none was confirmed. Reply with one of these:\n"
            "YES #### (1 GB data pack, 5.00 yuan)\nYES #### (Audiobook club, 9.90 yuan)"
        )

    def test_splits_a_long_list_into_texts(self, line: Line) -> None:
        for number in range(9):
            ask_for(line, make_offering(name_zh=f"流量包{number}"))
        answers = text_10086(line, "是")
        assert [answer.count("流量包") for answer in answers] == [8, 1]

    def test_is_told_that_nothing_waits(self, line: Line) -> None:
        before = standing(line.account_id)
        text_10086(line, "是")
        assert {**standing(line.account_id), "texts": []} == before
        assert uses_of(line) == [("SMS", "confirm_order", "NOTHING_WAITING")]

    def test_given_twice_orders_once(self, line: Line) -> None:
        ask_for(line, make_offering())
        text_10086(line, "是")
        after_first = {**standing(line.account_id), "texts": None}
        text_10086(line, "是", now=NOW + timedelta(minutes=1))
        assert {**standing(line.account_id), "texts": None} == after_first
        assert uses_of(line)[1] == ("SMS", "confirm_order", "ALREADY_CONFIRMED")

    def test_given_too_late_orders_nothing(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        late = order.expires_at
        text_10086(line, "是", now=late)
        expire_orders(now=late, limit=10)
        text_10086(line, "是", now=late + timedelta(hours=1))
        assert wallet_of(line.account_id)[0] == 50_00
        assert state_of(order) == OrderState.EXPIRED
        assert uses_of(line) == [("SMS", "confirm_order", "ORDER_EXPIRED")] * 2

    def test_does_not_dig_up_what_is_long_over(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        text_10086(line, "是", now=order.expires_at + timedelta(days=1))
        assert uses_of(line) == [("SMS", "confirm_order", "NOTHING_WAITING")]

    def test_after_a_no_orders_nothing(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        refuse_order(account_id=order.account_id, order_id=order.id, channel="WEB", reply="no", now=NOW)
        text_10086(line, "是")
        assert uses_of(line) == [("SMS", "confirm_order", "ORDER_REFUSED")]
        assert wallet_of(line.account_id)[0] == 50_00

    def test_of_another_line_confirms_nothing_here(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        other = make_line(cash_fen=50_00)
        text_10086(other, "是")
        text_10086(other, f"是 {code_of(order)}")
        assert state_of(order) == OrderState.AWAITING_CONFIRMATION
        assert [outcome for _channel, _capability, outcome in uses_of(other)] == ["NOTHING_WAITING"] * 2


class TestAYesWithItsCode:
    def test_confirms_that_order_and_no_other(self, line: Line) -> None:
        pack, service = ask_for(line, make_offering()), ask_for(line, make_service())
        text_10086(line, f"是 {code_of(service)}")
        assert (state_of(pack), state_of(service)) == (OrderState.AWAITING_CONFIRMATION, OrderState.COMPLETED)
        assert replies_of(service) == [("REPLY", f"是 {code_of(service)}")]

    def test_counts_a_wrong_one_and_moves_nothing(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        text_10086(line, f"是 {wrong_code_of(order)}")
        order.refresh_from_db()
        assert (order.state, order.guesses, wallet_of(line.account_id)[0]) == ("AWAITING_CONFIRMATION", 1, 50_00)
        assert uses_of(line) == [("SMS", "confirm_order", "ORDER_CODE_WRONG")]

    def test_ends_the_order_after_five_wrong_ones(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        for _guess in range(6):
            text_10086(line, f"是 {wrong_code_of(order)}")
        text_10086(line, f"是 {code_of(order)}")
        assert (state_of(order), wallet_of(line.account_id)[0]) == (OrderState.FAILED, 50_00)
        outcomes = [outcome for _channel, _capability, outcome in uses_of(line)]
        assert outcomes[:5] == ["ORDER_CODE_WRONG"] * 4 + ["TOO_MANY_GUESSES"]
        assert "OK" not in outcomes

    def test_is_refused_when_the_money_is_gone(self, line: Line) -> None:
        order = ask_for(line, make_offering(price_fen=50_00))
        other = ask_for(line, make_service())
        text_10086(line, f"是 {code_of(other)}")
        text_10086(line, f"是 {code_of(order)}")
        assert (state_of(order), wallet_of(line.account_id)[0]) == (OrderState.FAILED, 40_10)
        assert uses_of(line)[-1][2] == "INSUFFICIENT_BALANCE"


class TestACart:
    def test_is_confirmed_as_one(self, line: Line) -> None:
        orders = ask_for_cart(line, make_offering(), make_service())
        texts = text_10086(line, "是")
        assert "【和风通信】办理成功：1GB流量包＋听书会员已全部开通，共扣费14.90元。发送0000可查看已订业务。" in texts
        assert len(texts) == 3  # and a notice for each charge
        assert [state_of(order) for order in orders] == ["COMPLETED", "COMPLETED"]

    def test_beside_another_order_is_one_line_of_the_list(self, line: Line) -> None:
        ask_for_cart(line, make_offering(), make_service())
        ask_for(line, make_offering(price_fen=1_00))
        (answer,) = text_10086(line, "是")
        found = re.search(r"是 (\d{4})（1GB流量包＋听书会员，14\.90元）\n是 \d{4}（1GB流量包，1\.00元）$", answer)
        assert found is not None, answer
        assert any("已全部开通" in text for text in text_10086(line, f"是 {found[1]}"))
        assert wallet_of(line.account_id)[0] == 35_10


class TestAPlan:
    def test_that_begins_next_month_is_answered_with_its_day(self, line: Line) -> None:
        give_plan(line)
        ask_for_change(line, make_plan(price_fen=29_00, name_zh="畅享套餐29元"))
        assert text_10086(line, "是") == [
            "【和风通信】办理成功：“畅享套餐29元”将于12月1日生效，每月29.00元，生效前可撤回。发送0000可查看已订业务。"
        ]

    def test_that_begins_at_once_is_answered_with_what_was_charged(self, line: Line) -> None:
        give_plan(line)
        ask_for_change(line, make_plan(price_fen=99_00, name_zh="畅享套餐99元"), start="NOW")
        assert "【和风通信】办理成功：“畅享套餐99元”已开通，12.00元。发送0000可查看已订业务。" in text_10086(line, "是")


class TestAChangedOffer:
    def test_is_offered_anew_with_a_code_of_its_own(self, line: Line) -> None:
        pack = make_offering()
        order = ask_for(line, pack)
        Offering.objects.filter(code=pack.code).update(price_fen=6_00)
        texts = text_10086(line, "是")
        assert any("“1GB流量包”的价格或内容已变化，原订购未办理、未扣费。" in text for text in texts)
        assert any("您要订购“1GB流量包”：6.00元" in text for text in texts)
        assert (state_of(order), wallet_of(line.account_id)[0]) == ("FAILED", 50_00)
        assert uses_of(line) == [("SMS", "confirm_order", "TERMS_CHANGED")]
        text_10086(line, "是")
        assert wallet_of(line.account_id)[0] == 44_00

    def test_that_cannot_be_paid_any_more_is_refused(self, line: Line) -> None:
        pack = make_offering()
        ask_for(line, pack)
        Offering.objects.filter(code=pack.code).update(price_fen=60_00)
        (answer,) = text_10086(line, "是")
        assert "60" not in answer
        assert Order.objects.filter(account_id=line.account_id).count() == 1
