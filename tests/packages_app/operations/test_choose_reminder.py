import pytest

from packages_app.models import ReminderChoice
from packages_app.operations.choose_reminder import ThresholdInvalid, choose_reminder
from packages_app.operations.record_usage import record_usage
from packages_app.queries.reminder_choices import get_own_threshold
from tests.factories.usage import GB, MONTH_START, NOW, crossings_of, make_bucket, make_line, texts_of, usage

pytestmark = pytest.mark.django_db


class TestChooseReminder:
    def test_reminds_at_the_lines_own_threshold_too(self) -> None:
        line = make_line()
        bucket = make_bucket(line, 10 * GB)
        choose_reminder(account_id=line.account_id, line_id=line.id, percent=30, now=MONTH_START)
        choose_reminder(account_id=line.account_id, line_id=line.id, percent=40, now=MONTH_START)
        for amount in (GB, 2 * GB, GB, 4 * GB):
            record_usage(records=[usage(line, amount)], now=NOW)
        assert [(percent, told) for _id, percent, told in crossings_of(line)] == [(0, False), (40, False), (80, False)]
        assert {bucket_id for bucket_id, percent, _told in crossings_of(line) if percent} == {bucket.id}
        assert get_own_threshold(line.account_id, line.id) == 40

    def test_tells_nothing_of_what_was_passed_before(self) -> None:
        line = make_line()
        make_bucket(line, 10 * GB)
        record_usage(records=[usage(line, 5 * GB)], now=NOW)
        choose_reminder(account_id=line.account_id, line_id=line.id, percent=40, now=NOW)
        record_usage(records=[usage(line, GB)], now=NOW)
        assert [kind for kind, _text in texts_of(line)] == ["DATA_FIRST_USE"]

    def test_forgets_the_threshold(self) -> None:
        line = make_line()
        choose_reminder(account_id=line.account_id, line_id=line.id, percent=40, now=NOW)
        choose_reminder(account_id=line.account_id, line_id=line.id, percent=None, now=NOW)
        assert get_own_threshold(line.account_id, line.id) is None

    @pytest.mark.parametrize("percent", [-1, 0, 100, 101])
    def test_refuses_what_is_no_threshold(self, percent: int) -> None:
        line = make_line()
        with pytest.raises(ThresholdInvalid):
            choose_reminder(account_id=line.account_id, line_id=line.id, percent=percent, now=NOW)
        assert ReminderChoice.objects.count() == 0

    def test_replaces_the_houses_thresholds_by_the_plans_and_keeps_the_end(self) -> None:
        line = make_line()
        make_bucket(line, 10 * GB, thresholds_percent=[50])
        for amount in (4 * GB, GB, 4 * GB, GB):
            record_usage(records=[usage(line, amount)], now=NOW)
        assert [percent for _id, percent, _told in crossings_of(line)] == [0, 50, 100]
