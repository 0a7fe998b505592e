"""Accounts with money, made through the operations themselves."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import Account, Line, StaffUser
from accounts.operations.open_account import open_account
from billing.gateways.base import Payer
from billing.models import (
    Adjustment,
    AdjustmentReason,
    BillHead,
    BonusGrant,
    Campaign,
    Charge,
    ChargeReason,
    Counterpart,
    Hold,
    LedgerEntry,
    MoneyBucket,
    OneOffFee,
    Refund,
    TopUp,
    Wallet,
)
from billing.operations.adjustments import propose_adjustment
from billing.operations.charge import charge_wallet
from billing.operations.holds import capture, reserve
from billing.operations.ledger import post_entries
from billing.operations.one_off_fees import propose_one_off_fee
from billing.operations.top_ups import confirm_top_up, note_paid_at, start_top_up
from billing.operations.wallets import open_wallet
from billing.queries.campaigns import BonusOffer
from kernel.channel import Channel

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
EXPIRES = NOW + timedelta(hours=2)
PAYER = Payer("203.0.113.7", on_handset=True)

_numbers = itertools.count(13_900_000_000)


def make_line(
    *, cash_fen: int = 0, bonus_fen: int = 0, overdraft_fen: int = 0, language: str = "zh-hans", name: str = "张三"
) -> Line:
    """Open an account with one line and a wallet that holds the given money, brought in by OPENING entries."""
    line = open_account(customer_name=name, msisdn=f"+86{next(_numbers)}", province="CN-GD", language=language, now=NOW)
    open_wallet(account_id=line.account_id, overdraft_fen=overdraft_fen, now=NOW)
    for bucket, amount_fen in ((MoneyBucket.CASH, cash_fen), (MoneyBucket.BONUS, bonus_fen)):
        if amount_fen:
            post_entries(
                account_id=line.account_id,
                posting_key=f"opening:{bucket}",
                amount_fen=amount_fen,
                counterpart=Counterpart.OPENING,
                reason_kind="OPENING",
                reason_id=line.account_id,
                bucket=bucket,
                now=NOW,
            )
    return line


def make_charge(
    line: Line, *, amount_fen: int = 10_00, head: BillHead = BillHead.PLAN, now: datetime = NOW, **changes: Any
) -> Charge:
    """Charge a line; each call is a charge of its own."""
    key = uuid.uuid4()
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "msisdn": line.msisdn,
        "language": line.language,
        "head": head,
        "name": f"{head} {amount_fen}",
        "provider_name": "某公司" if head == BillHead.THIRD_PARTY else "",
        "amount_fen": amount_fen,
        "reason": ChargeReason.SUBSCRIPTION,
        "reason_id": key,
        "charge_key": f"test:{key}",
        "now": now,
    }
    return charge_wallet(**{**arguments, **changes})


def give_bonus(line: Line, amount_fen: int, *, expires_at: datetime | None = None, now: datetime = NOW) -> int:
    """Give bonus and return the version that names the gift."""
    key = uuid.uuid4()
    return post_entries(
        account_id=line.account_id,
        posting_key=f"gift:{key}",
        amount_fen=amount_fen,
        counterpart=Counterpart.GIFTS,
        reason_kind="TEST",
        reason_id=key,
        bucket=MoneyBucket.BONUS,
        bonus_expires_at=expires_at,
        now=now,
    ).version


def give_cash(line: Line, amount_fen: int, *, now: datetime = NOW) -> None:
    """Let cash come in without a top-up."""
    key = uuid.uuid4()
    post_entries(
        account_id=line.account_id,
        posting_key=f"cash:{key}",
        amount_fen=amount_fen,
        counterpart=Counterpart.OPENING,
        reason_kind="TEST",
        reason_id=key,
        now=now,
    )


def make_hold(line: Line, amount_fen: int = 10_00, *, hours: int = 1, now: datetime = NOW) -> Hold:
    """Set money of a line's wallet aside."""
    return reserve(
        account_id=line.account_id,
        amount_fen=amount_fen,
        purpose="流量包",
        hold_key=uuid.uuid4().hex,
        expires_at=now + timedelta(hours=hours),
        now=now,
    )


def capture_hold(hold: Hold, amount_fen: int, *, now: datetime = NOW, **changes: Any) -> Hold:
    """Charge held money of an account to its first line."""
    line = Line.objects.filter(account_id=hold.account_id).earliest("id")
    arguments: dict[str, Any] = {
        "account_id": hold.account_id,
        "hold_id": hold.id,
        "amount_fen": amount_fen,
        "line_id": line.id,
        "msisdn": line.msisdn,
        "language": line.language,
        "head": BillHead.DATA,
        "name": hold.purpose,
        "provider_name": "",
        "reason": ChargeReason.USAGE,
        "reason_id": hold.id,
        "now": now,
    }
    return capture(**{**arguments, **changes})


def propose(line: Line, amount_fen: int = 5_00, *, proposed_by: int = 1, now: datetime = NOW) -> Adjustment:
    """Propose a correction of a line's wallet."""
    return propose_adjustment(
        account_id=line.account_id,
        line_id=line.id,
        amount_fen=amount_fen,
        reason=AdjustmentReason.WRONG_CHARGE,
        words="十月套餐费重复",
        request_key=uuid.uuid4().hex,
        proposed_by=proposed_by,
        now=now,
    )


def propose_fee(line: Line, **changes: Any) -> OneOffFee:
    """Propose a one-off fee of 20 yuan."""
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "amount_fen": 20_00,
        "head": BillHead.OTHER,
        "name": "补卡工本费",
        "provider_name": "",
        "words": "客户遗失SIM卡",
        "request_key": uuid.uuid4().hex,
        "proposed_by": 1,
        "now": NOW,
    }
    return propose_one_off_fee(**{**arguments, **changes})


def make_campaign(**changes: Any) -> Campaign:
    """Let a campaign run around NOW: 10 yuan from 100, for 90 days."""
    values: dict[str, Any] = {
        "code": "SPRING",
        "name_zh": "充值有礼",
        "name_en": "Spring bonus",
        "starts_at": NOW - timedelta(days=10),
        "ends_at": NOW + timedelta(days=10),
        "minimum_fen": 100_00,
        "bonus_fen": 10_00,
        "bonus_days": 90,
    }
    return Campaign.objects.create(**{**values, **changes})


def gifts_of(account_id: uuid.UUID) -> dict[int, int]:
    """Return what is left of each gift by the version that names it."""
    return dict(BonusGrant.objects.filter(account_id=account_id).order_by("version").values_list("version", "left_fen"))


def held_of(account_id: uuid.UUID) -> int:
    """Return what is set aside."""
    return Wallet.objects.values_list("held_fen", flat=True).get(account_id=account_id)


def opened_long_ago(line: Line) -> Line:
    """Date the account back, so that past months have bills."""
    Account.objects.filter(id=line.account_id).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    return line


def make_top_up(
    line: Line,
    *,
    amount_fen: int = 50_00,
    provider: str = "sandbox",
    offer: BonusOffer | None = None,
    now: datetime = NOW,
) -> TopUp:
    """Start a top-up that waits for its payment."""
    return start_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        channel=Channel.WEB,
        provider=provider,
        idempotency_key=uuid.uuid4().hex,
        offer=offer,
        now=now,
    )


def make_paid_top_up(line: Line, *, amount_fen: int = 50_00, now: datetime = NOW) -> TopUp:
    """Credit a top-up that was paid through the provider in use."""
    top_up = make_top_up(line, amount_fen=amount_fen, provider=settings.PAYMENT_PROVIDER, now=now)
    note_paid_at(account_id=line.account_id, top_up_id=top_up.id, paid_at=now)
    return confirm_top_up(
        account_id=line.account_id,
        top_up_id=top_up.id,
        paid_fen=amount_fen,
        provider_payment_number=uuid.uuid4().hex,
        now=now,
    )


def make_refund(top_up: TopUp, *, asked_by: StaffUser) -> Refund:
    """Write down that a refund was asked for, whatever the top-up's state."""
    return Refund.objects.create(
        account_id=top_up.account_id,
        top_up_id=top_up.id,
        amount_fen=top_up.amount_fen,
        reason="重复充值",
        refund_number=f"R{uuid.uuid4().hex[:30]}",
        request_key=uuid.uuid4().hex,
        requested_by=asked_by,
        requested_at=NOW,
    )


def wallet_of(account_id: uuid.UUID) -> tuple[int, int, int]:
    """Return cash, bonus and version."""
    return Wallet.objects.values_list("cash_fen", "bonus_fen", "version").get(account_id=account_id)


def entries_of(account_id: uuid.UUID) -> list[tuple[int, str, int, int, int]]:
    """Return (version, bucket, amount, before, after) of every entry, oldest first."""
    return list(
        LedgerEntry.objects.filter(account_id=account_id)
        .order_by("version")
        .values_list("version", "bucket", "amount_fen", "before_fen", "after_fen")
    )
