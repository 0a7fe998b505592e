import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Line
from billing.models import BillHead, Charge, ChargeReason, LedgerEntry
from billing.operations.charge import charge_wallet
from billing.operations.ledger import IdempotencyConflict, InsufficientBalance, WalletMissing
from kernel.ids import uuid7
from messaging.models import Sms
from tests.factories.billing import NOW, entries_of, give_bonus, make_hold, make_line, wallet_of

pytestmark = pytest.mark.django_db

ORDER = uuid.UUID("018f0000-0000-7000-8000-000000000002")


def charge(line: Line, **changes: Any) -> Charge:
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "msisdn": line.msisdn,
        "language": line.language,
        "head": BillHead.DATA,
        "name": "10元1GB流量加油包",
        "provider_name": "",
        "amount_fen": 10_00,
        "reason": ChargeReason.ORDER,
        "reason_id": ORDER,
        "charge_key": f"order:{ORDER}",
        "now": NOW,
    }
    return charge_wallet(**{**arguments, **changes})


class TestChargeWallet:
    def test_takes_the_money_and_keeps_why(self) -> None:
        line = make_line(cash_fen=86_50)
        made = charge(line)
        kept = Charge.objects.get(account_id=line.account_id)
        assert kept.id == made.id
        assert (kept.head, kept.name, kept.amount_fen, kept.msisdn, kept.reason, kept.reason_id, kept.charged_at) == (
            "DATA", "10元1GB流量加油包", 10_00, line.msisdn, "ORDER", ORDER, NOW,
        )  # fmt: skip
        assert wallet_of(line.account_id) == (76_50, 0, 2)
        entry = LedgerEntry.objects.get(account_id=line.account_id, version=2)
        assert (entry.amount_fen, entry.counterpart, entry.reason_kind, entry.reason_id) == (
            -10_00, "REVENUE", "CHARGE", made.id,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            (
                "zh-hans",
                "【和风通信】扣费提醒：号码{number}于11月22日14时30分因10元1GB流量加油包扣费10.00元，当前余额79.50元。",
            ),
            (
                "en",
                (
                    "[Hefeng Telecom] Charge notice: 10.00 yuan for 10元1GB流量加油包, number {number},"
                    " at 22 Nov 14:30. Balance now: 79.50 yuan."
                ),
            ),
        ],
    )
    def test_tells_what_how_much_when_and_the_balance_after(self, language: str, words: str) -> None:
        line = make_line(cash_fen=86_50, bonus_fen=3_00, language=language)
        charge(line)
        text = Sms.objects.get(account_id=line.account_id)
        masked = f"{line.msisdn[3:6]}****{line.msisdn[-4:]}"
        assert (text.kind, text.body) == ("CHARGE_NOTICE", words.format(number=masked))

    def test_names_who_it_is_collected_for(self) -> None:
        line = make_line(cash_fen=86_50)
        charge(line, head=BillHead.THIRD_PARTY, name="视频会员", provider_name="某视频公司")
        assert "因视频会员（某视频公司）扣费10.00元" in Sms.objects.get(account_id=line.account_id).body

    def test_charges_once_per_key(self) -> None:
        line = make_line(cash_fen=86_50)
        assert charge(line).id == charge(line).id
        assert (wallet_of(line.account_id), Charge.objects.count(), Sms.objects.count()) == ((76_50, 0, 2), 1, 1)

    @pytest.mark.parametrize(
        "change",
        [{"amount_fen": 9_00}, {"name": "other"}, {"head": BillHead.OTHER}, {"reason_id": uuid.UUID(int=1)}],
    )
    def test_refuses_a_known_key_with_other_data(self, change: dict[str, Any]) -> None:
        line = make_line(cash_fen=86_50)
        charge(line)
        with pytest.raises(IdempotencyConflict):
            charge(line, **change)
        assert (wallet_of(line.account_id), Charge.objects.count(), Sms.objects.count()) == ((76_50, 0, 2), 1, 1)

    def test_refuses_when_the_balance_does_not_reach_and_leaves_the_callers_transaction_usable(self) -> None:
        line = make_line(cash_fen=9_99)
        with transaction.atomic():
            with pytest.raises(InsufficientBalance):
                charge(line)
            assert (wallet_of(line.account_id), len(entries_of(line.account_id))) == ((9_99, 0, 1), 1)
        assert not Charge.objects.exists()
        assert not Sms.objects.exists()

    def test_refuses_an_account_without_a_wallet(self) -> None:
        line = make_line()
        line.account_id = uuid7()
        with pytest.raises(WalletMissing):
            charge(line)
        assert not Charge.objects.exists()

    def test_moves_nothing_when_the_charge_cannot_be_written(self) -> None:
        line = make_line(cash_fen=86_50)
        with pytest.raises(IntegrityError, match="charge_for_others_names_provider"):
            charge(line, head=BillHead.THIRD_PARTY, provider_name="")
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((86_50, 0, 1), 0)

    @pytest.mark.parametrize(
        ("reason", "due_at"),
        [
            (ChargeReason.ORDER, datetime(2026, 11, 22, 15, 0, tzinfo=UTC)),
            (ChargeReason.SUBSCRIPTION, datetime(2026, 11, 22, 23, 0, tzinfo=UTC)),
        ],
    )
    def test_waits_for_the_morning_unless_the_customer_has_just_ordered(
        self, reason: ChargeReason, due_at: datetime
    ) -> None:
        line = make_line(cash_fen=86_50)
        eleven_at_night = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
        charge(line, reason=reason, now=eleven_at_night)
        assert Sms.objects.get(account_id=line.account_id).due_at == due_at

    def test_owes_what_the_wallet_does_not_reach_for_when_it_may(self) -> None:
        line = make_line(cash_fen=9_99)
        made = charge(line, may_owe=True)
        assert (made.settled_at, made.charged_at, made.amount_fen) == (None, NOW, 10_00)
        assert (wallet_of(line.account_id), len(entries_of(line.account_id))) == ((9_99, 0, 1), 1)
        text = Sms.objects.get(account_id=line.account_id)
        masked = f"{line.msisdn[3:6]}****{line.msisdn[-4:]}"
        assert (text.kind, text.body) == (
            "CHARGE_DUE",
            (
                f"【和风通信】欠费提醒：号码{masked}于11月22日14时30分因10元1GB流量加油包应付10.00元，余额9.99元不足，尚未扣款，"
                "共欠费10.00元。请通过网上营业厅或充值卡充值，到账后自动缴清。"
            ),
        )

    def test_says_in_english_too_what_is_owed_in_all(self) -> None:
        line = make_line(cash_fen=1_00, language="en")
        charge(line, may_owe=True, charge_key="fee:1")
        charge(line, may_owe=True, charge_key="fee:2", amount_fen=5_00)
        bodies = list(Sms.objects.filter(account_id=line.account_id).order_by("id").values_list("body", flat=True))
        assert sorted("you owe 15.00 yuan in all" in body for body in bodies) == [False, True]

    def test_pays_at_once_what_may_be_owed_when_the_wallet_reaches(self) -> None:
        line = make_line(cash_fen=9_00, overdraft_fen=1_00)
        assert charge(line, may_owe=True).settled_at == NOW
        assert (wallet_of(line.account_id), Sms.objects.get().kind) == ((-1_00, 0, 2), "CHARGE_NOTICE")

    def test_leaves_what_is_set_aside_alone(self) -> None:
        line = make_line(cash_fen=15_00)
        make_hold(line, 6_00)
        assert charge(line, may_owe=True).settled_at is None
        assert wallet_of(line.account_id) == (15_00, 0, 1)

    def test_does_not_spend_bonus_that_has_expired(self) -> None:
        line = make_line(cash_fen=5_00)
        give_bonus(line, 5_00, expires_at=NOW, now=NOW - timedelta(days=1))
        assert charge(line, may_owe=True).settled_at is None
        assert wallet_of(line.account_id) == (5_00, 0, 3)

    @pytest.mark.parametrize("may_owe", [True, False])
    def test_leaves_what_is_owed_as_it_is_when_it_is_charged_again(self, may_owe: bool) -> None:
        line = make_line(cash_fen=9_99)
        charge(line, may_owe=True)
        give_bonus(line, 50_00)
        assert charge(line, may_owe=may_owe).settled_at is None
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((9_99, 50_00, 2), 1)

    def test_refuses_to_charge_nothing(self) -> None:
        line = make_line(cash_fen=9_99)
        with pytest.raises(ValueError, match="takes something"):
            charge(line, amount_fen=0, may_owe=True)
        assert not Charge.objects.exists()
