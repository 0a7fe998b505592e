"""What counterparts gave and took on closed days, cut at midnight in Shanghai, to the fen."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from billing.models import Counterpart, MoneyBucket, Wallet
from billing.operations.ledger import post_entries
from billing.queries import trial_balance
from billing.queries.trial_balance import (
    BucketBalance,
    HistoryTooLong,
    PeriodInvalid,
    PeriodNotClosed,
    get_trial_balance,
)
from kernel.clock import SHANGHAI
from tests.factories.billing import give_bonus, make_line

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 12, tzinfo=SHANGHAI)
DAY_1, DAY_2 = date(2026, 11, 23), date(2026, 11, 24)
CASH, BONUS = MoneyBucket.CASH, MoneyBucket.BONUS


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def post(account_id: object, amount_fen: int, counterpart: Counterpart, now: datetime) -> None:
    post_entries(
        account_id=account_id,  # type: ignore[arg-type]
        posting_key=f"{counterpart}:{now}:{amount_fen}",
        amount_fen=amount_fen,
        counterpart=counterpart,
        reason_kind="TEST",
        reason_id=account_id,  # type: ignore[arg-type]
        now=now,
    )


@pytest.fixture
def _books() -> None:
    """Balances brought in on the 22nd; movements on the 23rd, the 24th, and after."""
    line, other = make_line(cash_fen=100_00, bonus_fen=5_00), make_line(cash_fen=1_00)
    post(line.account_id, 50_00, Counterpart.PAYMENTS, at(23, 0))
    post(other.account_id, 30_00, Counterpart.PAYMENTS, at(23, 23, 59))
    post(line.account_id, -7_00, Counterpart.REVENUE, at(23))
    post(line.account_id, -10_00, Counterpart.PAYMENTS, at(24, 0))
    give_bonus(other, 2_00, now=at(24))
    post(line.account_id, -1_00, Counterpart.REVENUE, at(25, 0))
    give_bonus(other, 9_00, now=at(26))


@pytest.mark.usefixtures("_books")
class TestGetTrialBalance:
    @pytest.mark.parametrize("prove", [False, True])
    def test_has_a_row_for_each_day_counterpart_and_money(self, prove: bool) -> None:
        balance = get_trial_balance(first_date=DAY_1, last_date=DAY_2, now=NOW, prove=prove)
        assert [
            (row.day, row.counterpart, row.bucket, row.in_fen, row.out_fen, row.net_fen, row.entries)
            for row in balance.rows
        ] == [
            (DAY_1, "PAYMENTS", CASH, 80_00, 0, 80_00, 2),
            (DAY_1, "REVENUE", BONUS, 0, 5_00, -5_00, 1),
            (DAY_1, "REVENUE", CASH, 0, 2_00, -2_00, 1),
            (DAY_2, "GIFTS", BONUS, 2_00, 0, 2_00, 1),
            (DAY_2, "PAYMENTS", CASH, 0, 10_00, -10_00, 1),
        ]

    def test_leads_from_the_opening_to_the_closing_balance(self) -> None:
        quick = get_trial_balance(first_date=DAY_1, last_date=DAY_2, now=NOW)
        assert quick.buckets == (
            BucketBalance(CASH, 101_00, 80_00, 12_00, 169_00, None),
            BucketBalance(BONUS, 5_00, 2_00, 5_00, 2_00, None),
        )
        assert quick.closes is None

    def test_proves_it_over_the_whole_history(self) -> None:
        proved = get_trial_balance(first_date=DAY_1, last_date=DAY_2, now=NOW, prove=True)
        assert proved.buckets == (
            BucketBalance(CASH, 101_00, 80_00, 12_00, 169_00, 0),
            BucketBalance(BONUS, 5_00, 2_00, 5_00, 2_00, 0),
        )
        assert proved.closes is True

    def test_does_not_close_when_a_wallet_holds_what_no_entry_explains(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_wallet SET cash_fen = cash_fen + 1")
        proved = get_trial_balance(first_date=DAY_1, last_date=DAY_2, now=NOW, prove=True)
        assert [bucket.difference_fen for bucket in proved.buckets] == [Wallet.objects.count(), 0]
        assert proved.closes is False

    def test_sums_counterparts_to_what_the_wallets_gained(self) -> None:
        balance = get_trial_balance(first_date=DAY_1, last_date=DAY_2, now=NOW)
        assert balance.counterparts == (
            (Counterpart.PAYMENTS, 80_00, 10_00),
            (Counterpart.REVENUE, 0, 7_00),
            (Counterpart.GIFTS, 2_00, 0),
        )
        gained = sum(bucket.closing_fen - bucket.opening_fen for bucket in balance.buckets)
        assert gained == sum(in_fen - out_fen for _counterpart, in_fen, out_fen in balance.counterparts) == 65_00

    def test_joins_one_period_to_the_next(self) -> None:
        first = get_trial_balance(first_date=DAY_1, last_date=DAY_1, now=NOW)
        second = get_trial_balance(first_date=DAY_2, last_date=DAY_2, now=NOW)
        assert [bucket.closing_fen for bucket in first.buckets] == [bucket.opening_fen for bucket in second.buckets]

    def test_has_no_rows_for_days_on_which_nothing_moved(self) -> None:
        balance = get_trial_balance(first_date=date(2026, 11, 27), last_date=date(2026, 11, 30), now=NOW, prove=True)
        assert (balance.rows, balance.counterparts) == ((), ())
        assert [bucket.closing_fen for bucket in balance.buckets] == [168_00, 11_00]
        assert balance.closes is True

    def test_waits_until_a_day_is_closed(self) -> None:
        closed_at = datetime(2026, 11, 25, 0, 10, tzinfo=SHANGHAI)
        get_trial_balance(first_date=DAY_2, last_date=DAY_2, now=closed_at)
        with pytest.raises(PeriodNotClosed):
            get_trial_balance(first_date=DAY_2, last_date=DAY_2, now=closed_at - timedelta(seconds=1))

    def test_gives_up_when_it_takes_longer_than_anybody_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slow = trial_balance._TOTALS.replace("WITH moved", "WITH slept AS MATERIALIZED (SELECT pg_sleep(5)), moved")
        monkeypatch.setattr(trial_balance, "_TOTALS", slow.replace("FROM moved", "FROM moved, slept"))
        with pytest.raises(HistoryTooLong):
            get_trial_balance(first_date=DAY_1, last_date=DAY_1, now=NOW, prove=True, patience_seconds=1)
        assert Wallet.objects.count() == 2

    def test_refuses_a_period_without_days_or_with_too_many(self) -> None:
        for last in (DAY_1 - timedelta(days=1), DAY_1 + timedelta(days=366)):
            with pytest.raises(PeriodInvalid):
                get_trial_balance(first_date=DAY_1, last_date=last, now=datetime(2029, 1, 1, tzinfo=SHANGHAI))
