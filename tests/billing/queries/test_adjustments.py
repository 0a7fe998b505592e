from datetime import timedelta

import pytest

from billing.models import BillLine
from billing.operations.adjustments import approve_adjustment, refuse_adjustment
from billing.queries.adjustments import list_unbilled_adjustments
from kernel.clock import month_of
from tests.factories.billing import NOW, make_line, propose

pytestmark = pytest.mark.django_db

MONTH = month_of(NOW)


class TestListUnbilledAdjustments:
    def test_is_what_was_posted_before_the_month_ended_and_stands_on_no_bill(self) -> None:
        line = make_line(cash_fen=10_00)
        posted, billed, refused, late = (propose(line, -amount) for amount in (1_00, 2_00, 3_00, 4_00))
        propose(line, 5_00)
        for adjustment, at in ((posted, NOW), (billed, NOW), (late, MONTH.ends_at)):
            approve_adjustment(account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=at)
        refuse_adjustment(account_id=line.account_id, adjustment_id=refused.id, checked_by=2, refusal="no", now=NOW)
        BillLine.objects.create(
            account_id=line.account_id,
            period_date=MONTH.previous.first_date,
            number=1,
            head="OTHER",
            name="调账",
            amount_fen=2_00,
            line_id=line.id,
            msisdn=line.msisdn,
            charge_id=billed.id,
        )
        assert [one.id for one in list_unbilled_adjustments(MONTH)] == [posted.id]
        assert {one.id for one in list_unbilled_adjustments(MONTH.next)} == {posted.id, late.id}
        assert not list_unbilled_adjustments(MONTH.previous).filter(checked_at__gte=NOW - timedelta(1)).exists()
