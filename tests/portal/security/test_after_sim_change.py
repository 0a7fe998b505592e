"""What somebody who got hold of a number by another SIM card cannot do online for three days."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Line, ServicePassword
from accounts.operations.set_service_password import reset_service_password
from accounts.operations.sim_cards import change_sim
from accounts.queries.sim_cards import RecentSimChange
from billing.models import AutomaticTopUp, BankCard
from kernel.channel import Channel
from packages_app.models import Order
from packages_app.operations.orders import quote_order
from tests.factories.accounts import fresh_sim, give_service_password
from tests.factories.bank_cards import make_bank_card, start, want_automatic
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import make_offering, make_service

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def line() -> Line:
    line = make_line(cash_fen=900_00)
    give_service_password(line)
    return line


def swap(line: Line) -> None:
    change_sim(
        account_id=line.account_id, line_id=line.id, sim=fresh_sim(), why="LOST", staff_id=1, reason="x", now=NOW
    )


def order(line: Line, code: str, channel: Channel = Channel.WEB) -> Order:
    return quote_order(
        account_id=line.account_id, line_id=line.id, offering_code=code, channel=channel, request_key=code, now=LATER
    )


def reset(line: Line) -> None:
    reset_service_password(
        account_id=line.account_id, line_id=line.id, password="nine boats on a lake", code="000000", now=LATER
    )


SENSITIVE: dict[str, Callable[[Line], object]] = {
    "reset the service password": reset,
    "link a bank card": lambda line: start(line, now=LATER),
    "order what is dear": lambda line: order(line, make_offering(price_fen=300_00).code),
    "order what binds": lambda line: order(line, make_service(commitment_months=12).code),
}


def kept(line: Line) -> tuple[list[object], ...]:
    models = (ServicePassword, BankCard, AutomaticTopUp, Order)
    return tuple(list(model.objects.filter(account_id=line.account_id).values()) for model in models)


class TestSensitiveActs:
    @pytest.mark.parametrize("act", SENSITIVE.values(), ids=SENSITIVE)
    def test_wait_and_change_nothing(self, line: Line, act: Callable[[Line], object]) -> None:
        swap(line)
        before = kept(line)
        with pytest.raises(RecentSimChange) as refusal:
            act(line)
        assert refusal.value.until == NOW + timedelta(hours=72)
        assert kept(line) == before

    def test_of_automatic_top_ups_wait_too(self, line: Line) -> None:
        card = make_bank_card(line)
        swap(line)
        with pytest.raises(RecentSimChange):
            want_automatic(line, card, now=LATER)
        assert AutomaticTopUp.objects.count() == 0

    def test_can_be_done_in_a_shop(self, line: Line) -> None:
        swap(line)
        assert order(line, make_offering(price_fen=300_00).code, Channel.STORE).state == "AWAITING_CONFIRMATION"

    def test_leave_small_orders_alone(self, line: Line) -> None:
        swap(line)
        assert order(line, make_offering(price_fen=299_99).code).state == "AWAITING_CONFIRMATION"
