import pytest

from billing.operations.wallets import open_wallet
from packages_app.models import CapLift
from packages_app.operations.record_usage import record_usage
from packages_app.queries.usage_fees import get_month_fee
from tests.factories.channels import text_10086, uses_of
from tests.factories.messaging import NOW
from tests.factories.usage import GB, MONTH_START, make_line, make_subscription, unit_price, usage

pytestmark = pytest.mark.django_db


class TestLiftCap:
    def test_lets_the_cap_rise_and_is_told_by_its_own_text(self) -> None:
        line = make_line()
        open_wallet(account_id=line.account_id, now=MONTH_START)
        make_subscription(line, allowances={}, unit_prices=[unit_price(5_000, GB)], cap_fen=10_00)
        record_usage(records=[usage(line, 3 * GB)], now=NOW)
        [text] = text_10086(line, "jcfd")
        assert text == (
            "【和风通信】您已于11月22日14时30分将本月套餐外使用封顶提高到20.00元，套餐外使用已恢复，仅本月有效。"
            "如非本人操作请致电10086。"
        )
        assert get_month_fee(line.account_id, line.id, NOW).cap_fen == 20_00
        assert uses_of(line) == [("SMS", "lift_cap", "OK")]

    def test_is_refused_while_the_cap_is_not_reached(self) -> None:
        line = make_line(language="en")
        [text] = text_10086(line, "JCFD")
        assert text.startswith("[Hefeng Telecom] Use beyond your plan is not stopped.")
        assert CapLift.objects.count() == 0
        assert uses_of(line) == [("SMS", "lift_cap", "CAP_NOT_REACHED")]
