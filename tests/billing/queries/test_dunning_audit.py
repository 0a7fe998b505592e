"""Each invariant of dunning is broken once on purpose."""

import pytest
from django.db import connection

from billing.queries.dunning_audit import DUNNING
from kernel.audit import run_check
from tests.factories.dunning import dun, make_debtor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books() -> None:
    """An account that is barred and one that is warned, in order."""
    make_debtor()
    dun(3)
    make_debtor()
    dun(10)


def broken() -> list[str]:
    return [check.name for check in DUNNING if run_check(check).violations]


class TestDunning:
    def test_is_in_order(self) -> None:
        assert broken() == []
        assert [run_check(check).rows for check in DUNNING] == [2, 1, 3]

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("UPDATE billing_charge SET settled_at = charged_at", ["dunned_account_owes"]),
            (
                "UPDATE accounts_bar SET ended_at = started_at, ended_by = 'SYSTEM'",
                ["arrears_bar_is_its_dunning_step"],
            ),
            (
                "UPDATE billing_dunning_case SET closed_at = step_at WHERE step = 'ONE_WAY'",
                ["arrears_bar_is_its_dunning_step"],
            ),
            ("UPDATE billing_dunning_case SET step = 'TWO_WAY'", ["arrears_bar_is_its_dunning_step"]),
            (
                "DELETE FROM billing_dunning_note WHERE step = 'WARNED'",
                ["dunning_step_follows_its_warning"],
            ),
        ],
    )
    def test_is_found_broken(self, statement: str, found: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert broken() == found
