import uuid
from datetime import timedelta

import pytest

from kernel.channel import Channel
from kernel.errors import NotFound
from messaging.models import Sms
from packages_app.queries.order_proof import get_order_proof
from packages_app.queries.orders import get_order, list_orders_of_line, list_waiting_orders
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import ask_for, buy, code_of, make_offering

pytestmark = pytest.mark.django_db


class TestGetOrder:
    def test_names_the_account(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        assert get_order(order.account_id, order.id) == order
        with pytest.raises(NotFound):
            get_order(uuid.uuid4(), order.id)


class TestListOrdersOfLine:
    def test_returns_the_newest_first_and_no_more_than_asked_for(self) -> None:
        line = make_line(cash_fen=10_00)
        orders = [ask_for(line, make_offering(), now=NOW + timedelta(minutes=minute)) for minute in (0, 2, 1)]
        found = list_orders_of_line(line.account_id, line.id, limit=2)
        assert [order.id for order in found] == [orders[1].id, orders[2].id]


class TestListWaitingOrders:
    def test_returns_what_can_still_be_confirmed_oldest_first(self) -> None:
        line = make_line(cash_fen=100_00)
        by_text = ask_for(line, make_offering(), channel=Channel.SMS, now=NOW + timedelta(minutes=1))
        online = ask_for(line, make_offering())
        buy(line, make_offering())
        answers = [
            [order.id for order in list_waiting_orders(line.account_id, line.id, at)]
            for at in (online.expires_at - timedelta(microseconds=1), online.expires_at, by_text.expires_at)
        ]
        assert answers == [[online.id, by_text.id], [by_text.id], []]


class TestGetOrderProof:
    def test_tells_when_the_text_left_and_was_delivered(self) -> None:
        line = make_line(cash_fen=10_00)
        order = buy(line, make_offering())
        sent_at, delivered_at = NOW + timedelta(seconds=2), NOW + timedelta(seconds=5)
        Sms.objects.filter(kind="ORDER_CONFIRMATION").update(sent_at=sent_at, delivered_at=delivered_at)
        proof = get_order_proof(line.account_id, order.id, NOW)
        assert [step.kind for step in proof.steps] == ["OFFERED", "TEXT_QUEUED", "REPLY", "CONFIRMED"]
        assert (proof.steps[1].sent_at, proof.steps[1].delivered_at) == (sent_at, delivered_at)
        assert code_of(order) in proof.steps[1].text
        assert proof.charge is not None
        assert proof.charge.amount_fen == 5_00

    def test_hides_the_code_only_while_it_works(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        waiting = get_order_proof(order.account_id, order.id, NOW).steps[1].text
        lapsed = get_order_proof(order.account_id, order.id, order.expires_at).steps[1].text
        assert (code_of(order) in waiting, code_of(order) in lapsed) == (False, True)

    def test_does_not_find_another_accounts_order(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        with pytest.raises(NotFound):
            get_order_proof(uuid.uuid4(), order.id, NOW)
