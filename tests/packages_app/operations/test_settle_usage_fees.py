from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Line
from billing.models import Charge
from billing.operations.wallets import open_wallet
from billing.queries.audit import list_checks as list_billing_checks
from kernel.audit import run_check
from kernel.channel import Channel
from kernel.clock import Month
from kernel.ids import NIL
from packages_app.events import beyond_use_resumed, beyond_use_stopped
from packages_app.models import CapLift, ThresholdCrossing, UsageFee
from packages_app.operations.lift_cap import CapNotReached, lift_cap
from packages_app.operations.record_usage import record_usage
from packages_app.operations.settle_usage_fees import settle_usage_fees
from packages_app.queries.usage_audit import list_checks
from packages_app.queries.usage_fees import get_month_fee, list_stopped_lines
from tests.factories.usage import (
    GB,
    MB,
    MONTH_START,
    NOW,
    make_bucket,
    make_line,
    make_subscription,
    texts_of,
    unit_price,
    usage,
)

pytestmark = pytest.mark.django_db
DATA_PRICE = unit_price(5_000, GB)
PRICES = [
    DATA_PRICE,
    unit_price(30_000, GB, region="HK"),
    unit_price(190, 60, usage_kind="VOICE"),
    unit_price(100, 1, usage_kind="SMS"),
]


def make_priced_line(**terms: Any) -> Line:
    """A line with a wallet and a plan that includes nothing and has prices."""
    line = make_line(language=terms.pop("language", "zh-hans"))
    open_wallet(account_id=line.account_id, overdraft_fen=100_000_00, now=MONTH_START)
    make_subscription(line, allowances={}, started_at=Month(2026, 10).starts_at, **{"unit_prices": PRICES, **terms})
    return line


def charges_of(line: Line) -> list[tuple[str, str, int]]:
    """Return (head, name, fen) of a line's charges, oldest first."""
    charges = Charge.objects.filter(account_id=line.account_id).order_by("charged_at", "head")
    return list(charges.values_list("head", "name", "amount_fen"))


def violations() -> list[str]:
    checks = [*list_checks(), *list_billing_checks()]
    return [check.name for check in checks if run_check(check).violations]


class TestSettleUsageFees:
    def test_charges_each_kind_once_at_its_price_rounded_half_up(self) -> None:
        line = make_priced_line()
        record_usage(
            records=[
                usage(line, GB),
                usage(line, GB // 10, region="HK"),
                usage(line, 90, kind="VOICE"),
                usage(line, 3, kind="SMS"),
            ],
            now=NOW,
        )
        assert settle_usage_fees(now=NOW) == 3
        # 5 + 30 × 107374182 / 1073741824 = 7.99999… yuan; 0.285 yuan; 0.30 yuan
        assert charges_of(line) == [
            ("DATA", "套餐外流量（2026年11月）", 8_00),
            ("MESSAGES", "套餐外短信（2026年11月）", 30),
            ("VOICE", "套餐外语音（2026年11月）", 29),
        ]
        assert settle_usage_fees(now=NOW) == 0
        assert sum(kind.startswith("CHARGE") for kind, _text in texts_of(line)) == 3
        assert violations() == []

    def test_leads_from_the_charge_to_what_was_used(self) -> None:
        line = make_priced_line()
        record_usage(records=[usage(line, GB)], now=NOW)
        settle_usage_fees(now=NOW)
        charge = Charge.objects.get(account_id=line.account_id)
        fee = UsageFee.objects.get(account_id=line.account_id, id=charge.reason_id)
        assert (charge.reason, charge.line_id) == ("USAGE", line.id)
        assert (fee.line_id, fee.period_date, fee.usage_kind) == (line.id, Month(2026, 11).first_date, "DATA")

    def test_adds_up_to_the_month_whatever_was_charged_between(self) -> None:
        often, once = make_priced_line(), make_priced_line()
        for number in range(7):
            record_usage(records=[usage(often, 333 * MB), usage(once, 333 * MB)], now=NOW + timedelta(minutes=number))
            settled = Charge.objects.filter(account_id=often.account_id)
            settle_usage_fees(now=NOW + timedelta(minutes=number))
            assert settled.count() == number + 1
        total = sum(fen for *_words, fen in charges_of(often))
        assert total == sum(fen for *_words, fen in charges_of(once)) == 11_38  # 5 × 2331 / 1024 = 11.3818…
        assert violations() == []

    def test_charges_late_records_of_last_month_afterwards(self) -> None:
        line = make_priced_line()
        record_usage(records=[usage(line, GB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        settle_usage_fees(now=NOW)
        assert charges_of(line) == [("DATA", "套餐外流量（2026年10月）", 5_00)]

    def test_charges_nothing_without_a_price_or_within_the_plan(self) -> None:
        free, covered = make_line(), make_priced_line()
        make_bucket(covered, 10 * GB, name_en="Pack", kind="DATA_PACK")
        record_usage(records=[usage(free, GB), usage(covered, GB), usage(covered, GB, region="JP")], now=NOW)
        assert settle_usage_fees(now=NOW) == 0

    def test_leaves_out_an_account_without_a_wallet_and_charges_the_rest(self) -> None:
        poor, line = make_line(), make_priced_line()
        make_subscription(poor, allowances={}, name_en="Priced", unit_prices=PRICES)
        record_usage(records=[usage(poor, GB), usage(line, GB)], now=NOW)
        assert settle_usage_fees(now=NOW) == 1
        assert (charges_of(poor), len(charges_of(line))) == ([], 1)

    def test_takes_many_lines_in_chunks(self) -> None:
        lines = [make_priced_line() for _ in range(5)]
        record_usage(records=[usage(line, GB) for line in lines], now=NOW)
        assert settle_usage_fees(now=NOW, months_at_once=2) == 5


class TestCap:
    def test_keeps_the_months_charges_of_all_kinds_below_it(self) -> None:
        line = make_priced_line(cap_fen=6_00)
        record_usage(records=[usage(line, GB), usage(line, 20, kind="SMS")], now=NOW)
        settle_usage_fees(now=NOW)
        assert [(head, fen) for head, _name, fen in charges_of(line)] == [("DATA", 5_00), ("MESSAGES", 1_00)]
        assert get_month_fee(line.account_id, line.id, NOW).charged_fen == 6_00
        assert violations() == []

    def test_is_the_houses_where_the_plan_has_none(self) -> None:
        line = make_priced_line()
        record_usage(records=[usage(line, 101 * GB)], now=NOW)
        settle_usage_fees(now=NOW)
        assert [fen for *_words, fen in charges_of(line)] == [500_00]

    def test_is_warned_of_and_told_once(self) -> None:
        line = make_priced_line(cap_fen=10_00)
        record_usage(records=[usage(line, GB)], now=NOW)
        for _ in range(2):
            record_usage(records=[usage(line, 620 * MB)], now=NOW)
        record_usage(records=[usage(line, GB)], now=NOW)
        record_usage(records=[usage(line, GB)], now=NOW)
        told = [text for kind, text in texts_of(line) if kind.startswith("USAGE_CAP")]
        assert len(told) == 2
        assert "【和风通信】截至11月22日14时32分，您本月套餐外使用费用为8.03元，已达本月封顶10.00元的80%。" in told[0]
        assert (
            "已达封顶10.00元，套餐外使用已暂停，不再收费。如需继续，发送JCFD可将本月封顶提高到20.00元，仅本月有效。"
            in told[1]
        )

    def test_is_told_to_the_network(self, django_capture_on_commit_callbacks: Any) -> None:
        line, heard = make_priced_line(cap_fen=1_00), list[Any]()

        def hear(sender: object, account_id: object, line_id: object, **_kw: object) -> None:
            heard.append((account_id, line_id))

        beyond_use_stopped.connect(hear)
        with django_capture_on_commit_callbacks(execute=True):
            record_usage(records=[usage(line, GB)], now=NOW)
        with django_capture_on_commit_callbacks(execute=True):
            record_usage(records=[usage(line, GB)], now=NOW)
        beyond_use_stopped.disconnect(hear)
        assert heard == [(line.account_id, line.id)]
        assert list_stopped_lines(NOW) == [(line.account_id, line.id)]

    def test_that_is_nothing_stops_all_use_beyond(self) -> None:
        line = make_priced_line(cap_fen=0)
        record_usage(records=[usage(line, GB)], now=NOW)
        assert settle_usage_fees(now=NOW) == 0
        assert get_month_fee(line.account_id, line.id, NOW).is_stopped
        assert get_month_fee(line.account_id, line.id, NOW).next_cap_fen == 500_00

    def test_of_last_month_is_not_warned_of(self) -> None:
        line = make_priced_line(cap_fen=1_00)
        record_usage(records=[usage(line, GB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        assert texts_of(line) == []


class TestLiftCap:
    def stopped(self) -> Line:
        line = make_priced_line(cap_fen=10_00)
        record_usage(records=[usage(line, 3 * GB)], now=NOW)
        settle_usage_fees(now=NOW)
        return line

    def test_lets_the_cap_rise_one_step_and_charges_go_on(self, django_capture_on_commit_callbacks: Any) -> None:
        line, heard = self.stopped(), list[Any]()

        def hear(sender: object, line_id: object, **_kw: object) -> None:
            heard.append(line_id)

        beyond_use_resumed.connect(hear)
        with django_capture_on_commit_callbacks(execute=True):
            lift = lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.WEB, now=NOW)
        beyond_use_resumed.disconnect(hear)
        assert (lift.number, lift.cap_fen, heard) == (1, 20_00, [line.id])
        assert "USAGE_CAP_LIFTED" in [kind for kind, _text in texts_of(line)]
        settle_usage_fees(now=NOW + timedelta(minutes=1))
        assert [fen for *_words, fen in charges_of(line)] == [10_00, 5_00]
        assert violations() == []

    def test_warns_of_the_new_cap_anew(self) -> None:
        line = self.stopped()
        lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.WEB, now=NOW)
        record_usage(records=[usage(line, GB)], now=NOW)
        crossed = ThresholdCrossing.objects.filter(account_id=line.account_id).exclude(bucket_id=NIL)
        assert sorted(crossed.values_list("threshold_percent", "superseded")) == [
            (80, True),
            (80, True),
            (100, False),
            (100, False),
        ]

    def test_lifts_once_when_asked_twice(self) -> None:
        line = self.stopped()
        lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.WEB, now=NOW)
        with pytest.raises(CapNotReached):
            lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.SMS, now=NOW)
        assert CapLift.objects.count() == 1

    def test_lifts_nothing_that_is_not_reached(self) -> None:
        line = make_priced_line(cap_fen=10_00)
        with pytest.raises(CapNotReached):
            lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.WEB, now=NOW)
        assert (CapLift.objects.count(), texts_of(line)) == (0, [])

    def test_holds_for_its_month_alone(self) -> None:
        line = self.stopped()
        lift_cap(account_id=line.account_id, line_id=line.id, channel=Channel.WEB, now=NOW)
        december: datetime = NOW + timedelta(days=20)
        assert get_month_fee(line.account_id, line.id, december).cap_fen == 10_00


class TestPriceInReminders:
    def test_stands_with_the_cap_in_every_data_reminder(self) -> None:
        line = make_priced_line(cap_fen=100_00)
        make_bucket(line, 10 * GB, name_en="Pack", kind="DATA_PACK")
        for amount in (GB, 8 * GB, 2 * GB):
            record_usage(records=[usage(line, amount)], now=NOW)
        texts = [text for kind, text in texts_of(line) if kind.startswith("DATA")]
        assert len(texts) == 3
        assert ["套餐外流量5元/GB，本月封顶100.00元。" in text for text in texts] == [True] * 3

    def test_stands_in_english_too(self) -> None:
        line = make_priced_line(language="en")
        record_usage(records=[usage(line, MB)], now=NOW)
        assert "Beyond the plan: 5 yuan per GB, at most 500.00 yuan this month." in texts_of(line)[0][1]
