from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kernel.clock import Month
from kernel.ids import NIL
from messaging.models import Sms
from packages_app.models import UsageCounter, UsageRecord
from packages_app.operations.record_usage import Rejected, RejectReason, UsageRow, import_usage, record_usage
from tests.factories.usage import (
    GB,
    MB,
    MONTH_START,
    NOW,
    counters_of,
    crossings_of,
    make_bucket,
    make_line,
    texts_of,
    usage,
    used,
)

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def day(number: int) -> datetime:
    """Noon in Shanghai of a day of November."""
    return datetime(2026, 11, number, 4, tzinfo=UTC)


class TestRecords:
    def test_are_kept_and_counted_by_line_month_and_kind(self) -> None:
        line, other = make_line(), make_line()
        october = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
        result = record_usage(
            records=[
                usage(line, 3 * MB),
                usage(line, 4 * MB),
                usage(line, 5 * MB, at=october),
                usage(line, 61, kind="VOICE"),
                usage(other, 1, kind="SMS"),
            ],
            now=NOW,
        )
        assert (result.recorded, result.repeated, result.rejected) == (5, 0, [])
        assert counters_of(line) == [
            (date(2026, 10, 1), "DATA", 5 * MB, 5 * MB),
            (NOVEMBER, "DATA", 7 * MB, 7 * MB),
            (NOVEMBER, "VOICE", 61, 61),
        ]
        assert counters_of(other) == [(NOVEMBER, "SMS", 1, 1)]
        assert list(UsageRecord.objects.filter(usage_kind="SMS").values_list("account_id", "line_id", "amount")) == [
            (other.account_id, other.id, 1)
        ]

    def test_count_once_when_repeated(self) -> None:
        line = make_line()
        row = usage(line, MB, key="cdr-a")
        first = record_usage(records=[row, row], now=NOW)
        again = record_usage(records=[row, usage(line, 2 * MB)], now=NOW)
        assert (first.recorded, first.repeated) == (1, 1)
        assert (again.recorded, again.repeated) == (1, 1)
        assert counters_of(line) == [(NOVEMBER, "DATA", 3 * MB, 3 * MB)]

    def test_know_their_latest_start(self) -> None:
        line = make_line()
        record_usage(records=[usage(line, at=day(20))], now=NOW)
        record_usage(records=[usage(line, at=day(10))], now=NOW)
        assert UsageCounter.objects.get().last_record_at == day(20)

    def test_may_be_none(self) -> None:
        result = record_usage(records=[], now=NOW)
        assert (result.recorded, result.repeated, result.rejected) == (0, 0, [])


class TestRejects:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"msisdn": "+8613999999999"}, RejectReason.NUMBER_UNKNOWN),
            ({"msisdn": ""}, RejectReason.NUMBER_UNKNOWN),
            ({"msisdn": 'x\0,"\n\\.'}, RejectReason.NUMBER_UNKNOWN),
            ({"record_key": ""}, RejectReason.KEY_INVALID),
            ({"record_key": "k" * 65}, RejectReason.KEY_INVALID),
            ({"usage_kind": "FAX"}, RejectReason.KIND_UNKNOWN),
            ({"usage_kind": ""}, RejectReason.KIND_UNKNOWN),
            ({"amount": 0}, RejectReason.AMOUNT_NOT_POSITIVE),
            ({"amount": -1}, RejectReason.AMOUNT_NOT_POSITIVE),
            ({"amount": 1024**4 + 1}, RejectReason.AMOUNT_TOO_LARGE),
            ({"amount": 10**40}, RejectReason.AMOUNT_TOO_LARGE),
            ({"amount": 86_401, "usage_kind": "VOICE"}, RejectReason.AMOUNT_TOO_LARGE),
            ({"amount": 1001, "usage_kind": "SMS"}, RejectReason.AMOUNT_TOO_LARGE),
            ({"started_at": NOW + timedelta(seconds=301)}, RejectReason.STARTS_IN_FUTURE),
            ({"started_at": NOW - timedelta(days=40, seconds=1)}, RejectReason.TOO_OLD),
        ],
    )
    def test_absurd_records_with_the_reason(self, change: dict[str, Any], reason: RejectReason) -> None:
        line = make_line()
        make_bucket(line)
        result = record_usage(records=[usage(line)._replace(**change)], now=NOW)
        assert (result.recorded, result.repeated, result.rejected) == (0, 0, [Rejected(0, reason)])
        assert UsageRecord.objects.count() == UsageCounter.objects.count() == 0
        assert texts_of(line) == []

    def test_by_position_and_takes_the_rest(self) -> None:
        line = make_line()
        records = [usage(line, 0), usage(line, MB), UsageRow("+861", "k", NOW, "DATA", 1), usage(line, MB)]
        result = record_usage(records=records, now=NOW)
        assert result.recorded == 2
        assert result.rejected == [
            Rejected(0, RejectReason.AMOUNT_NOT_POSITIVE),
            Rejected(2, RejectReason.NUMBER_UNKNOWN),
        ]
        assert counters_of(line) == [(NOVEMBER, "DATA", 2 * MB, 2 * MB)]

    def test_nothing_at_the_limits(self) -> None:
        line = make_line()
        records = [
            usage(line, 1024**4, at=NOW + timedelta(seconds=300)),
            usage(line, 86_400, kind="VOICE", at=NOW - timedelta(days=40)),
            usage(line, 1000, kind="SMS", key="k" * 64),
        ]
        assert record_usage(records=records, now=NOW).recorded == 3


class TestBuckets:
    def test_are_spent_up_to_their_total_and_the_rest_is_beyond(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 10 * MB)
        record_usage(records=[usage(line, 7 * MB)], now=NOW)
        assert (used(bucket), counters_of(line)) == (7 * MB, [(NOVEMBER, "DATA", 7 * MB, 0)])
        record_usage(records=[usage(line, 7 * MB)], now=NOW)
        assert (used(bucket), counters_of(line)) == (10 * MB, [(NOVEMBER, "DATA", 14 * MB, 4 * MB)])
        record_usage(records=[usage(line, MB)], now=NOW)
        assert (used(bucket), counters_of(line)) == (10 * MB, [(NOVEMBER, "DATA", 15 * MB, 5 * MB)])

    def test_are_of_the_same_kind_and_line(self) -> None:
        line, other = make_line(), make_line()
        data, voice, others = make_bucket(line), make_bucket(line, 100, usage_kind="VOICE"), make_bucket(other)
        record_usage(records=[usage(line, 60, kind="VOICE")], now=NOW)
        assert (used(data), used(voice), used(others)) == (0, 60, 0)

    def test_are_spent_expiring_first_then_the_one_valid_longer(self) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * MB)
        pack = make_bucket(line, 10 * MB, name_en="Pack", starts_at=day(15))
        day_pack = make_bucket(line, 10 * MB, name_en="Day pack", starts_at=day(20), ends_at=day(23))
        record_usage(records=[usage(line, 13 * MB, at=day(22))], now=NOW)
        assert (used(day_pack), used(plan), used(pack)) == (10 * MB, 3 * MB, 0)
        record_usage(records=[usage(line, 13 * MB, at=day(22))], now=NOW)
        assert (used(day_pack), used(plan), used(pack)) == (10 * MB, 10 * MB, 6 * MB)
        assert counters_of(line) == [(NOVEMBER, "DATA", 26 * MB, 0)]

    def test_are_those_valid_when_the_use_began(self) -> None:
        line = make_line()
        pack = make_bucket(line, 10 * MB, starts_at=day(10), ends_at=day(20))
        records = [
            usage(line, 1 * MB, at=day(10) - timedelta(microseconds=1)),
            usage(line, 2 * MB, at=day(10)),
            usage(line, 3 * MB, at=day(20) - timedelta(microseconds=1)),
            usage(line, 4 * MB, at=day(20)),
        ]
        record_usage(records=records, now=NOW)
        assert used(pack) == 5 * MB
        assert counters_of(line) == [(NOVEMBER, "DATA", 10 * MB, 5 * MB)]

    def test_are_those_of_the_month_of_the_use(self) -> None:
        line = make_line()
        october = make_bucket(line, 10 * MB, name_en="October", starts_at=Month(2026, 10).starts_at)
        november = make_bucket(line, 10 * MB)
        records = [usage(line, 2 * MB, at=MONTH_START - timedelta(microseconds=1)), usage(line, 3 * MB, at=MONTH_START)]
        record_usage(records=records, now=NOW)
        assert (used(october), used(november)) == (2 * MB, 3 * MB)

    def test_give_a_late_record_what_was_valid_then(self) -> None:
        # In time the first use would have emptied the plan and left the second to the pack.
        line = make_line()
        plan = make_bucket(line, 5 * MB)
        pack = make_bucket(line, 5 * MB, name_en="Pack", starts_at=day(15))
        record_usage(records=[usage(line, 5 * MB, at=day(20))], now=NOW)
        assert (used(plan), used(pack)) == (5 * MB, 0)
        record_usage(records=[usage(line, 5 * MB, at=day(10))], now=NOW)
        assert (used(plan), used(pack)) == (5 * MB, 5 * MB)
        assert counters_of(line) == [(NOVEMBER, "DATA", 10 * MB, 0)]

    def test_stay_as_they_are_for_a_line_without_any(self) -> None:
        line = make_line()
        record_usage(records=[usage(line, 5, kind="SMS")], now=NOW)
        assert counters_of(line) == [(NOVEMBER, "SMS", 5, 5)]


class TestImportUsage:
    def test_counts_and_spends_without_reminding_then_or_later(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 10 * GB)
        import_usage(records=[usage(line, 8 * GB)], now=NOW)
        record_usage(records=[usage(line, GB)], now=NOW)
        assert used(bucket) == 9 * GB
        assert crossings_of(line) == [(NIL, 0, True), (bucket.id, 80, True)]
        assert texts_of(line) == []
        record_usage(records=[usage(line, GB)], now=NOW)
        assert [kind for kind, _text in texts_of(line)] == ["DATA_USED_UP"]


class TestReminders:
    def test_first_use_of_a_month(self) -> None:
        line = make_line()
        make_bucket(line, 10 * GB)
        make_bucket(line, 2 * GB, name_en="Pack", starts_at=day(15))
        record_usage(records=[usage(line, GB)], now=NOW)
        record_usage(records=[usage(line, MB)], now=NOW)
        assert crossings_of(line) == [(NIL, 0, False)]
        [(kind, text)] = texts_of(line)
        assert kind == "DATA_FIRST_USE"
        assert text == (
            "【和风通信】您本月已开始使用流量。截至11月22日14时32分，套餐内共12 GB，已用1 GB，剩余11 GB。"
            "套餐外流量不会自动扣费。发送CXLL可查余量。"
        )

    def test_first_use_without_an_allowance(self) -> None:
        line = make_line(language="en")
        record_usage(records=[usage(line, GB)], now=NOW)
        [(kind, text)] = texts_of(line)
        assert kind == "DATA_FIRST_USE_BEYOND"
        assert text == (
            "[Hefeng Telecom] You started to use data this month and have no data allowance (as of 22 Nov 14:32)."
            " Data beyond the plan is not charged by itself. Text CXLL for what is left."
        )

    def test_a_threshold_that_is_passed_exactly(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 10 * GB)
        record_usage(records=[usage(line, 8 * GB - 1)], now=NOW)
        assert crossings_of(line) == [(NIL, 0, False)]
        record_usage(records=[usage(line, 1)], now=NOW + timedelta(minutes=1))
        assert crossings_of(line) == [(NIL, 0, False), (bucket.id, 80, False)]
        kind, text = texts_of(line)[1]
        assert kind == "DATA_THRESHOLD_PASSED"
        assert text == (
            "【和风通信】截至11月22日14时32分，您的畅享套餐59元流量已用8 GB（80%），剩余2 GB，共10 GB。"
            "用完后套餐外流量不会自动扣费。发送CXLL可查余量。"
        )

    def test_the_end_of_a_bucket(self) -> None:
        line = make_line(language="en")
        bucket = make_bucket(line, 10 * GB)
        record_usage(records=[usage(line, 9 * GB)], now=NOW)
        record_usage(records=[usage(line, 9 * GB)], now=NOW + timedelta(minutes=1))
        assert crossings_of(line) == [(NIL, 0, True), (bucket.id, 80, False), (bucket.id, 100, False)]
        assert [kind for kind, _text in texts_of(line)] == ["DATA_THRESHOLD_PASSED", "DATA_USED_UP"]
        assert texts_of(line)[1][1] == (
            "[Hefeng Telecom] As of 22 Nov 14:32 all 10 GB of the data in Enjoy 59 is used, 0 GB left."
            " Data beyond the plan is not charged by itself. Text CXLL for other allowances."
        )

    def test_only_the_highest_of_those_passed_at_once(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 10 * GB)
        record_usage(records=[usage(line, 12 * GB)], now=NOW)
        assert crossings_of(line) == [(NIL, 0, True), (bucket.id, 80, True), (bucket.id, 100, False)]
        assert [kind for kind, _text in texts_of(line)] == ["DATA_USED_UP"]

    def test_each_bucket_by_itself(self) -> None:
        line = make_line()
        plan = make_bucket(line, 10 * GB)
        pack = make_bucket(line, 10 * GB, name_en="Pack", starts_at=day(15))
        record_usage(records=[usage(line, 18 * GB)], now=NOW)
        assert sorted(crossings_of(line)) == sorted(
            [(NIL, 0, True), (plan.id, 80, True), (plan.id, 100, False), (pack.id, 80, False)]
        )
        assert sorted(kind for kind, _text in texts_of(line)) == ["DATA_THRESHOLD_PASSED", "DATA_USED_UP"]

    def test_never_again_when_the_allowance_grows_or_records_repeat(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 10 * GB)
        row = usage(line, 8 * GB)
        record_usage(records=[row], now=NOW)
        bucket.total = 20 * GB
        bucket.save()
        record_usage(records=[row, usage(line, 8 * GB)], now=NOW)
        assert crossings_of(line) == [(NIL, 0, True), (bucket.id, 80, False)]
        assert [kind for kind, _text in texts_of(line)] == ["DATA_THRESHOLD_PASSED"]

    def test_nothing_of_a_cycle_that_is_over(self) -> None:
        line = make_line()
        october = make_bucket(line, 10 * GB, starts_at=Month(2026, 10).starts_at)
        record_usage(records=[usage(line, 10 * GB, at=MONTH_START - timedelta(hours=1))], now=NOW)
        assert used(october) == 10 * GB
        assert (crossings_of(line), texts_of(line)) == ([], [])

    def test_the_next_month_anew(self) -> None:
        line = make_line()
        make_bucket(line, 10 * GB)
        make_bucket(line, 10 * GB, name_en="December", starts_at=Month(2026, 12).starts_at)
        record_usage(records=[usage(line, 9 * GB)], now=NOW)
        later = NOW + timedelta(days=10)
        record_usage(records=[usage(line, 9 * GB, at=later)], now=later)
        assert [kind for kind, _text in texts_of(line)] == ["DATA_THRESHOLD_PASSED"] * 2

    def test_data_alone(self) -> None:
        line = make_line()
        make_bucket(line, 60, usage_kind="VOICE")
        make_bucket(line, 1, usage_kind="SMS", name_en="Texts")
        record_usage(records=[usage(line, 60, kind="VOICE"), usage(line, 1, kind="SMS")], now=NOW)
        assert (crossings_of(line), texts_of(line)) == ([], [])

    @pytest.mark.parametrize(
        ("amount", "leaves_at_once"), [(GB, False), (8 * GB, False), (10 * GB, True)], ids=["first use", "80", "100"]
    )
    def test_in_quiet_hours_only_the_end_of_a_bucket(self, amount: int, leaves_at_once: bool) -> None:
        line = make_line()
        make_bucket(line, 10 * GB)
        late = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
        record_usage(records=[usage(line, amount, at=late)], now=late)
        morning = datetime(2026, 11, 22, 23, tzinfo=UTC)
        assert Sms.objects.get().due_at == (late if leaves_at_once else morning)
