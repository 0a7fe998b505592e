import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from kernel.channel import Channel
from kernel.errors import NotFound
from messaging.models import Sms
from packages_app.models import Order
from packages_app.operations.confirm_order import CodeWrong
from packages_app.operations.order_codes import (
    TextJustSent,
    TextsUsedUp,
    hash_code,
    is_code_of,
    renew_order_code,
    resend_order_text,
)
from packages_app.operations.order_steps import AlreadyConfirmed, OrderExpired
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import (
    ask_for,
    buy,
    code_of,
    make_offering,
    say_yes,
    standing,
    steps_of,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def resend(order: Order, *, after: timedelta = MINUTE) -> Order:
    return resend_order_text(
        account_id=order.account_id, order_id=order.id, channel=Channel.WEB, now=order.quoted_at + after
    )


class TestHashCode:
    def test_differs_between_orders(self) -> None:
        assert hash_code(order_id=uuid.uuid4(), code="4821") != hash_code(order_id=uuid.uuid4(), code="4821")

    def test_depends_on_the_secret_of_the_house(self, settings: Any) -> None:
        order_id = uuid.uuid4()
        before = hash_code(order_id=order_id, code="4821")
        settings.SECRET_KEY = "another"
        assert hash_code(order_id=order_id, code="4821") != before


class TestRenewOrderCode:
    def test_gives_a_code_that_works_and_ends_the_old_one(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        old = code_of(order)
        fresh = renew_order_code(account_id=order.account_id, order_id=order.id, now=NOW)
        assert re.fullmatch(r"\d{4}", fresh)
        assert fresh != old
        with pytest.raises(CodeWrong):
            say_yes(order, code=old)
        assert say_yes(order, code=fresh).state == "COMPLETED"

    def test_leaves_evidence_without_the_code(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        renew_order_code(account_id=order.account_id, order_id=order.id, now=NOW)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "CODE_RENEWED"]

    def test_forgives_no_wrong_guess(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        with pytest.raises(CodeWrong):
            say_yes(order, code=wrong_code_of(order))
        renew_order_code(account_id=order.account_id, order_id=order.id, now=NOW)
        order.refresh_from_db()
        assert order.guesses == 1

    def test_gives_none_for_an_order_that_waits_no_more(self) -> None:
        line = make_line(cash_fen=10_00)
        done = buy(line, make_offering())
        with pytest.raises(AlreadyConfirmed):
            renew_order_code(account_id=line.account_id, order_id=done.id, now=NOW)
        lapsed = ask_for(line, make_offering())
        with pytest.raises(OrderExpired):
            renew_order_code(account_id=line.account_id, order_id=lapsed.id, now=lapsed.expires_at)

    def test_does_not_find_another_accounts_order(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        with pytest.raises(NotFound):
            renew_order_code(account_id=uuid.uuid4(), order_id=order.id, now=NOW)


class TestResendOrderText:
    def test_sends_another_text_with_a_new_code(self) -> None:
        line = make_line(cash_fen=10_00)
        order = ask_for(line, make_offering())
        old = code_of(order)
        order = resend(order)
        fresh = code_of(order)
        assert fresh != old
        assert (is_code_of(order=order, code=fresh), is_code_of(order=order, code=old)) == (True, False)
        assert Sms.objects.filter(account_id=line.account_id, kind="ORDER_CONFIRMATION").count() == 2
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "TEXT_QUEUED"]

    def test_waits_a_minute_between_two_texts(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        before, old = standing(order.account_id), code_of(order)
        with pytest.raises(TextJustSent):
            resend(order, after=timedelta(seconds=59))
        assert standing(order.account_id) == before
        assert is_code_of(order=Order.objects.get(account_id=order.account_id, id=order.id), code=old)

    def test_sends_three_texts_and_no_more(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        resend(order)
        resend(order, after=2 * MINUTE)
        before = standing(order.account_id)
        with pytest.raises(TextsUsedUp):
            resend(order, after=3 * MINUTE)
        assert standing(order.account_id) == before

    def test_sends_nothing_for_an_order_that_waits_no_more(self) -> None:
        order = buy(make_line(cash_fen=10_00), make_offering())
        before = standing(order.account_id)
        with pytest.raises(AlreadyConfirmed):
            resend(order)
        assert standing(order.account_id) == before
