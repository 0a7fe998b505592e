from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account, Bar, IdentityDocument, Line, LineState, StarRating
from accounts.operations.documents import record_document
from accounts.queries.stars import get_rating, get_star, get_stars
from billing.models import Charge, OverdraftChange, OverdraftLowering, StarRun, Wallet
from billing.operations import rate_stars as module
from billing.operations.rate_stars import Rated, RatingTooEarly, RatingTooLate, rate_stars
from billing.operations.wallets import follow_stars, lower_overdrafts
from kernel.clock import SHANGHAI, Month
from kernel.errors import NotFound
from messaging.models import Sms, TextGroup
from messaging.operations.set_text_preference import set_text_preference
from tests.books import broken_checks
from tests.factories.accounts import fresh_document
from tests.factories.billing import give_cash, make_charge, make_hold, make_line
from tests.factories.stars import BANDS, DECEMBER, NOVEMBER, STEPS, star_table

pytestmark = pytest.mark.django_db

RATED_AT = datetime(2026, 11, 1, 2, tzinfo=SHANGHAI)
A_MONTH_LATER = datetime(2026, 12, 1, 2, tzinfo=SHANGHAI)


def at(year: int, month: int, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


NOTHING_COUNTS = {name: [(0, 0)] for name in STEPS}
LONG_WITH_US = at(2020, 1)


def customer(*, since: datetime = LONG_WITH_US, cash_fen: int = 5000_00, **options: Any) -> Line:
    """Someone who is with us since a day."""
    line = make_line(cash_fen=cash_fen, **options)
    Line.objects.filter(account_id=line.account_id).update(activated_at=since)
    Account.objects.filter(id=line.account_id).update(created_at=since)
    record_document(account_id=line.account_id, document=fresh_document(), staff_id=1, reason="opening", now=since)
    return line


def pay_late(line: Line, charged_at: datetime, paid_at: datetime | None) -> None:
    charge = make_charge(line, now=charged_at, amount_fen=1)
    Charge.objects.filter(account_id=line.account_id, id=charge.id).update(settled_at=paid_at)


def run(month: Month = NOVEMBER, now: datetime = RATED_AT, **options: Any) -> Rated:
    return rate_stars(month=month, now=now, **options)


def rating(line: Line, month: Month = NOVEMBER) -> StarRating:
    return StarRating.objects.get(account_id=line.account_id, period_date=month.first_date)


def overdraft(line: Line) -> int:
    return Wallet.objects.get(account_id=line.account_id).overdraft_fen


def count_texts() -> int:
    return Sms.objects.filter(kind="STAR_CHANGED").count()


def texts(line: Line) -> list[tuple[str, str]]:
    kept = Sms.objects.filter(account_id=line.account_id, kind="STAR_CHANGED").order_by("queued_at")
    return list(kept.values_list("body", "state"))


class TestInputs:
    @pytest.mark.parametrize(
        ("since", "months"),
        [(at(2026, 10), 1), (at(2026, 10, 1, 1), 0), (at(2026, 9, 30), 1), (at(2025, 11), 12), (at(2025, 11, 2), 11)],
    )
    def test_count_whole_months(self, since: datetime, months: int) -> None:
        star_table()
        line = customer(since=since)
        run()
        assert rating(line).months_on_network == months

    def test_take_no_months_from_a_number_that_came_from_somebody_else(self) -> None:
        star_table()
        line = customer(since=at(2020, 1))
        Account.objects.filter(id=line.account_id).update(created_at=at(2026, 4))
        run()
        assert rating(line).months_on_network == 7

    def test_know_a_real_name_by_a_document_recorded_before_the_month(self) -> None:
        star_table()
        with_it, too_late, without = customer(), customer(), customer()
        recorded = IdentityDocument.objects
        recorded.filter(account_id=too_late.account_id).update(recorded_at=at(2026, 11))
        recorded.filter(account_id=without.account_id).delete()
        run()
        assert [rating(line).has_real_name for line in (with_it, too_late, without)] == [True, False, False]

    def test_average_what_was_charged_in_the_whole_months_before_and_no_late_fees(self) -> None:
        star_table()
        line = customer()
        for when, fen in (
            (at(2026, 5) - timedelta(seconds=1), 900_00),
            (at(2026, 5), 60_00),
            (at(2026, 11) - timedelta(seconds=1), 60_03),
            (at(2026, 11), 900_00),
        ):
            make_charge(line, now=when, amount_fen=fen)
        make_charge(line, now=at(2026, 6), amount_fen=700_00, reason="LATE_FEE")
        run()
        assert rating(line).average_spend_fen == 20_01  # 120.03 / 6 = 20.005, half up

    def test_average_over_the_months_that_somebody_is_with_us(self) -> None:
        star_table()
        line = customer(since=at(2026, 8))
        make_charge(line, now=at(2026, 9), amount_fen=90_00)
        run()
        assert rating(line).average_spend_fen == 30_00

    @pytest.mark.parametrize(
        ("charged_at", "paid_at", "late"),
        [
            # September's bill can be paid until 30 October: the day after that is late.
            (at(2026, 9, 10), at(2026, 10, 31) - timedelta(seconds=1), 0),
            (at(2026, 9, 10), at(2026, 10, 31), 1),
            (at(2026, 9, 10), None, 1),
            # October's can still be paid in time.
            (at(2026, 10, 10), None, 0),
            # Too long ago.
            (at(2026, 4, 30), None, 0),
        ],
    )
    def test_count_months_paid_late(self, charged_at: datetime, paid_at: datetime | None, late: int) -> None:
        star_table()
        line = customer()
        pay_late(line, charged_at, paid_at)
        run()
        assert rating(line).late_months == late

    def test_count_a_month_once_however_many_charges_were_late(self) -> None:
        star_table()
        line = customer()
        for day in (1, 2, 3):
            pay_late(line, at(2026, 8, day), None)
        pay_late(line, at(2026, 7, 1), None)
        run()
        assert rating(line).late_months == 2

    def test_count_suspensions_for_money_owed_once_for_their_steps_and_lines(self) -> None:
        star_table()
        line = customer()
        for reason, started_at, ended_at in (
            ("ARREARS_ONE_WAY", at(2026, 4, 30), at(2026, 5, 2)),  # too long ago
            ("ARREARS_ONE_WAY", at(2026, 6, 1), at(2026, 6, 11)),
            ("ARREARS_TWO_WAY", at(2026, 6, 11), at(2026, 6, 12)),
            ("ARREARS_ONE_WAY", at(2026, 9, 1), None),
            ("LOST_SIM", at(2026, 9, 3), None),
            ("ARREARS_TWO_WAY", at(2026, 11, 1), None),  # in the month that is rated
        ):
            Bar.objects.create(
                account_id=line.account_id, line_id=line.id, reason=reason, started_at=started_at, started_by="SYSTEM",
                started_channel="SYSTEM", ended_at=ended_at, ended_by="SYSTEM" if ended_at else "",
            )  # fmt: skip
        run()
        assert rating(line).suspensions == 2

    def test_leave_out_who_has_no_line_in_use_or_came_later(self) -> None:
        star_table()
        gone, later = customer(), customer(since=at(2026, 11))
        Line.objects.filter(account_id=gone.account_id).update(state=LineState.CLOSED)
        assert run() == Rated()
        assert get_stars([gone.account_id, later.account_id], RATED_AT) == {}


class TestRateStars:
    def test_keeps_inputs_points_band_and_how_long_it_holds(self) -> None:
        table = star_table()
        line = customer(since=at(2025, 3), cash_fen=400_00)
        make_charge(line, now=at(2026, 8), amount_fen=500_00, may_owe=True)
        make_charge(line, now=at(2026, 10), amount_fen=100_00)
        assert run() == Rated(accounts=1, changed=1, overdrafts=1)
        kept = StarRating.objects.values().get(account_id=line.account_id)
        assert kept == {
            "account_id": line.account_id,
            "period_date": NOVEMBER.first_date,
            "table_id": table.id,
            "months_on_network": 20,
            "has_real_name": True,
            "average_spend_fen": 100_00,
            "late_months": 1,
            "suspensions": 0,
            "months_points": 10,
            "real_name_points": 10,
            "spend_points": 20,
            "late_points": 5,
            "suspension_points": 10,
            "points": 55,
            "star": 3,
            "overdraft_fen": 50_00,
            "is_first": True,
            "previous_star": None,
            "valid_until": Month(2027, 11).first_date,
            "rated_at": RATED_AT,
        }
        assert broken_checks() == []

    def test_changes_nothing_when_it_is_run_again(self) -> None:
        star_table()
        lines = [customer() for _ in range(5)]
        seen: list[tuple[int, int]] = []
        assert run(chunk_accounts=2, progress=lambda done, of: seen.append((done, of))) == Rated(5, 5, 5)
        assert seen == [(2, 5), (4, 5), (5, 5)]
        before = (list(StarRating.objects.values()), OverdraftChange.objects.count(), count_texts())
        make_charge(lines[0], now=at(2026, 11, 1, 1), amount_fen=100_00)
        assert run(now=RATED_AT + timedelta(days=3)) == Rated()
        assert (list(StarRating.objects.values()), OverdraftChange.objects.count(), count_texts()) == before
        assert StarRun.objects.get().finished_at == RATED_AT + timedelta(days=3)

    def test_goes_on_where_it_died(self, monkeypatch: pytest.MonkeyPatch) -> None:
        star_table()
        for _ in range(5):
            customer()
        calls: list[int] = []

        def dies_in_the_third_chunk(**arguments: Any) -> int:
            calls.append(len(arguments["overdrafts"]))
            if len(calls) == 3:
                raise RuntimeError("power cut")
            return follow_stars(**arguments)

        monkeypatch.setattr(module, "follow_stars", dies_in_the_third_chunk)
        with pytest.raises(RuntimeError, match="power cut"):
            run(chunk_accounts=2)
        assert StarRating.objects.count() == 4
        assert run(chunk_accounts=2) == Rated(1, 1, 1)
        assert calls == [2, 2, 1, 1]
        assert (StarRating.objects.count(), broken_checks()) == (5, [])

    @pytest.mark.parametrize(
        ("month", "now", "refusal"),
        [
            (NOVEMBER, at(2026, 11, 1, 1) - timedelta(seconds=1), RatingTooEarly),
            (DECEMBER, RATED_AT, RatingTooEarly),
            (Month(2026, 10), A_MONTH_LATER, RatingTooLate),
        ],
    )
    def test_refuses_a_month_that_has_not_begun_or_has_passed(
        self, month: Month, now: datetime, refusal: type[Exception]
    ) -> None:
        star_table(Month(2026, 9))
        line = customer()
        StarRun.objects.create(period_date=NOVEMBER.first_date, started_at=RATED_AT)
        with pytest.raises(refusal):
            run(month, now)
        assert (StarRating.objects.count(), StarRun.objects.count(), overdraft(line)) == (0, 1, 0)

    def test_refuses_without_a_table_in_force(self) -> None:
        star_table(DECEMBER)
        with pytest.raises(NotFound):
            run()
        assert StarRun.objects.count() == 0

    def test_rates_by_the_table_of_the_month(self) -> None:
        first, second = star_table(NOVEMBER), star_table(DECEMBER)
        line = customer()
        run()
        run(DECEMBER, A_MONTH_LATER)
        assert (rating(line).table_id, rating(line, DECEMBER).table_id) == (first.id, second.id)


class TestStarsThatHold:
    def test_are_the_newest_until_they_are_too_old(self) -> None:
        star_table(valid_months=2)
        line = customer()
        run()
        instants = [at(2026, 10, 31), at(2026, 11), at(2026, 12, 31, 23), at(2027, 1)]
        assert [get_star(line.account_id, instant) for instant in instants] == [None, 3, 3, None]
        assert get_rating(line.account_id, at(2027, 1)) is None

    def test_are_missing_for_who_is_new(self) -> None:
        star_table()
        line = customer(since=at(2026, 9))
        assert run() == Rated(accounts=1, changed=0, overdrafts=0)
        kept = get_rating(line.account_id, RATED_AT)
        assert kept is not None
        assert (kept.star, kept.overdraft_fen, get_star(line.account_id, RATED_AT)) == (None, 0, None)


class TestTexts:
    def test_tell_a_change_once_and_no_first_rating_of_the_house(self) -> None:
        star_table()
        same, up, new, quiet, english = (
            customer(since=since, language=language)
            for since, language in (
                (at(2020, 1), "zh-hans"), (at(2025, 11, 20), "zh-hans"), (at(2026, 6), "zh-hans"),
                (at(2025, 11, 20), "zh-hans"), (at(2025, 11, 20), "en"),
            )
        )  # fmt: skip
        set_text_preference(
            account_id=quiet.account_id,
            msisdn=quiet.msisdn,
            unwanted_groups=[TextGroup.STAR],
            quiet_hours=None,
            now=RATED_AT,
        )
        run()
        assert count_texts() == 0
        run(DECEMBER, A_MONTH_LATER)
        run(DECEMBER, A_MONTH_LATER + timedelta(hours=1))
        assert texts(same) == []
        words = (
            "【和风通信】您的信用星级已由2星调整为3星，可透支额度50.00元，2027年12月1日前有效。"
            "评定依据请见网上营业厅“信用星级”。"
        )
        assert texts(up) == [(words, "QUEUED")]
        assert texts(new)[0][0].startswith("【和风通信】您的信用星级评定为2星，可透支额度20.00元")
        assert [state for _body, state in texts(quiet)] == ["SUPPRESSED"]
        assert texts(english)[0][0] == (
            "[Hefeng Telecom] Your credit star has changed from 2 to 3, with an overdraft of 50.00 yuan until 1 Dec"
            " 2027. See why in the online hall, under Credit star."
        )


class TestOverdrafts:
    def test_rise_at_once_and_pay_what_is_owed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        nudged: list[str] = []
        monkeypatch.setattr(
            "billing.operations.ledger.enqueue_after_commit", lambda _task, account_id: nudged.append(account_id)
        )
        star_table()
        owing, calm = customer(cash_fen=10_00), customer(cash_fen=10_00)
        make_charge(owing, amount_fen=30_00, may_owe=True, now=at(2026, 11, 1, 1))
        run()
        assert (overdraft(owing), overdraft(calm)) == (50_00, 50_00)
        assert nudged == [str(owing.account_id)]
        change = OverdraftChange.objects.get(account_id=calm.account_id)
        assert (change.before_fen, change.after_fen, change.reason) == (0, 50_00, "star rating 2026-11")

    @pytest.mark.parametrize("held_fen", [0, 10_00])
    def test_are_never_lowered_below_what_is_used_and_follow_as_money_comes_in(self, held_fen: int) -> None:
        star_table()
        line = customer(cash_fen=0)
        run()
        make_charge(line, amount_fen=40_00 - held_fen, now=at(2026, 11, 2))
        if held_fen:
            make_hold(line, held_fen, hours=10_000)
        # Nobody has more than one star in December.
        star_table(DECEMBER, steps=NOTHING_COUNTS)
        assert run(DECEMBER, A_MONTH_LATER) == Rated(1, 1, 1)
        assert (overdraft(line), get_star(line.account_id, A_MONTH_LATER)) == (40_00, 1)
        assert (lower_overdrafts(now=A_MONTH_LATER), broken_checks()) == (0, [])
        give_cash(line, 15_00, now=A_MONTH_LATER)
        assert lower_overdrafts(now=A_MONTH_LATER) == 1
        assert (overdraft(line), OverdraftLowering.objects.count()) == (25_00, 1)
        give_cash(line, 100_00, now=A_MONTH_LATER)
        assert lower_overdrafts(now=A_MONTH_LATER) == 1
        assert (overdraft(line), OverdraftLowering.objects.count(), broken_checks()) == (0, 0, [])
        changes = OverdraftChange.objects.order_by("-before_fen").values_list("before_fen", "after_fen")
        assert list(changes) == [(50_00, 40_00), (40_00, 25_00), (25_00, 0), (0, 50_00)]

    def test_that_wait_to_be_lowered_are_forgotten_when_the_star_rises_again(self) -> None:
        star_table(bands=BANDS)
        line = customer(cash_fen=0)
        run()
        make_charge(line, amount_fen=40_00, now=at(2026, 11, 2))
        star_table(DECEMBER, steps=NOTHING_COUNTS)
        run(DECEMBER, A_MONTH_LATER)
        star_table(Month(2027, 1))
        run(Month(2027, 1), at(2027, 1, 1, 2))
        assert (overdraft(line), OverdraftLowering.objects.count(), broken_checks()) == (50_00, 0, [])


class TestAudit:
    def test_finds_an_overdraft_that_is_not_the_stars(self) -> None:
        star_table()
        line = customer()
        run()
        Wallet.objects.filter(account_id=line.account_id).update(overdraft_fen=50_01)
        assert broken_checks() == ["overdraft_is_that_of_the_star"]
        Wallet.objects.filter(account_id=line.account_id).update(overdraft_fen=49_99)
        assert broken_checks() == ["overdraft_is_that_of_the_star"]

    def test_finds_a_star_that_its_points_do_not_reach(self) -> None:
        star_table()
        line = customer()
        run()
        StarRating.objects.filter(account_id=line.account_id).update(star=5)
        assert broken_checks() == ["star_is_what_the_points_reach"]
