import pytest

from billing.operations.wallets import open_wallet
from billing.queries.balance import Balance, get_balance
from kernel.errors import NotFound
from kernel.ids import uuid7
from tests.factories.billing import NOW, make_charge, make_hold, make_line

pytestmark = pytest.mark.django_db


class TestGetBalance:
    def test_tells_cash_bonus_and_what_can_be_spent(self) -> None:
        line = make_line(cash_fen=86_50, bonus_fen=3_00, overdraft_fen=20_00)
        balance = get_balance(line.account_id)
        assert balance == Balance(
            cash_fen=86_50, bonus_fen=3_00, held_fen=0, overdraft_fen=20_00, owed_fen=0, updated_at=NOW
        )
        assert (balance.total_fen, balance.available_fen) == (89_50, 109_50)

    def test_tells_what_is_owed_and_what_has_to_come_in_until_it_is_paid(self) -> None:
        line = make_line(cash_fen=10_00, overdraft_fen=20_00)
        make_charge(line, amount_fen=59_00, may_owe=True)
        make_charge(line, amount_fen=31_00, may_owe=True)
        make_charge(line, amount_fen=4_00)
        make_hold(line, 5_00)
        balance = get_balance(line.account_id)
        assert (balance.total_fen, balance.available_fen, balance.owed_fen) == (6_00, 21_00, 90_00)
        assert balance.missing_fen == 69_00

    def test_knows_no_account_without_a_wallet(self) -> None:
        with pytest.raises(NotFound):
            get_balance(uuid7())


class TestOpenWallet:
    def test_changes_nothing_when_repeated(self) -> None:
        line = make_line(cash_fen=5_00)
        open_wallet(account_id=line.account_id, overdraft_fen=100_00, now=NOW)
        assert get_balance(line.account_id) == Balance(
            cash_fen=5_00, bonus_fen=0, held_fen=0, overdraft_fen=0, owed_fen=0, updated_at=NOW
        )
