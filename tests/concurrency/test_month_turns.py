"""Several workers turn a month at once, while customers buy."""

from datetime import timedelta

import pytest

from billing.models import Charge, ChargeReason
from kernel.clock import Month
from messaging.models import Sms
from packages_app.models import Bucket
from packages_app.operations.turn_month import turn_month
from packages_app.queries.month_turns import is_turned
from tests.books import broken_invariants
from tests.factories.billing import make_charge, make_line
from tests.factories.packages_app import give_plan, make_plan
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DECEMBER = Month(2026, 12)
AT = DECEMBER.starts_at + timedelta(minutes=5)
LINES = 12


class TestTurnsAtOnce:
    def test_charge_each_fee_once_and_tell_it_once(self) -> None:
        plan = make_plan()
        lines = [make_line(cash_fen=100_00) for _ in range(LINES)]
        for line in lines:
            give_plan(line, plan)
        ran = at_once(lambda number: turn_month(month=DECEMBER, now=AT, chunk_accounts=1 + number % 3), times=6)
        assert sum(turned.settled for turned in ran) == LINES
        assert sum(turned.buckets for turned in ran) == 2 * LINES
        assert Charge.objects.filter(reason=ChargeReason.SUBSCRIPTION, amount_fen=59_00).count() == LINES
        assert Sms.objects.count() == LINES
        assert Bucket.objects.count() == 2 * LINES
        assert is_turned(DECEMBER)
        assert broken_invariants() == {}

    def test_lose_nothing_that_is_bought_meanwhile(self) -> None:
        plan = make_plan()
        lines = [make_line(cash_fen=100_00) for _ in range(LINES)]
        for line in lines:
            give_plan(line, plan)

        def act(number: int) -> None:
            if number < LINES:
                make_charge(lines[number], amount_fen=1_00, now=AT)
            else:
                turn_month(month=DECEMBER, now=AT, chunk_accounts=5)

        at_once(act, times=LINES + 2)
        totals = [
            sum(Charge.objects.filter(account_id=line.account_id).values_list("amount_fen", flat=True))
            for line in lines
        ]
        assert totals == [60_00] * LINES
        assert broken_invariants() == {}
