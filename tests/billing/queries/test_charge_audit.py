"""Each invariant of what is owed is broken once on purpose."""

from datetime import timedelta

import pytest
from django.db import connection

from billing.operations.dues import settle_dues
from billing.queries.audit import list_checks
from kernel.audit import run_check
from tests.factories.billing import NOW, give_bonus, make_charge, make_line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books() -> None:
    """One charge that was owed and is paid, one that is owed, all in order."""
    line = make_line()
    make_charge(line, amount_fen=10_00, may_owe=True, now=NOW - timedelta(days=2))
    make_charge(line, amount_fen=59_00, may_owe=True, now=NOW - timedelta(days=1))
    give_bonus(line, 12_00)
    settle_dues(account_id=line.account_id, now=NOW)


def broken() -> list[str]:
    return [check.name for check in list_checks() if run_check(check).violations]


class TestDues:
    def test_are_in_order(self) -> None:
        assert broken() == []

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (
                "UPDATE billing_charge SET settled_at = NULL WHERE amount_fen = 1000",
                ["charge_is_one_debit", "paid_dues_have_a_text"],
            ),
            (
                "UPDATE billing_charge SET settled_at = charged_at WHERE amount_fen = 5900",
                ["charge_is_one_debit"],
            ),
            (
                "UPDATE billing_charge SET settled_at = settled_at + interval '1 s' WHERE amount_fen = 1000",
                ["charge_paid_when_its_money_moved"],
            ),
            (
                "UPDATE messaging_sms SET dedup_key = dedup_key || 'x' WHERE kind = 'CHARGE_DUE'",
                ["charge_has_one_notice"],
            ),
            ("DELETE FROM messaging_sms WHERE kind = 'DUES_PAID'", ["paid_dues_have_a_text"]),
            (
                "UPDATE messaging_sms SET dedup_key = 'dues:x' WHERE kind = 'DUES_PAID'",
                ["paid_dues_have_a_text"],
            ),
        ],
    )
    def test_are_found_broken(self, statement: str, found: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert broken() == found
