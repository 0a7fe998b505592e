import uuid
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Line
from accounts.operations.open_account import open_account
from billing.models import Charge, Counterpart, LedgerEntry, PaymentNumber, TopUp, Wallet
from billing.operations.import_history import (
    AlreadyHere,
    HistoryOverdrawn,
    ImportedCharge,
    ImportedTopUp,
    ImportedWallet,
    import_history,
)
from billing.operations.ledger import post_entries
from billing.queries.audit import list_checks
from kernel.audit import run_check
from messaging.models import Sms
from tests.factories.billing import NOW, entries_of, wallet_of

pytestmark = pytest.mark.django_db
OPENED = NOW - timedelta(days=100)


@pytest.fixture
def line() -> Line:
    return open_account(customer_name="赵六", msisdn="+8613911112222", province="CN-SN", language="zh-hans", now=OPENED)


def wallet(line: Line, *, opening_fen: int = 0, overdraft_fen: int = 0) -> ImportedWallet:
    return ImportedWallet(line.account_id, overdraft_fen, opening_fen, OPENED)


def top_up(line: Line, amount_fen: int, *, day: int) -> ImportedTopUp:
    return ImportedTopUp(
        *(line.account_id, line.id, line.msisdn, line.language, uuid.uuid4(), amount_fen),
        *("WEB", "sandbox", f"P{day}", OPENED + timedelta(days=day)),
    )


def charge(line: Line, amount_fen: int, *, day: int, key: str = "") -> ImportedCharge:
    return ImportedCharge(
        *(line.account_id, line.id, line.msisdn, "PLAN", "畅享套餐", "", amount_fen, "SUBSCRIPTION", uuid.uuid4()),
        *(key or f"fee:{day}", OPENED + timedelta(days=day)),
    )


def violations() -> list[tuple[str, tuple[str, ...]]]:
    results = [run_check(check) for check in list_checks()]
    assert results
    return [(result.check.name, result.examples) for result in results if result.violations]


class TestImportHistory:
    def test_chains_the_entries_in_order_of_time(self, line: Line) -> None:
        import_history(
            wallets=[wallet(line, opening_fen=10_00)],
            top_ups=[top_up(line, 100_00, day=30), top_up(line, 50_00, day=10)],
            charges=[charge(line, 59_00, day=30), charge(line, 59_00, day=10)],
        )
        assert entries_of(line.account_id) == [
            (1, "CASH", 10_00, 0, 10_00),
            (2, "CASH", 50_00, 10_00, 60_00),
            (3, "CASH", -59_00, 60_00, 1_00),
            (4, "CASH", 100_00, 1_00, 101_00),
            (5, "CASH", -59_00, 101_00, 42_00),
        ]
        assert wallet_of(line.account_id) == (42_00, 0, 5)
        assert Wallet.objects.get().updated_at == OPENED + timedelta(days=30)

    def test_leaves_books_that_audit_clean_and_no_texts(self, line: Line) -> None:
        import_history(
            wallets=[wallet(line)], top_ups=[top_up(line, 60_00, day=1)], charges=[charge(line, 59_00, day=2)]
        )
        assert violations() == []
        assert Sms.objects.count() == 0
        assert Charge.objects.get().charge_key == "import:fee:2"
        top_ups = TopUp.objects.values_list("state", "payment_number", "provider_payment_number")
        assert list(top_ups) == [("SUCCEEDED", PaymentNumber.objects.get().payment_number, "P1")]

    def test_goes_on_in_the_ledger_where_it_ends(self, line: Line) -> None:
        import_history(wallets=[wallet(line, opening_fen=10_00)], top_ups=[], charges=[])
        opening: dict[str, Any] = {
            "account_id": line.account_id,
            "posting_key": "opening",
            "amount_fen": 10_00,
            "counterpart": Counterpart.OPENING,
            "reason_kind": "OPENING",
            "reason_id": line.account_id,
            "now": NOW,
        }
        assert post_entries(**opening).repeated
        posting = post_entries(**{**opening, "posting_key": "more", "amount_fen": 5_00})
        assert (posting.cash_fen, posting.version, posting.repeated) == (15_00, 2, False)

    def test_opens_a_wallet_in_which_nothing_moved(self, line: Line) -> None:
        import_history(wallets=[wallet(line, overdraft_fen=20_00)], top_ups=[], charges=[])
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert Wallet.objects.get().overdraft_fen == 20_00

    @pytest.mark.parametrize(("overdraft_fen", "fits"), [(9_00, True), (8_99, False)])
    def test_refuses_a_past_below_the_floor(self, line: Line, overdraft_fen: int, *, fits: bool) -> None:
        history: dict[str, Any] = {
            "wallets": [wallet(line, overdraft_fen=overdraft_fen)],
            "top_ups": [top_up(line, 50_00, day=1), top_up(line, 50_00, day=3)],
            "charges": [charge(line, 59_00, day=2)],
        }
        if fits:
            import_history(**history)
            assert wallet_of(line.account_id) == (41_00, 0, 3)
            return
        with pytest.raises(HistoryOverdrawn):
            import_history(**history)
        self.assert_nothing_here()

    def test_refuses_an_account_that_has_a_wallet(self, line: Line) -> None:
        import_history(wallets=[wallet(line, opening_fen=10_00)], top_ups=[], charges=[])
        with pytest.raises(AlreadyHere):
            import_history(wallets=[wallet(line)], top_ups=[top_up(line, 5_00, day=1)], charges=[])
        assert wallet_of(line.account_id) == (10_00, 0, 1)
        assert TopUp.objects.count() == 0

    def test_refuses_a_key_that_comes_twice(self, line: Line) -> None:
        twice = [charge(line, 1_00, day=1, key="fee"), charge(line, 1_00, day=2, key="fee")]
        with pytest.raises(AlreadyHere):
            import_history(wallets=[wallet(line, opening_fen=10_00)], top_ups=[], charges=twice)
        self.assert_nothing_here()

    def test_refuses_what_moved_in_another_wallet(self, line: Line) -> None:
        with pytest.raises(ValueError, match="not among those"):
            import_history(wallets=[], top_ups=[top_up(line, 5_00, day=1)], charges=[])
        self.assert_nothing_here()

    def assert_nothing_here(self) -> None:
        for model in (Wallet, LedgerEntry, TopUp, Charge, PaymentNumber):
            assert model.objects.count() == 0
