from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Line, LineState
from kernel.clock import SHANGHAI
from messaging.models import Sms, SmsState
from messaging.operations.set_text_preference import set_text_preference
from packages_app.models import Bucket, OfferingKind, Recurrence, Subscription
from packages_app.operations.remind_of_ends import remind_of_ends
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import GB, buy, make_offering

pytestmark = pytest.mark.django_db

SOON = datetime(2026, 11, 28, 12, tzinfo=SHANGHAI)


def texts(line: Line, kind: str) -> list[str]:
    return list(Sms.objects.filter(account_id=line.account_id, kind=kind).values_list("body", flat=True))


def change(line: Line, **values: Any) -> None:
    Subscription.objects.filter(account_id=line.account_id).update(**values)


class TestRemindOfEnds:
    def test_tells_what_is_left_of_bought_data_before_it_ends(self) -> None:
        line = make_line(cash_fen=10_00)
        buy(line, make_offering())
        Bucket.objects.update(used=GB // 2)
        assert (remind_of_ends(now=SOON), remind_of_ends(now=SOON + timedelta(days=1))) == (1, 0)
        assert texts(line, "DATA_ENDS") == [
            (
                "【和风通信】您购买的“1GB流量包”将于11月30日24时到期，截至11月28日12时00分剩余512 MB（共1 GB），"
                "到期后未用完的流量作废，不会自动续订。发送CXLL可查余量。"
            )
        ]

    def test_speaks_english_to_those_who_read_it(self) -> None:
        line = make_line(cash_fen=10_00, language="en")
        buy(line, make_offering())
        change(line, ends_at=datetime(2026, 11, 30, 18, 30, tzinfo=SHANGHAI))
        assert remind_of_ends(now=SOON) == 1
        assert texts(line, "DATA_ENDS")[0].startswith(
            '[Hefeng Telecom] Your "1 GB data pack" ends on 30 Nov 18:30. As of 28 Nov 12:00 1 GB of 1 GB are left;'
        )

    def test_sends_nothing_to_those_who_switched_it_off(self) -> None:
        line = make_line(cash_fen=10_00)
        buy(line, make_offering())
        set_text_preference(
            account_id=line.account_id, msisdn=line.msisdn, unwanted_groups=["EXPIRY"], quiet_hours=None, now=NOW
        )
        assert (remind_of_ends(now=SOON), remind_of_ends(now=SOON + timedelta(days=1))) == (1, 0)
        told = Sms.objects.get(account_id=line.account_id, kind="DATA_ENDS")
        assert (told.state, told.sent_at) == (SmsState.SUPPRESSED, None)

    @pytest.mark.parametrize("early", [NOW, SOON - timedelta(days=2)])
    def test_waits_until_the_end_is_near(self, early: datetime) -> None:
        line = make_line(cash_fen=10_00)
        buy(line, make_offering())
        assert remind_of_ends(now=early) == 0

    def test_is_silent_about_what_is_used_up_recurs_or_is_short(self) -> None:
        used_up, recurring, short, suspended = (make_line(cash_fen=50_00) for _ in range(4))
        buy(used_up, make_offering())
        Bucket.objects.filter(account_id=used_up.account_id).update(used=GB)
        buy(recurring, make_offering(recurrence=Recurrence.MONTHLY))
        buy(short, make_offering(), now=SOON - timedelta(hours=1))
        buy(suspended, make_offering())
        Line.objects.filter(account_id=suspended.account_id).update(state=LineState.SUSPENDED)
        assert remind_of_ends(now=SOON) == 0

    def test_tells_that_the_term_of_a_contract_ends(self) -> None:
        line = make_line(cash_fen=500_00)
        handset = make_offering(
            {}, kind=OfferingKind.DEVICE_CONTRACT, recurrence=Recurrence.MONTHLY, commitment_months=24, price_fen=99_00
        )
        buy(line, handset)
        assert remind_of_ends(now=NOW) == 0
        change(line, committed_until=datetime(2026, 12, 15, 9, tzinfo=SHANGHAI))
        assert (remind_of_ends(now=NOW), remind_of_ends(now=NOW + timedelta(days=3))) == (1, 0)
        assert "合约期将于12月15日届满" in texts(line, "CONTRACT_ENDS")[0]
        assert "99.00元" in texts(line, "CONTRACT_ENDS")[0]

    def test_is_silent_about_a_term_far_off_or_left(self) -> None:
        far, left = make_line(cash_fen=500_00), make_line(cash_fen=500_00)
        handset = make_offering({}, recurrence=Recurrence.MONTHLY, commitment_months=24)
        buy(far, handset)
        buy(left, handset)
        Subscription.objects.filter(account_id=left.account_id).update(
            committed_until=datetime(2026, 12, 15, tzinfo=SHANGHAI), cancelled_at=NOW, ends_at=NOW + timedelta(days=60)
        )
        assert remind_of_ends(now=NOW) == 0
