import pytest

from billing.models import OverdraftChange, Wallet
from billing.operations.ledger import InsufficientBalance, WalletMissing
from billing.operations.wallets import OverdraftInUse, set_overdraft
from kernel.ids import uuid7
from tests.factories.billing import NOW, make_charge, make_hold, make_line, wallet_of

pytestmark = pytest.mark.django_db


def overdraft_of(line: object) -> int:
    return Wallet.objects.values_list("overdraft_fen", flat=True).get()


class TestSetOverdraft:
    def test_lets_the_wallet_go_as_far_and_keeps_why(self) -> None:
        line = make_line(cash_fen=1_00)
        set_overdraft(account_id=line.account_id, overdraft_fen=20_00, reason="star 3", now=NOW)
        change = OverdraftChange.objects.get()
        assert (change.before_fen, change.after_fen, change.reason, change.changed_at) == (0, 20_00, "star 3", NOW)
        with pytest.raises(InsufficientBalance):
            make_charge(line, amount_fen=21_01)
        make_charge(line, amount_fen=21_00)
        assert wallet_of(line.account_id) == (-20_00, 0, 2)

    def test_writes_nothing_when_it_stays_the_same(self) -> None:
        line = make_line(overdraft_fen=5_00)
        set_overdraft(account_id=line.account_id, overdraft_fen=5_00, reason="star 3", now=NOW)
        assert not OverdraftChange.objects.exists()

    @pytest.mark.parametrize(("held_fen", "used"), [(0, 8_00), (2_00, 10_00)])
    def test_never_goes_below_what_is_used_or_held(self, held_fen: int, used: int) -> None:
        line = make_line(cash_fen=2_00, overdraft_fen=20_00)
        make_charge(line, amount_fen=10_00)
        if held_fen:
            make_hold(line, held_fen)
        with pytest.raises(OverdraftInUse, match=rf"^透支额度已使用{used // 100}\.00元"):
            set_overdraft(account_id=line.account_id, overdraft_fen=used - 1, reason="star 1", now=NOW)
        assert (overdraft_of(line), OverdraftChange.objects.count()) == (20_00, 0)
        set_overdraft(account_id=line.account_id, overdraft_fen=used, reason="star 1", now=NOW)
        assert overdraft_of(line) == used

    def test_counts_bonus_as_no_cover_for_cash_below_zero(self) -> None:
        line = make_line(overdraft_fen=5_00)
        make_charge(line, amount_fen=5_00)
        with pytest.raises(OverdraftInUse):
            set_overdraft(account_id=line.account_id, overdraft_fen=4_99, reason="star 1", now=NOW)
        assert overdraft_of(line) == 5_00

    def test_refuses_an_account_without_a_wallet(self) -> None:
        with pytest.raises(WalletMissing):
            set_overdraft(account_id=uuid7(), overdraft_fen=1, reason="star 1", now=NOW)

    def test_refuses_less_than_nothing(self) -> None:
        line = make_line()
        with pytest.raises(ValueError, match="not negative"):
            set_overdraft(account_id=line.account_id, overdraft_fen=-1, reason="star 1", now=NOW)
