import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Line
from kernel.channel import Channel
from packages_app.models import Order
from packages_app.operations.confirm_order import (
    CodeWrong,
    NothingWaiting,
    SeveralOrdersWaiting,
    TooManyGuesses,
    confirm_order_by_code,
)
from packages_app.operations.order_steps import AlreadyConfirmed, OrderExpired
from packages_app.operations.orders import refuse_order
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    buy,
    code_of,
    make_offering,
    standing,
    steps_of,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=3)


def yes_with_code(line: Line, code: str) -> Order:
    return confirm_order_by_code(
        account_id=line.account_id, line_id=line.id, channel=Channel.SMS, code=code, reply=f"是 {code}", now=LATER
    )


class TestConfirmOrderByCode:
    def test_confirms_the_order_that_has_the_code_and_no_other(self) -> None:
        line = make_line(cash_fen=100_00)
        orders = [ask_for(line, make_offering()) for _ in range(3)]
        assert yes_with_code(line, code_of(orders[1])).id == orders[1].id
        states = [Order.objects.get(account_id=line.account_id, id=order.id).state for order in orders]
        assert states == ["AWAITING_CONFIRMATION", "COMPLETED", "AWAITING_CONFIRMATION"]
        assert wallet_of(line.account_id) == (95_00, 0, 2)

    def test_costs_the_other_orders_no_guess(self) -> None:
        line = make_line(cash_fen=100_00)
        orders = [ask_for(line, make_offering()) for _ in range(2)]
        yes_with_code(line, code_of(orders[1]))
        orders[0].refresh_from_db()
        assert (orders[0].guesses, steps_of(orders[0])) == (0, ["OFFERED", "TEXT_QUEUED"])

    def test_counts_a_wrong_code_at_every_order_that_waits(self) -> None:
        line = make_line(cash_fen=100_00)
        orders = [ask_for(line, make_offering()) for _ in range(2)]
        unused = next(code for code in ("1111", "2222", "3333") if code not in {code_of(order) for order in orders})
        before = standing(line.account_id)
        with pytest.raises(CodeWrong):
            yes_with_code(line, unused)
        assert standing(line.account_id) == before
        guesses = [Order.objects.get(account_id=line.account_id, id=order.id).guesses for order in orders]
        assert guesses == [1, 1]

    def test_ends_every_waiting_order_at_the_last_wrong_guess(self, settings: Any) -> None:
        settings.ORDER_CODE_GUESSES = 1
        line = make_line(cash_fen=100_00)
        orders = [ask_for(line, make_offering()) for _ in range(2)]
        unused = next(code for code in ("1111", "2222", "3333") if code not in {code_of(order) for order in orders})
        with pytest.raises(TooManyGuesses):
            yes_with_code(line, unused)
        states = [Order.objects.get(account_id=line.account_id, id=order.id).state for order in orders]
        assert states == ["FAILED", "FAILED"]

    def test_says_that_an_order_is_confirmed_already(self) -> None:
        line = make_line(cash_fen=100_00)
        order = buy(line, make_offering())
        other = ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(AlreadyConfirmed):
            yes_with_code(line, code_of(order))
        assert standing(line.account_id) == before
        other.refresh_from_db()
        assert other.guesses == 0

    def test_says_that_an_order_came_too_late(self) -> None:
        line = make_line(cash_fen=100_00)
        order = ask_for(line, make_offering(), now=NOW - timedelta(hours=3))
        with pytest.raises(OrderExpired):
            yes_with_code(line, code_of(order))

    def test_says_when_nothing_waits(self) -> None:
        line = make_line(cash_fen=100_00)
        order = ask_for(line, make_offering())
        code = wrong_code_of(order)
        refuse_order(account_id=line.account_id, order_id=order.id, channel=Channel.WEB, reply="", now=NOW)
        with pytest.raises(NothingWaiting):
            yes_with_code(line, code)

    def test_confirms_none_when_two_orders_have_the_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("packages_app.operations.order_codes.list_orders_of_line", lambda *_: [])
        monkeypatch.setattr("packages_app.operations.order_codes.secrets.randbelow", lambda _limit: 7)
        line = make_line(cash_fen=100_00)
        ask_for(line, make_offering())
        ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(SeveralOrdersWaiting):
            yes_with_code(line, "0007")
        assert standing(line.account_id) == before

    def test_asks_only_the_line_itself(self) -> None:
        line, other = make_line(cash_fen=100_00), make_line(cash_fen=100_00)
        order = ask_for(line, make_offering())
        with pytest.raises(NothingWaiting):
            yes_with_code(other, code_of(order))
        with pytest.raises(NothingWaiting):
            confirm_order_by_code(
                account_id=line.account_id,
                line_id=uuid.uuid4(),
                channel=Channel.SMS,
                code=code_of(order),
                reply="",
                now=NOW,
            )
        order.refresh_from_db()
        assert (order.state, order.guesses) == ("AWAITING_CONFIRMATION", 0)
