import uuid
from datetime import UTC, datetime

import pytest

from billing.models import Bill
from billing.queries.unusual_bills import get_usual_fen, list_unusual_bills
from kernel.clock import Month
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db

NOVEMBER = Month(2026, 11)


def account_with_bills(*totals_fen: int, last: Month = NOVEMBER) -> uuid.UUID:
    """Return an account with bills of months in a row, the last one first."""
    account_id, month = make_line().account_id, last
    for total_fen in totals_fen:
        Bill.objects.create(
            account_id=account_id,
            period_date=month.first_date,
            total_fen=total_fen,
            issued_at=datetime(2026, 12, 1, tzinfo=UTC),
        )
        month = month.previous
    return account_id


class TestGetUsualFen:
    @pytest.mark.parametrize(
        ("totals_fen", "usual_fen"),
        [
            ([50_00, 10_00, 10_00, 10_00], None),
            ([50_01, 10_00, 10_00, 10_00], 10_00),
            ([50_00, 0, 0, 30_00], None),
            ([50_00, 0, 0, 29_99], 10_00),
            ([1, 0, 0, 0], 0),
            ([0, 0, 0, 0], None),
            ([1, -1_00, 0, 0], 0),
            ([-1, -1_00, 0, 0], None),
            ([50_01, 10_00, 10_00, 10_00, 99_999_00], 10_00),
            ([900_00, 1, 1], None),
            ([900_00], None),
            ([], None),
        ],
    )
    def test_is_the_average_of_three_that_is_exceeded_more_than_five_times(
        self, totals_fen: list[int], usual_fen: int | None
    ) -> None:
        assert get_usual_fen(account_with_bills(*totals_fen), NOVEMBER) == usual_fen

    def test_counts_months_in_a_row(self) -> None:
        account_id = account_with_bills(1, 1, 1, last=NOVEMBER.previous.previous)
        Bill.objects.create(
            account_id=account_id,
            period_date=NOVEMBER.first_date,
            total_fen=900,
            issued_at=datetime(2026, 12, 1, tzinfo=UTC),
        )
        assert get_usual_fen(account_id, NOVEMBER) is None


class TestListUnusualBills:
    def test_names_those_within_the_range_only(self) -> None:
        accounts = sorted(account_with_bills(900, 1, 2, 3) for _ in range(3))
        assert list_unusual_bills(accounts[0], accounts[1], NOVEMBER) == {accounts[0]: 2, accounts[1]: 2}
