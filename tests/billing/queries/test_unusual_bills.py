from datetime import UTC, datetime

import pytest

from billing.operations.issue_bills import issue_bills
from billing.queries.unusual_bills import average_fen, get_usual_fen, is_unusual, list_totals_before
from kernel.clock import Month
from tests.factories.billing import make_charge, make_line, opened_long_ago

JULY, DECEMBER = Month(2026, 7), Month(2026, 12)
LATER = datetime(2027, 2, 1, tzinfo=UTC)


class TestIsUnusual:
    @pytest.mark.parametrize(
        ("total_fen", "before_fen", "unusual"),
        [
            (50_00, [10_00, 10_00, 10_00], False),
            (50_01, [10_00, 10_00, 10_00], True),
            (50_00, [0, 0, 29_99], True),
            (50_00, [0, 0, 30_00], False),
            (1, [0, 0, 0], True),
            (0, [0, 0, 0], False),
            (900_00, [1, 1], False),
            (900_00, [], False),
        ],
    )
    def test_is_more_than_five_times_the_average_of_three(
        self, total_fen: int, before_fen: list[int], unusual: bool
    ) -> None:
        assert is_unusual(total_fen, before_fen) is unusual


class TestAverageFen:
    def test_is_rounded_once(self) -> None:
        assert (average_fen([1, 0, 0]), average_fen([1, 1, 0]), average_fen([59_00, 59_00, 59_00])) == (0, 1, 59_00)


@pytest.mark.django_db
class TestListTotalsBefore:
    def test_takes_the_three_months_before_and_no_other(self) -> None:
        line, other = (opened_long_ago(make_line(cash_fen=1_000_00)) for _ in range(2))
        month = JULY
        for amount_fen in (1, 2, 4, 8, 16, 32):
            make_charge(line, amount_fen=amount_fen, now=month.starts_at)
            issue_bills(month=month, now=LATER)
            month = month.next
        found = list_totals_before([line.account_id], Month(2026, 11))
        assert {account_id: sorted(totals) for account_id, totals in found.items()} == {line.account_id: [2, 4, 8]}
        assert sorted(list_totals_before([line.account_id, other.account_id], JULY)) == []


@pytest.mark.django_db
class TestGetUsualFen:
    def test_is_the_average_only_of_an_unusual_bill(self) -> None:
        line = opened_long_ago(make_line(cash_fen=1_000_00))
        for month in (Month(2026, 9), Month(2026, 10), Month(2026, 11)):
            make_charge(line, amount_fen=10_00, now=month.starts_at)
            issue_bills(month=month, now=LATER)
        assert get_usual_fen(line.account_id, DECEMBER, 50_00) is None
        assert get_usual_fen(line.account_id, DECEMBER, 50_01) == 10_00
