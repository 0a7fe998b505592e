import io
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from billing.models import Bill
from kernel.clock import SHANGHAI, month_of
from kernel.clock import now as current_instant
from tests.factories.billing import make_charge, make_line, opened_long_ago

pytestmark = pytest.mark.django_db


def issue(period: str) -> str:
    output = io.StringIO()
    call_command("issue_bills", "--period", period, stdout=output, stderr=io.StringIO())
    return output.getvalue()


class TestIssueBillsCommand:
    def test_issues_and_says_how_many(self) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00))
        make_charge(line, amount_fen=12_34, now=datetime(2026, 10, 5, tzinfo=SHANGHAI))
        assert issue("2026-10") == "1 bills issued for 2026-10.\n"
        assert issue("2026-10") == "0 bills issued for 2026-10.\n"
        assert Bill.objects.get().total_fen == 12_34

    def test_refuses_the_running_month(self) -> None:
        with pytest.raises(CommandError):
            issue(str(month_of(current_instant())))
        assert not Bill.objects.exists()

    @pytest.mark.parametrize("period", ["2026-13", "2026", "october", ""])
    def test_refuses_what_is_no_month(self, period: str) -> None:
        with pytest.raises(CommandError, match="is not a month"):
            issue(period)
