from datetime import timedelta

import pytest

from billing.models import BillHead, ChargeReason
from billing.queries.dues import Due, DueCharge, get_due, is_owing, list_dues, list_payable_account_ids
from tests.factories.billing import NOW, give_bonus, make_charge, make_hold, make_line

pytestmark = pytest.mark.django_db

YESTERDAY = NOW - timedelta(days=1)


class TestGetDue:
    def test_sums_what_is_owed_since_the_oldest(self) -> None:
        line = make_line(cash_fen=5_00)
        make_charge(line, amount_fen=10_00, may_owe=True)
        make_charge(line, amount_fen=59_00, may_owe=True, now=YESTERDAY)
        make_charge(line, amount_fen=5_00)
        assert (get_due(line.account_id), is_owing(line.account_id)) == (Due(69_00, 2, YESTERDAY), True)

    def test_is_nothing_where_all_is_paid(self) -> None:
        line, debtor = make_line(cash_fen=5_00), make_line()
        make_charge(line, amount_fen=5_00)
        make_charge(debtor, may_owe=True)
        assert (get_due(line.account_id), is_owing(line.account_id)) == (Due(0, 0, None), False)


class TestListDues:
    def test_lists_the_oldest_first_and_nothing_of_others(self) -> None:
        line, other = make_line(), make_line()
        make_charge(other, may_owe=True)
        late = make_charge(line, amount_fen=10_00, may_owe=True)
        early = make_charge(line, amount_fen=6_00, head=BillHead.THIRD_PARTY, name="视频", may_owe=True, now=YESTERDAY)
        assert list_dues(line.account_id) == [
            DueCharge(early.id, "视频", "某公司", line.msisdn, 6_00, ChargeReason.SUBSCRIPTION, YESTERDAY),
            DueCharge(late.id, late.name, "", line.msisdn, 10_00, ChargeReason.SUBSCRIPTION, NOW),
        ]
        assert len(list_dues(line.account_id, limit=1)) == 1


class TestListPayableAccountIds:
    def test_finds_wallets_that_reach_for_the_oldest(self) -> None:
        reaches, too_poor, held = make_line(), make_line(), make_line(cash_fen=9_00)
        make_hold(held, 9_00)
        for line in (reaches, too_poor, held):
            make_charge(line, amount_fen=9_01, may_owe=True, now=YESTERDAY)
            make_charge(line, amount_fen=1_00, may_owe=True)
        give_bonus(reaches, 9_01)
        give_bonus(too_poor, 9_00)
        give_bonus(held, 9_00)
        assert list_payable_account_ids(10) == [reaches.account_id]
