import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Counterpart, LedgerEntry, MoneyBucket, Wallet
from billing.operations.ledger import (
    IdempotencyConflict,
    InsufficientBalance,
    Posting,
    WalletMissing,
    post_entries,
)
from kernel.ids import uuid7
from tests.factories.billing import NOW, entries_of, make_line, wallet_of

pytestmark = pytest.mark.django_db

REASON = uuid.UUID("018f0000-0000-7000-8000-000000000001")


def post(account_id: uuid.UUID, amount_fen: int, **changes: Any) -> Posting:
    arguments: dict[str, Any] = {
        "account_id": account_id,
        "posting_key": "key",
        "amount_fen": amount_fen,
        "counterpart": Counterpart.REVENUE if amount_fen < 0 else Counterpart.PAYMENTS,
        "reason_kind": "TEST",
        "reason_id": REASON,
        "now": NOW,
    }
    return post_entries(**{**arguments, **changes})


class TestPostEntries:
    def test_credits_cash(self) -> None:
        account_id = make_line().account_id
        assert post(account_id, 50_00) == Posting(cash_fen=50_00, bonus_fen=0, version=1, repeated=False)
        assert wallet_of(account_id) == (50_00, 0, 1)
        assert entries_of(account_id) == [(1, "CASH", 50_00, 0, 50_00)]

    def test_credits_bonus(self) -> None:
        account_id = make_line(cash_fen=10_00).account_id
        posting = post(account_id, 5_00, bucket=MoneyBucket.BONUS, counterpart=Counterpart.GIFTS)
        assert posting == Posting(cash_fen=10_00, bonus_fen=5_00, version=2, repeated=False)
        assert entries_of(account_id)[-1] == (2, "BONUS", 5_00, 0, 5_00)

    def test_keeps_what_shows_the_reason(self) -> None:
        account_id = make_line().account_id
        post(account_id, 50_00)
        entry = LedgerEntry.objects.get(account_id=account_id)
        assert (entry.counterpart, entry.reason_kind, entry.reason_id, entry.posting_key, entry.posted_at) == (
            "PAYMENTS", "TEST", REASON, "key", NOW,
        )  # fmt: skip
        assert Wallet.objects.get(account_id=account_id).updated_at == NOW

    def test_spends_bonus_before_cash(self) -> None:
        account_id = make_line(cash_fen=10_00, bonus_fen=3_00).account_id
        assert post(account_id, -5_00) == Posting(cash_fen=8_00, bonus_fen=0, version=4, repeated=False)
        assert entries_of(account_id)[2:] == [(3, "BONUS", -3_00, 3_00, 0), (4, "CASH", -2_00, 10_00, 8_00)]

    def test_leaves_cash_alone_while_bonus_reaches(self) -> None:
        account_id = make_line(cash_fen=10_00, bonus_fen=3_00).account_id
        assert post(account_id, -3_00) == Posting(cash_fen=10_00, bonus_fen=0, version=3, repeated=False)
        assert entries_of(account_id)[2:] == [(3, "BONUS", -3_00, 3_00, 0)]

    def test_spends_down_to_the_floor(self) -> None:
        account_id = make_line(cash_fen=10_00, bonus_fen=1_00, overdraft_fen=20_00).account_id
        assert post(account_id, -31_00) == Posting(cash_fen=-20_00, bonus_fen=0, version=4, repeated=False)

    def test_refuses_to_go_below_the_floor(self) -> None:
        account_id = make_line(cash_fen=10_00, bonus_fen=1_00, overdraft_fen=20_00).account_id
        before = (wallet_of(account_id), entries_of(account_id))
        with pytest.raises(InsufficientBalance), transaction.atomic():
            post(account_id, -31_01)
        assert (wallet_of(account_id), entries_of(account_id)) == before

    def test_takes_a_credit_that_still_leaves_cash_below_zero(self) -> None:
        account_id = make_line(cash_fen=10_00, overdraft_fen=20_00).account_id
        post(account_id, -25_00)
        assert post(account_id, 5_00, posting_key="credit").cash_fen == -10_00

    def test_spends_bonus_while_cash_is_below_zero(self) -> None:
        account_id = make_line(cash_fen=10_00, overdraft_fen=20_00).account_id
        post(account_id, -30_00)
        post(account_id, 2_00, posting_key="gift", bucket=MoneyBucket.BONUS, counterpart=Counterpart.GIFTS)
        assert post(account_id, -2_00, posting_key="spend") == Posting(-20_00, 0, 4, repeated=False)

    def test_repeats_the_first_outcome_for_a_known_key(self) -> None:
        account_id = make_line(cash_fen=10_00, bonus_fen=3_00).account_id
        first = post(account_id, -5_00)
        post(account_id, 40_00, posting_key="later")
        before = (wallet_of(account_id), entries_of(account_id))
        assert post(account_id, -5_00) == replace(first, repeated=True)
        assert (wallet_of(account_id), entries_of(account_id)) == before

    def test_repeats_the_first_outcome_even_when_the_balance_would_not_reach_any_more(self) -> None:
        account_id = make_line(cash_fen=10_00).account_id
        first = post(account_id, -10_00)
        assert post(account_id, -10_00) == replace(first, repeated=True)

    @pytest.mark.parametrize(
        "change",
        [
            {"amount_fen": -4_99},
            {"counterpart": Counterpart.ADJUSTMENTS},
            {"reason_kind": "OTHER"},
            {"reason_id": uuid.UUID(int=2)},
            {"bucket": MoneyBucket.BONUS},
        ],
    )
    def test_refuses_a_known_key_with_other_data(self, change: dict[str, Any]) -> None:
        account_id = make_line(cash_fen=10_00).account_id
        post(account_id, -5_00)
        before = (wallet_of(account_id), entries_of(account_id))
        with pytest.raises(IdempotencyConflict), transaction.atomic():
            post(account_id, **{"amount_fen": -5_00, **change})
        assert (wallet_of(account_id), entries_of(account_id)) == before

    def test_keeps_keys_of_two_accounts_apart(self) -> None:
        one, other = make_line().account_id, make_line().account_id
        post(one, 5_00)
        assert post(other, 7_00) == Posting(cash_fen=7_00, bonus_fen=0, version=1, repeated=False)

    def test_refuses_an_account_without_a_wallet(self) -> None:
        with pytest.raises(WalletMissing), transaction.atomic():
            post(uuid7(), 1)
        assert not LedgerEntry.objects.exists()

    def test_refuses_to_move_nothing(self) -> None:
        account_id = make_line().account_id
        with pytest.raises(ValueError, match="a posting moves money"):
            post(account_id, 0)
        assert entries_of(account_id) == []

    def test_is_undone_with_the_callers_transaction(self) -> None:
        account_id = make_line(cash_fen=10_00).account_id
        with transaction.atomic():
            post(account_id, -5_00)
            transaction.set_rollback(True)
        assert (wallet_of(account_id), len(entries_of(account_id))) == ((10_00, 0, 1), 1)


class TestTheDatabaseItself:
    """What stands when code is wrong: constraints."""

    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("UPDATE billing_wallet SET cash_fen = -overdraft_fen - 1, bonus_fen = 1", "wallet_not_below_floor"),
            ("UPDATE billing_wallet SET held_fen = cash_fen + 1", "wallet_covers_what_is_held"),
            ("UPDATE billing_wallet SET held_fen = -1", "wallet_held_not_negative"),
            ("UPDATE billing_wallet SET bonus_fen = -1", "wallet_bonus_not_negative"),
            ("UPDATE billing_ledger_entry SET after_fen = after_fen + 1", "ledger_entry_adds_up"),
            ("UPDATE billing_ledger_entry SET amount_fen = 0, after_fen = before_fen", "ledger_entry_moves_money"),
            ("UPDATE billing_ledger_entry SET version = 0", "ledger_entry_version_from_one"),
            ("UPDATE billing_ledger_entry SET posting_key = 'key'", "ledger_entry_posting_key_once"),
            ("UPDATE billing_ledger_entry SET version = 1", "billing_ledger_entry_pkey"),
        ],
    )
    def test_refuses_books_that_do_not_add_up(self, statement: str, constraint: str) -> None:
        account_id = make_line(cash_fen=10_00).account_id
        post(account_id, 5_00, posting_key="second")
        before = (wallet_of(account_id), entries_of(account_id))
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{statement} WHERE account_id = %s", [account_id])
        assert (wallet_of(account_id), entries_of(account_id)) == before
