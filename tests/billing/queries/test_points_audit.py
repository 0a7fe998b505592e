"""Each invariant of points is broken once on purpose."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Line
from billing.operations.exchange_points import exchange_for_bonus
from billing.queries.points_audit import POINTS
from kernel.audit import run_check
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.points import bring_in, earn

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    """Points that were earned, brought in and exchanged, all in order."""
    line = make_line(cash_fen=100_00)
    earn(line, 30)
    bring_in(line, 200, earned_at=NOW)
    exchange_for_bonus(account_id=line.account_id, line_id=line.id, points=100, channel="WEB", request_key="1", now=NOW)
    make_charge(line, now=NOW + timedelta(hours=1))
    return line


def broken() -> list[str]:
    return [check.name for check in POINTS if run_check(check).violations]


class TestPoints:
    def test_finds_points_in_order(self, line: Line) -> None:
        assert broken() == []
        assert [check.name for check in POINTS if run_check(check).rows == 0] == []

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("UPDATE billing_points_purse SET points = points + 1", ["points_are_sum_of_entries"]),
            ("UPDATE billing_points_lot SET left_points = left_points - 1", ["points_are_sum_of_entries"]),
            ("UPDATE billing_points_purse SET version = version + 1", ["points_follow_each_other"]),
            (
                "UPDATE billing_points_entry SET after_points = after_points + 1 WHERE version = 2",
                ["points_follow_each_other"],
            ),
            (
                "UPDATE billing_points_entry SET percent = 200 WHERE counterpart = 'SPENDING'",
                ["points_earned_by_what_was_paid"],
            ),
            (
                "UPDATE billing_charge SET settled_at = NULL WHERE amount_fen = 3000",
                ["points_earned_by_what_was_paid"],
            ),
            ("DELETE FROM billing_points_due", ["paid_charge_earned_or_waits"]),
            ("UPDATE billing_points_exchange SET points = points + 1", ["points_exchanged_are_one_bonus"]),
            ("DELETE FROM billing_points_exchange", ["points_exchanged_are_one_bonus"]),
        ],
    )
    def test_finds_what_is_broken(self, line: Line, statement: str, found: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
        assert broken() == found
