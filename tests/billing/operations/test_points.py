import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Line
from billing.models import BillHead, ChargeReason, PointsCounterpart, PointsDue, PointsEntry, PointsExchange, PointsRule
from billing.operations import earn_points as earning
from billing.operations.adjustments import approve_adjustment
from billing.operations.earn_points import earn_points
from billing.operations.exchange_points import NotWholeYuan, exchange_for_bonus
from billing.operations.ledger import IdempotencyConflict
from billing.operations.points_ledger import InsufficientPoints, bring_in_points, expire_points, take_points
from billing.operations.points_notices import remind_of_expiring_points
from billing.queries.points import ExpiringPoints, get_points, list_points_entries
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from messaging.models import Sms
from messaging.operations.set_text_preference import set_text_preference
from tests.books import broken_checks
from tests.factories.billing import NOW, make_charge, make_line, propose, wallet_of
from tests.factories.points import bring_in, earn, lots_of, points_entries, points_of

pytestmark = pytest.mark.django_db

END_OF_2029_11 = datetime(2029, 12, 1, tzinfo=SHANGHAI)


def take(line: Line, points: int, key: str = "test", *, now: datetime = NOW, at_most: bool = False) -> int:
    return take_points(
        account_id=line.account_id,
        points=points,
        posting_key=key,
        counterpart=PointsCounterpart.DATA,
        reason_id=line.account_id,
        at_most=at_most,
        now=now,
    ).points


def exchange(line: Line, points: int, *, key: str = "form", now: datetime = NOW) -> PointsExchange:
    return exchange_for_bonus(
        account_id=line.account_id, line_id=line.id, points=points, channel=Channel.WEB, request_key=key, now=now
    )


class TestEarnPoints:
    def test_gives_a_point_for_each_whole_yuan_once(self) -> None:
        line = make_line(cash_fen=200_00)
        charge = make_charge(line, amount_fen=59_90)
        assert points_of(line) == 0
        assert get_points(line.account_id, NOW).is_waiting
        assert earn_points(now=NOW) == 1
        assert earn_points(now=NOW) == 0
        entry = PointsEntry.objects.get(account_id=line.account_id)
        assert (entry.points, entry.base_fen, entry.points_per_yuan, entry.percent) == (59, 59_90, 1, 100)
        assert (entry.reason_id, entry.counterpart) == (charge.id, "SPENDING")
        assert get_points(line.account_id, NOW).expiring == (ExpiringPoints(59, END_OF_2029_11),)
        assert broken_checks() == []

    def test_gives_what_the_star_gives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rated, unrated = make_line(cash_fen=100_00), make_line(cash_fen=100_00)
        monkeypatch.setattr(earning, "get_stars", lambda ids, at: {rated.account_id: 4})
        make_charge(rated, amount_fen=59_90)
        make_charge(unrated, amount_fen=59_90)
        earn_points(now=NOW, limit=1)
        assert (points_of(rated), points_of(unrated)) == (89, 59)
        assert broken_checks() == []

    @pytest.mark.parametrize(
        ("amount_fen", "head", "reason"),
        [
            (99, BillHead.DATA, ChargeReason.USAGE),
            (10_00, BillHead.THIRD_PARTY, ChargeReason.SUBSCRIPTION),
            (10_00, BillHead.OTHER, ChargeReason.LATE_FEE),
        ],
    )
    def test_gives_nothing_for_small_change_others_money_and_delay(
        self, amount_fen: int, head: BillHead, reason: ChargeReason
    ) -> None:
        line = make_line(cash_fen=100_00)
        make_charge(line, amount_fen=amount_fen, head=head, reason=reason)
        assert earn_points(now=NOW) == 1
        assert not PointsDue.objects.exists()
        assert points_entries(line) == []

    def test_waits_for_what_is_owed_to_be_paid(self) -> None:
        line = make_line()
        make_charge(line, amount_fen=59_00, may_owe=True)
        assert earn_points(now=NOW) == 0
        assert points_of(line) == 0

    def test_takes_the_rule_of_the_instant_of_payment(self) -> None:
        line = make_line(cash_fen=100_00)
        PointsRule.objects.create(
            version=1, valid_from=NOW, points_per_yuan=2, star_percents=[100] * 6, lifetime_months=1,
            points_per_bonus_yuan=50, bonus_days=0, created_by=1, created_at=NOW,
        )  # fmt: skip
        make_charge(line, amount_fen=10_00, now=NOW - timedelta(seconds=1))
        make_charge(line, amount_fen=10_00)
        earn_points(now=NOW)
        assert sorted(points for _version, _kind, points, _after in points_entries(line)) == [10, 20]

    def test_takes_back_what_a_wrong_charge_earned_as_far_as_it_is_there(self) -> None:
        line = make_line(cash_fen=100_00)
        make_charge(line, amount_fen=30_00)
        earn_points(now=NOW)
        for amount_fen in (20_00, 15_00):
            correction = propose(line, amount_fen)
            approve_adjustment(account_id=line.account_id, adjustment_id=correction.id, checked_by=2, now=NOW)
        assert earn_points(now=NOW) == 2
        assert earn_points(now=NOW) == 0
        assert sorted(points for _v, _kind, points, _after in points_entries(line)) in ([-20, -10, 30], [-15, -15, 30])
        assert points_of(line) == 0
        assert broken_checks() == []


class TestTakePoints:
    def test_takes_the_oldest_first_and_each_key_once(self) -> None:
        line = make_line()
        bring_in(line, 50, earned_at=datetime(2025, 1, 5, tzinfo=UTC))
        bring_in(line, 30, earned_at=datetime(2024, 1, 5, tzinfo=UTC))
        assert take(line, 40) == 40
        assert take(line, 40) == 40
        assert lots_of(line.account_id) == {"2024-01": 0, "2025-01": 40}
        assert points_entries(line)[-1] == (3, "DATA", -40, 40)
        with pytest.raises(IdempotencyConflict):
            take(line, 39)

    def test_refuses_more_than_there_is(self) -> None:
        line = make_line()
        bring_in(line, 50, earned_at=NOW)
        with pytest.raises(InsufficientPoints):
            take(line, 51)

    def test_never_takes_expired_points_though_nobody_swept(self) -> None:
        line = make_line()
        bring_in(line, 50, earned_at=datetime(2023, 10, 31, 15, 59, tzinfo=UTC))
        at_the_end = datetime(2026, 11, 1, tzinfo=SHANGHAI)
        assert get_points(line.account_id, at_the_end - timedelta(microseconds=1)).total == 50
        assert get_points(line.account_id, at_the_end).total == 0
        assert take(line, 50, at_most=True, now=at_the_end) == 0
        assert points_entries(line) == [(1, "OPENING", 50, 50), (2, "EXPIRY", -50, 0)]
        assert expire_points(now=at_the_end) == 0

    def test_has_none_without_a_purse(self) -> None:
        line = make_line()
        assert take(line, 1, at_most=True) == 0
        assert points_entries(line) == []


class TestExpirePoints:
    def test_takes_each_lot_once_in_any_number_of_purses(self) -> None:
        lines = [make_line() for _number in range(3)]
        for line in lines:
            bring_in(line, 5, earned_at=datetime(2023, 9, 15, tzinfo=UTC))
            bring_in(line, 7, earned_at=datetime(2023, 10, 15, tzinfo=UTC))
            bring_in(line, 9, earned_at=datetime(2023, 11, 15, tzinfo=UTC))
        assert expire_points(now=NOW, limit=2) == 6
        assert expire_points(now=NOW) == 0
        assert [points_of(line) for line in lines] == [9, 9, 9]
        assert points_entries(lines[0])[3:] == [(4, "EXPIRY", -5, 16), (5, "EXPIRY", -7, 9)]
        assert broken_checks() == []


class TestBringInPoints:
    def test_brings_a_month_in_once(self) -> None:
        line = make_line()
        for _time in range(2):
            bring_in(line, 50, earned_at=NOW)
        assert points_entries(line) == [(1, "OPENING", 50, 50)]
        assert not bring_in_points(
            account_id=line.account_id, points=9, earned_date=date(2026, 11, 1), expires_at=NOW, now=NOW
        )


class TestExchangeForBonus:
    def test_moves_points_out_and_bonus_in_and_says_so_once(self) -> None:
        line = make_line(cash_fen=1_00, language="en")
        bring_in(line, 350, earned_at=NOW)
        first = exchange(line, 300)
        assert exchange(line, 300).id == first.id
        assert (first.points, first.bonus_fen) == (300, 3_00)
        assert wallet_of(line.account_id) == (1_00, 3_00, 2)
        assert points_of(line) == 50
        (text,) = Sms.objects.filter(account_id=line.account_id, kind="POINTS_EXCHANGED").values_list("body", flat=True)
        assert "300 points for a bonus of 3.00 yuan" in text
        assert "Balance now: 4.00 yuan" in text
        assert broken_checks() == []

    @pytest.mark.parametrize(
        ("points", "refusal"), [(0, NotWholeYuan), (150, NotWholeYuan), (-100, NotWholeYuan), (400, InsufficientPoints)]
    )
    def test_moves_nothing_when_it_refuses(self, points: int, refusal: type[Exception]) -> None:
        line = make_line(cash_fen=1_00)
        bring_in(line, 350, earned_at=NOW)
        with pytest.raises(refusal):
            exchange(line, points)
        assert points_of(line) == 350
        assert wallet_of(line.account_id) == (1_00, 0, 1)
        assert not PointsExchange.objects.exists()

    def test_refuses_a_form_sent_again_with_another_number(self) -> None:
        line = make_line()
        bring_in(line, 350, earned_at=NOW)
        exchange(line, 100)
        with pytest.raises(IdempotencyConflict):
            exchange(line, 200)
        assert points_of(line) == 250


class TestRemindOfExpiringPoints:
    def test_tells_once_and_only_whoever_wants_it(self) -> None:
        told, unwilling, later = make_line(), make_line(), make_line()
        for line in (told, unwilling):
            bring_in(line, 1200, earned_at=datetime(2023, 11, 5, tzinfo=UTC))
        bring_in(later, 1200, earned_at=datetime(2024, 11, 5, tzinfo=UTC))
        set_text_preference(
            account_id=unwilling.account_id, msisdn=unwilling.msisdn, unwanted_groups=["EXPIRY"], quiet_hours=None,
            now=NOW,
        )  # fmt: skip
        remind_of_expiring_points(now=NOW)
        remind_of_expiring_points(now=NOW + timedelta(days=1))
        texts = Sms.objects.filter(kind="POINTS_EXPIRE", state="QUEUED").values_list("account_id", "body")
        assert [(account_id, "1200积分将于11月30日24时到期" in body) for account_id, body in texts] == [
            (told.account_id, True)
        ]


class TestListPointsEntries:
    def test_pages_newest_first(self) -> None:
        line = make_line()
        for yuan in (10, 20, 30):
            earn(line, yuan)
        page, older_than = list_points_entries(line.account_id, limit=2)
        assert ([entry.points for entry in page], older_than) == ([30, 20], 2)
        page, older_than = list_points_entries(line.account_id, limit=2, older_than=older_than)
        assert ([entry.points for entry in page], older_than) == ([10], None)
        assert list_points_entries(uuid.uuid4(), limit=2) == ([], None)
