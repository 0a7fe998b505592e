from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Line
from messaging.gateways.memory import MemoryGateway
from messaging.models import Sms, SmsState, TextGroup, TextPreference
from messaging.operations.deliver_sms import Delivery, deliver_due_sms
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.operations.queue_sms_of_rows import queue_sms_of_rows
from messaging.operations.set_text_preference import GroupNotOptional, QuietHoursInvalid, set_text_preference
from messaging.queries.text_preferences import get_text_preference
from messaging.texts import SmsTemplate
from tests.factories.messaging import LATE, MORNING, NOTICE, NOW, REMINDER, make_line, queue_text

pytestmark = pytest.mark.django_db

USAGE_REMINDER = SmsTemplate(
    kind="DATA_TEST",
    zh="还剩{left}。",
    en="{left} left.",
    lifetime=timedelta(hours=6),
    urgent=True,
    group=TextGroup.USAGE,
)
ROWS = """
    SELECT account_id, msisdn, language, '1 GB'::text AS left
      FROM accounts_line
     WHERE account_id = ANY (%(ids)s::uuid[])
"""


def prefer(line: Line, *unwanted: str, quiet_hours: tuple[int, int] | None = None) -> TextPreference:
    return set_text_preference(
        account_id=line.account_id, msisdn=line.msisdn, unwanted_groups=unwanted, quiet_hours=quiet_hours, now=NOW
    )


class TestSetTextPreference:
    def test_holds_until_it_is_set_anew(self) -> None:
        line = make_line()
        prefer(line, "USAGE", "EXPIRY", quiet_hours=(20, 9))
        prefer(line, "EXPIRY")
        kept = get_text_preference(account_id=line.account_id, msisdn=line.msisdn)
        assert (kept.unwanted_groups, kept.quiet_from_hour, kept.quiet_to_hour) == (["EXPIRY"], None, None)
        assert TextPreference.objects.count() == 1

    @pytest.mark.parametrize("group", ["REQUIRED", "NOTHING", ""])
    def test_refuses_to_switch_off_what_is_required(self, group: str) -> None:
        with pytest.raises(GroupNotOptional):
            prefer(make_line(), "USAGE", group)
        assert TextPreference.objects.count() == 0

    @pytest.mark.parametrize("hours", [(17, 7), (0, 7), (22, 13), (22, 5), (22, 22), (-1, 7)])
    def test_keeps_own_hours_within_limits(self, hours: tuple[int, int]) -> None:
        with pytest.raises(QuietHoursInvalid):
            prefer(make_line(), quiet_hours=hours)
        assert TextPreference.objects.count() == 0

    @pytest.mark.parametrize("hours", [(18, 12), (23, 6), (22, 7)])
    def test_takes_own_hours_up_to_the_limits(self, hours: tuple[int, int]) -> None:
        assert prefer(make_line(), quiet_hours=hours).quiet_from_hour == hours[0]

    def test_takes_the_operators_hours_whatever_the_limits_are(self, settings: Settings) -> None:
        settings.QUIET_HOURS_FROM, settings.QUIET_HOURS_TO = 0, 5
        assert prefer(make_line(), quiet_hours=(0, 5)).quiet_to_hour == 5


class TestAnUnwantedText:
    def test_leaves_one_row_that_is_never_sent(self, gateway: MemoryGateway) -> None:
        line = make_line()
        prefer(line, "USAGE")
        sms = queue_text(line, template=USAGE_REMINDER, key="threshold:80")
        assert (sms.state, sms.body) == (SmsState.SUPPRESSED, "【和风通信】还剩1 GB。")
        assert deliver_due_sms(now=NOW, limit=500) == Delivery()
        again = queue_text(line, template=USAGE_REMINDER, key="threshold:80")
        assert (again.id, Sms.objects.count()) == (sms.id, 1)

    def test_stays_unsent_when_the_customer_wants_such_texts_again(self, gateway: MemoryGateway) -> None:
        line = make_line()
        prefer(line, "USAGE")
        old = queue_text(line, template=USAGE_REMINDER)
        prefer(line)
        new = queue_text(line, template=USAGE_REMINDER)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 1)
        old.refresh_from_db()
        assert (old.state, new.state) == (SmsState.SUPPRESSED, SmsState.QUEUED)

    def test_is_so_for_its_number_and_group_only(self) -> None:
        mine, other = make_line(), make_line()
        prefer(mine, "USAGE", "OFFER")
        assert queue_text(mine, template=NOTICE).state == SmsState.QUEUED
        assert queue_text(mine, template=REMINDER).state == SmsState.QUEUED
        assert queue_text(other, template=USAGE_REMINDER).state == SmsState.QUEUED

    def test_of_another_holder_of_the_number_is_wanted(self) -> None:
        before, after = make_line(), make_line()
        prefer(before, "USAGE")
        TextPreference.objects.update(msisdn=after.msisdn)
        assert queue_text(after, template=USAGE_REMINDER).state == SmsState.QUEUED


class TestQuietHoursOfOnesOwn:
    def test_hold_back_what_can_wait(self) -> None:
        line = make_line()
        prefer(line, quiet_hours=(20, 9))
        assert queue_text(line, template=REMINDER, now=LATE).due_at == MORNING + timedelta(hours=2)

    def test_end_earlier_too(self) -> None:
        line = make_line()
        prefer(line, quiet_hours=(22, 6))
        assert queue_text(line, template=REMINDER, now=LATE).due_at == MORNING - timedelta(hours=1)

    def test_do_not_hold_back_what_is_urgent(self) -> None:
        line = make_line()
        prefer(line, quiet_hours=(18, 12))
        assert queue_text(line, template=NOTICE, now=LATE).due_at == LATE


class TestWishesInABatch:
    def test_cost_one_look_whatever_its_size(self) -> None:
        lines = [make_line() for _number in range(5)]
        prefer(lines[2], "USAGE")
        requests = [
            SmsRequest(line.account_id, line.msisdn, USAGE_REMINDER, "en", {"left": "1 GB"}, "k") for line in lines
        ]
        with CaptureQueriesContext(connection) as asked:
            assert queue_sms_batch(requests=requests, now=NOW) == 5
        assert len(asked) == 2
        assert list(Sms.objects.filter(state="SUPPRESSED").values_list("msisdn", flat=True)) == [lines[2].msisdn]

    def test_cost_nothing_for_what_is_required_and_urgent(self) -> None:
        line = make_line()
        request = SmsRequest(line.account_id, line.msisdn, NOTICE, "en", {"name": "Emma"}, "k")
        with CaptureQueriesContext(connection) as asked:
            queue_sms_batch(requests=[request], now=NOW)
        assert len(asked) == 1


class TestWishesOfRows:
    def test_are_those_of_texts_queued_one_by_one(self) -> None:
        lines = [make_line() for _number in range(4)]
        prefer(lines[1], "USAGE")
        prefer(lines[2], quiet_hours=(20, 9))
        ids = [line.account_id for line in lines]
        for template in (USAGE_REMINDER, REMINDER):
            queue_sms_of_rows(template=template, rows=ROWS, values={"ids": ids}, dedup_key=template.kind, now=LATE)
            for line in lines:
                queue_text(line, template=template, key=f"{template.kind}:one", now=LATE)
        facts = ("account_id", "kind", "body", "parts", "state", "due_at", "expires_at", "urgent")
        of_rows = Sms.objects.exclude(dedup_key__endswith=":one").order_by("account_id", "kind").values_list(*facts)
        one_by_one = Sms.objects.filter(dedup_key__endswith=":one").order_by("account_id", "kind").values_list(*facts)
        assert list(of_rows) == list(one_by_one)
        assert Sms.objects.filter(state="SUPPRESSED").count() == 2
        assert Sms.objects.filter(due_at=MORNING + timedelta(hours=2)).count() == 2
