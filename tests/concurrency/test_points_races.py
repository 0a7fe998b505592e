"""Points from many sides at once. Each race has a control that comes out wrong without its guard."""

import uuid
from collections.abc import Callable

import pytest

from accounts.models import Line
from billing.models import PointsCounterpart, PointsExchange
from billing.operations.earn_points import earn_points
from billing.operations.exchange_points import exchange_for_bonus
from billing.operations.points_ledger import expire_points, take_points
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_charge, make_line, wallet_of
from tests.factories.points import bring_in, points_entries, points_of
from tests.races import at_once, function_without, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT = "points.sql"
FLOOR = ("there < wanted AND NOT at_most", "false")
SWEEPER_LOCK = ("        FOR NO KEY UPDATE;\n\n    WITH gone", ";\n\n    WITH gone")
TAKER_LOCK = (
    "    PERFORM FROM billing_points_purse AS purse WHERE purse.account_id = for_account FOR NO KEY UPDATE;\n",
    "",
)


def exchange(line: Line) -> Callable[[int], object]:
    return lambda number: exchange_for_bonus(
        account_id=line.account_id, line_id=line.id, points=100, channel="WEB", request_key=str(number), now=NOW
    )


def rich_line(points: int) -> Line:
    line = make_line()
    bring_in(line, points, earned_at=NOW)
    return line


class TestManyExchangesOfTooLittle:
    def test_exchange_exactly_what_there_is(self) -> None:
        line = rich_line(1_000)
        assert outcomes(exchange(line)) == {"OK": 10, "INSUFFICIENT_POINTS": 54}
        assert (points_of(line), wallet_of(line.account_id)[:2]) == (0, (0, 10_00))
        assert PointsExchange.objects.count() == 10
        assert broken_invariants() == {}

    def test_control_without_the_floor_bonus_is_given_for_nothing(self) -> None:
        line = rich_line(1_000)
        with function_without(SCRIPT, FLOOR):
            assert outcomes(exchange(line)) == {"OK": 64}
        assert set(broken_invariants()) == {"points_exchanged_are_one_bonus"}


class TestOneKeyManyTimes:
    @staticmethod
    def take(line: Line) -> Callable[[int], object]:
        reason_id = uuid.uuid4()
        return lambda _number: take_points(
            account_id=line.account_id,
            points=10,
            posting_key="once",
            counterpart=PointsCounterpart.DATA,
            reason_id=reason_id,
            now=NOW,
        )

    def test_takes_once(self) -> None:
        line = rich_line(100)
        assert outcomes(self.take(line)) == {"OK": 64}
        assert points_entries(line) == [(1, "OPENING", 100, 100), (2, "DATA", -10, 90)]

    def test_control_without_the_lock_the_constraint_refuses(self) -> None:
        line = rich_line(100)
        with function_without(SCRIPT, TAKER_LOCK):
            assert outcomes(self.take(line))["DATABASE_ERROR"] > 0
        assert points_of(line) == 90


class TestManyEarners:
    def test_post_each_charge_once(self) -> None:
        line = make_line(cash_fen=100_00)
        for _charge in range(5):
            make_charge(line, amount_fen=10_00)
        at_once(lambda _number: earn_points(now=NOW), times=16)
        assert points_of(line) == 50
        assert len(points_entries(line)) == 5
        assert broken_invariants() == {}


class TestManySweepers:
    LATER = NOW.replace(year=2035)

    def test_let_a_lot_expire_once(self) -> None:
        line = rich_line(70)
        at_once(lambda _number: expire_points(now=self.LATER), times=16)
        assert points_entries(line) == [(1, "OPENING", 70, 70), (2, "EXPIRY", -70, 0)]

    def test_control_without_the_lock_some_fail(self) -> None:
        line = rich_line(70)
        with function_without(SCRIPT, SWEEPER_LOCK):
            assert outcomes(lambda _number: expire_points(now=self.LATER))["DATABASE_ERROR"] > 0
        assert points_of(line) == 0
