"""One order from many sides at once. Each race has a control: the same trial without its guard comes out wrong."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kernel.channel import Channel
from messaging.models import Sms
from packages_app.models import EvidenceKind, Order, OrderEvidence, OrderState, Subscription
from packages_app.operations import confirm_order as confirming
from packages_app.operations import order_steps, partner_orders
from packages_app.operations import orders as ordering
from packages_app.operations import subscriptions as cancelling
from packages_app.operations.confirm_order import confirm_order, confirm_order_by_code
from packages_app.operations.eligibility import require_affordable
from packages_app.operations.orders import expire_orders, refuse_order
from packages_app.operations.partner_orders import cancel_partner_order
from packages_app.operations.subscriptions import cancel_subscription
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import (
    ask_for,
    ask_for_partner,
    buy,
    code_of,
    make_offering,
    make_service,
    say_yes,
    standing,
    steps_of,
)
from tests.races import AT_ONCE, at_once, meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def read_waiting_orders(*, account_id: uuid.UUID, line_id: uuid.UUID) -> list[Order]:
    """Read the orders of a line as `lock_waiting_orders` does, without locking them."""
    waiting = Order.objects.filter(account_id=account_id, line_id=line_id, state=OrderState.AWAITING_CONFIRMATION)
    return list(waiting.order_by("id"))


class TestConfirmingOnTwoChannelsAtOnce:
    @pytest.fixture
    def order(self) -> Order:
        return ask_for(make_line(cash_fen=100_00), make_offering())

    @staticmethod
    def confirm_from_everywhere(order: Order) -> Counter[str]:
        code = code_of(order)

        def confirm(number: int) -> None:
            if number % 2:
                say_yes(order, code=code, channel=Channel.WEB)
            else:
                confirm_order(
                    account_id=order.account_id,
                    order_id=order.id,
                    channel=Channel.SMS,
                    code=None,
                    from_line=True,
                    reply="是",
                    now=NOW,
                )

        return outcomes(confirm)

    def test_gives_one_order_and_a_clear_answer_to_all_the_others(self, order: Order) -> None:
        assert self.confirm_from_everywhere(order) == {"OK": 1, "ALREADY_CONFIRMED": 63}
        after = standing(order.account_id)
        assert after["wallet"] == (95_00, 0, 2)
        assert after["charges"] == [(f"order:{order.id}", 5_00)]
        assert [row[0] for row in after["subscriptions"]] == [order.id]
        assert len(after["buckets"]) == 1
        assert Sms.objects.filter(account_id=order.account_id, kind="CHARGE_NOTICE").count() == 1
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REPLY", "CONFIRMED"]

    def test_control_without_the_lock_answers_go_wrong(self, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(confirming, "lock_waiting_orders", meet_after(read_waiting_orders))
        assert self.confirm_from_everywhere(order) != {"OK": 1, "ALREADY_CONFIRMED": 63}


class TestConfirmingByReplyAndByCodeAtOnce:
    def test_gives_one_order(self) -> None:
        line = make_line(cash_fen=100_00)
        order, other = ask_for(line, make_offering()), ask_for(line, make_offering())
        code = code_of(order)

        def confirm(number: int) -> None:
            if number % 2:
                say_yes(order, code=code)
            else:
                confirm_order_by_code(
                    account_id=line.account_id,
                    line_id=line.id,
                    channel=Channel.SMS,
                    code=code,
                    reply=f"是 {code}",
                    now=NOW,
                )

        assert outcomes(confirm) == {"OK": 1, "ALREADY_CONFIRMED": 63}
        assert standing(line.account_id)["wallet"] == (95_00, 0, 2)
        other.refresh_from_db()
        assert (other.state, other.guesses) == ("AWAITING_CONFIRMATION", 0)


class TestGuessingAtOnce:
    @pytest.fixture
    def compared(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Every comparison of a guess with the code."""
        seen: list[str] = []

        def compare(*, order: Order, code: str) -> bool:
            seen.append(code)
            return False

        monkeypatch.setattr(confirming, "is_code_of", compare)
        return seen

    def test_compares_five_codes_however_many_are_sent(self, compared: list[str]) -> None:
        order = ask_for(make_line(cash_fen=100_00), make_offering())
        found = outcomes(lambda number: say_yes(order, code=f"{number:04d}"))
        assert found == {"ORDER_CODE_WRONG": 4, "TOO_MANY_GUESSES": 1, "ORDER_FAILED": 59}
        assert len(compared) == 5
        assert standing(order.account_id)["wallet"] == (100_00, 0, 1)

    def test_compares_five_codes_even_if_the_order_were_not_locked(
        self, compared: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = ask_for(make_line(cash_fen=100_00), make_offering())
        monkeypatch.setattr(confirming, "lock_waiting_orders", meet_after(read_waiting_orders))
        outcomes(lambda number: say_yes(order, code=f"{number:04d}"))
        assert len(compared) == 5

    def test_control_a_count_that_is_read_first_lets_more_through(
        self, compared: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = ask_for(make_line(cash_fen=100_00), make_offering())

        def read_check_save(cart: Sequence[Order], code: str) -> bool:
            (order,) = cart
            if order.guesses >= 5:
                return False
            order.guesses += 1
            order.save(update_fields=["guesses"])
            compared.append(code)
            return False

        monkeypatch.setattr(confirming, "lock_waiting_orders", meet_after(read_waiting_orders))
        monkeypatch.setattr(confirming, "_is_guess_right", read_check_save)
        outcomes(lambda number: say_yes(order, code=f"{number:04d}"))
        assert len(compared) == AT_ONCE


class TestAskingAtOnce:
    def test_takes_one_wish_as_one_order_with_one_text(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering()
        assert outcomes(lambda _number: ask_for(line, pack, request_key="wish-1")) == {"OK": 64}
        (order,) = Order.objects.filter(account_id=line.account_id)
        assert Sms.objects.filter(account_id=line.account_id).count() == 1
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED"]

    def test_takes_many_wishes_for_the_same_thing_as_one_order(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering()
        assert outcomes(lambda _number: ask_for(line, pack)) == {"OK": 1, "ALREADY_WAITING": 63}
        assert Order.objects.filter(account_id=line.account_id).count() == 1
        assert Sms.objects.filter(account_id=line.account_id).count() == 1

    def test_control_looking_first_is_no_guard(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        """All look before any writes; what then holds one wish to one order are the unique keys of the database."""
        settings.ORDERS_PER_LINE_DAY = AT_ONCE
        line, pack = make_line(cash_fen=100_00), make_offering()
        monkeypatch.setattr(ordering, "require_affordable", meet_after(require_affordable))
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX order_one_waiting_per_offering")
        try:
            outcomes(lambda _number: ask_for(line, pack))
            assert Order.objects.filter(account_id=line.account_id).count() == AT_ONCE
        finally:
            OrderEvidence.objects.all().delete()
            Order.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE UNIQUE INDEX order_one_waiting_per_offering ON packages_order"
                    " (account_id, line_id, offering_id) WHERE state = 'AWAITING_CONFIRMATION'"
                )


class TestYesAndNoAtOnce:
    def test_gives_one_of_them(self) -> None:
        line = make_line(cash_fen=100_00)
        order = ask_for(line, make_offering())
        code = code_of(order)

        def decide(number: int) -> None:
            if number % 2:
                say_yes(order, code=code)
            else:
                refuse_order(account_id=line.account_id, order_id=order.id, channel=Channel.WEB, reply="No", now=NOW)

        found = outcomes(decide, times=32)
        order.refresh_from_db()
        if order.state == "COMPLETED":
            assert found == {"OK": 1, "ALREADY_CONFIRMED": 31}
            assert standing(line.account_id)["wallet"] == (95_00, 0, 2)
        else:
            assert order.state == "REFUSED"
            assert found == {"OK": 16, "ORDER_REFUSED": 16}
            assert standing(line.account_id)["wallet"] == (100_00, 0, 1)
        ended = {EvidenceKind.CONFIRMED, EvidenceKind.REFUSED}
        assert OrderEvidence.objects.filter(account_id=line.account_id, kind__in=ended).count() == 1


class TestYesAndTakingBackAtOnce:
    @pytest.fixture
    def order(self) -> Order:
        return ask_for_partner(make_line(cash_fen=100_00), make_offering(), client_id="shop")

    @staticmethod
    def take_back(order: Order) -> None:
        cancel_partner_order(
            account_id=order.account_id, order_id=order.id, client_id="shop", reason="sold out", now=NOW
        )

    def test_gives_one_of_them(self, order: Order) -> None:
        code = code_of(order)
        found = outcomes(lambda number: say_yes(order, code=code) if number % 2 else self.take_back(order), times=16)
        order.refresh_from_db()
        if order.state == "COMPLETED":
            assert found == {"OK": 1, "ALREADY_CONFIRMED": 15}
            assert standing(order.account_id)["wallet"] == (95_00, 0, 2)
        else:
            assert order.state == "CANCELLED"
            assert found == {"OK": 1, "ORDER_CANCELLED": 15}
            assert standing(order.account_id)["wallet"] == (100_00, 0, 1)

    def test_control_without_the_lock_it_is_taken_back_many_times(
        self, order: Order, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read(*, account_id: uuid.UUID, order_id: uuid.UUID) -> list[Order]:
            return list(Order.objects.filter(account_id=account_id, id=order_id))

        monkeypatch.setattr(partner_orders, "lock_cart", meet_after(read, times=8))
        assert outcomes(lambda _number: self.take_back(order), times=8) == {"OK": 8}
        assert steps_of(order).count("CANCELLED") == 8


class TestSweepingAtOnce:
    def test_ends_an_order_once(self) -> None:
        order = ask_for(make_line(cash_fen=100_00), make_offering())
        assert outcomes(lambda _number: expire_orders(now=order.expires_at, limit=10), times=16) == {"OK": 16}
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "EXPIRED"]

    def test_never_ends_an_order_twice_in_one_process_either(self) -> None:
        order = ask_for(make_line(cash_fen=100_00), make_offering())
        order_steps.expire_locked_order(order=order, now=order.expires_at)
        with pytest.raises(ValueError, match="cannot go from EXPIRED to EXPIRED"):
            order_steps.expire_locked_order(order=order, now=order.expires_at)


class TestCancellingAtOnce:
    @staticmethod
    def cancel_from_everywhere() -> tuple[Subscription, set[datetime | None]]:
        line = make_line(cash_fen=100_00)
        buy(line, make_service())
        bought = Subscription.objects.get(account_id=line.account_id)
        left = at_once(
            lambda number: cancel_subscription(
                account_id=line.account_id,
                subscription_id=bought.id,
                channel=Channel.WEB,
                now=NOW + timedelta(seconds=number),
            )
        )
        bought.refresh_from_db()
        return bought, {subscription.cancelled_at for subscription in left}

    def test_happens_at_one_instant_with_one_text(self) -> None:
        bought, instants = self.cancel_from_everywhere()
        assert instants == {bought.cancelled_at}
        assert Sms.objects.filter(account_id=bought.account_id, kind="SUBSCRIPTION_CANCELLED").count() == 1

    def test_control_without_the_locks_each_has_an_instant_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def read(*, account_id: uuid.UUID, subscription_id: uuid.UUID) -> Subscription:
            return Subscription.objects.select_related("offering").get(account_id=account_id, id=subscription_id)

        monkeypatch.setattr(cancelling, "_lock_with_replaced", lambda *_keys: None)
        monkeypatch.setattr(cancelling, "lock_subscription", meet_after(read))
        _bought, instants = self.cancel_from_everywhere()
        assert len(instants) == AT_ONCE
