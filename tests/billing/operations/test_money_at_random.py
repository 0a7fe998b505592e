"""Everything that moves a customer's money, in whatever order: each fen is accounted for after every step.

Hypothesis makes up the order and shows the one that breaks something. With `--long` it tries many more, never the same.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from pytest_django import Settings

from billing.gateways.base import PaymentOutcome, RefundOutcome
from billing.gateways.memory import MemoryProvider
from billing.gateways.registry import get_provider
from billing.models import Adjustment, Charge, Counterpart, Hold, LedgerEntry, Refund, RefundState, TopUp, TopUpState
from billing.operations.adjustments import approve_adjustment, refuse_adjustment
from billing.operations.dues import sweep_dues
from billing.operations.expire_top_ups import ask_provider_now, expire_top_ups
from billing.operations.holds import expire_holds, release
from billing.operations.ledger import expire_bonuses
from billing.operations.payment_callbacks import settle_payment
from billing.operations.redeem_voucher import redeem_voucher
from billing.operations.refunds import approve_refund, reject_refund, request_refund
from billing.operations.settle_refunds import ask_for_refund_now, settle_refunds
from billing.queries.campaigns import BonusOffer
from kernel.channel import Channel
from kernel.errors import DomainError
from tests.books import broken_invariants
from tests.factories.billing import (
    NOW,
    PAYER,
    capture_hold,
    make_charge,
    make_hold,
    make_line,
    make_top_up,
    propose,
    wallet_of,
)
from tests.factories.vouchers import make_cards

FEN = st.integers(min_value=1, max_value=50_00)
YUAN = st.integers(min_value=1, max_value=50).map(lambda yuan: yuan * 100)
PICK = st.integers(min_value=0, max_value=99)
ASKS, APPROVES = 1, 2


class MoneyAtRandom(RuleBasedStateMachine):
    """One customer. `moved_fen` is what was charged, captured, corrected and redeemed, as each operation said.

    What a payment or a refund came to is read from its row: the provider decides that in its own time. What expired
    or was taken back of a bonus is read from the ledger, and what is owed counts as gone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.line = make_line(overdraft_fen=5_00)
        self.account_id = self.line.account_id
        self.moved_fen = 0
        self.top_ups: list[TopUp] = []
        self.paid: set[uuid.UUID] = set()
        self.charges: list[dict[str, Any]] = []
        self.holds: list[Hold] = []
        self.adjustments: list[Adjustment] = []
        self.refunds: list[Refund] = []
        self.cards = [card.pin for card in make_cards(2, face_fen=20_00)]
        self.used: set[str] = set()
        provider = get_provider("memory")
        assert isinstance(provider, MemoryProvider)
        self.provider = provider
        provider.__init__()  # type: ignore[misc]

    # Time and the provider

    @rule(minutes=st.integers(min_value=1, max_value=600))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(silent=st.booleans(), refuses=st.booleans())
    def change_the_provider(self, silent: bool, refuses: bool) -> None:
        self.provider.silent = silent
        self.provider.refund_outcome = RefundOutcome.REFUSED if refuses else RefundOutcome.DONE

    @rule()
    def sweep(self) -> None:
        expire_top_ups(now=self.now)
        expire_holds(now=self.now)
        expire_bonuses(now=self.now)
        settle_refunds(now=self.now)
        sweep_dues(now=self.now)

    # Top-ups

    @rule(amount_fen=YUAN, bonus_fen=st.sampled_from([0, 0, 3_00]), days=st.integers(min_value=0, max_value=1))
    def start_top_up(self, amount_fen: int, bonus_fen: int, days: int) -> None:
        offer = BonusOffer("SPRING", bonus_fen, days) if bonus_fen else None
        top_up = make_top_up(self.line, amount_fen=amount_fen, provider="memory", offer=offer, now=self.now)
        was_silent, self.provider.silent = self.provider.silent, False
        self.provider.create_payment(
            payment_number=top_up.payment_number, amount_fen=amount_fen, title="", return_path="/", payer=PAYER,
            expires_at=top_up.expires_at, now=self.now,
        )  # fmt: skip
        self.provider.silent = was_silent
        self.top_ups.append(top_up)

    @precondition(lambda self: self.top_ups)
    @rule(pick=PICK, told=st.booleans())
    def pay(self, pick: int, told: bool) -> None:
        top_up = self.top_ups[pick % len(self.top_ups)]
        self.paid.add(top_up.id)
        self.provider.decide(
            top_up.payment_number, outcome=PaymentOutcome.PAID, paid_fen=top_up.amount_fen, paid_at=self.now
        )
        if told:
            self.tell(pick)

    @precondition(lambda self: self.top_ups)
    @rule(pick=PICK)
    def refuse_payment(self, pick: int) -> None:
        top_up = self.top_ups[pick % len(self.top_ups)]
        if top_up.id not in self.paid:
            self.provider.decide(top_up.payment_number, outcome=PaymentOutcome.REFUSED)
            self.tell(pick)

    @precondition(lambda self: self.top_ups)
    @rule(pick=PICK)
    def tell(self, pick: int) -> None:
        """The provider's notice: once, again, late."""
        top_up = self.top_ups[pick % len(self.top_ups)]
        self.try_to(
            lambda: settle_payment(
                top_up=TopUp.objects.get(account_id=self.account_id, id=top_up.id),
                payment=self.provider.payments[top_up.payment_number],
                now=self.now,
            )
        )

    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        pin = self.cards[pick % len(self.cards)]
        top_up = redeem_voucher(
            account_id=self.account_id,
            line_id=self.line.id,
            msisdn=self.line.msisdn,
            pin=pin,
            channel=Channel.WEB,
            now=self.now,
        )
        if pin not in self.used:
            self.used.add(pin)
            self.moved_fen += top_up.amount_fen

    # Charges and holds

    @rule(amount_fen=FEN, may_owe=st.booleans())
    def charge(self, amount_fen: int, may_owe: bool) -> None:
        key = uuid.uuid4()
        request: dict[str, Any] = {
            "amount_fen": amount_fen,
            "may_owe": may_owe,
            "charge_key": f"test:{key}",
            "reason_id": key,
        }
        if self.try_to(lambda: make_charge(self.line, now=self.now, **request)):
            self.moved_fen -= amount_fen
            self.charges.append(request)

    @precondition(lambda self: self.charges)
    @rule(pick=PICK)
    def charge_again(self, pick: int) -> None:
        make_charge(self.line, now=self.now, **self.charges[pick % len(self.charges)])

    @rule(amount_fen=FEN, hours=st.integers(min_value=1, max_value=8))
    def hold(self, amount_fen: int, hours: int) -> None:
        made = self.try_to(lambda: make_hold(self.line, amount_fen, hours=hours, now=self.now))
        if made:
            self.holds.append(made)

    @precondition(lambda self: self.holds)
    @rule(pick=PICK, part=st.integers(min_value=1, max_value=3))
    def capture(self, pick: int, part: int) -> None:
        hold = self.holds[pick % len(self.holds)]
        amount_fen = -(-hold.amount_fen // part)
        before = Hold.objects.get(account_id=self.account_id, id=hold.id).captured_fen
        done = self.try_to(lambda: capture_hold(hold, amount_fen, now=self.now))
        if done and not before:
            self.moved_fen -= amount_fen

    @precondition(lambda self: self.holds)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        hold = self.holds[pick % len(self.holds)]
        self.try_to(lambda: release(account_id=self.account_id, hold_id=hold.id, now=self.now))

    # Staff

    @rule(amount_fen=st.integers(min_value=-20_00, max_value=20_00).filter(bool))
    def propose(self, amount_fen: int) -> None:
        self.adjustments.append(propose(self.line, amount_fen, proposed_by=ASKS, now=self.now))

    @precondition(lambda self: self.adjustments)
    @rule(pick=PICK, yes=st.booleans(), who=st.sampled_from([ASKS, APPROVES]))
    def decide(self, pick: int, yes: bool, who: int) -> None:
        adjustment = self.adjustments[pick % len(self.adjustments)]
        named: dict[str, Any] = {
            "account_id": self.account_id,
            "adjustment_id": adjustment.id,
            "checked_by": who,
            "now": self.now,
        }
        if not yes:
            self.try_to(lambda: refuse_adjustment(refusal="no", **named))
        elif self.try_to(lambda: approve_adjustment(**named)):
            self.moved_fen += adjustment.amount_fen

    @precondition(lambda self: self.paid)
    @rule(pick=PICK, amount_fen=FEN)
    def ask_for_refund(self, pick: int, amount_fen: int) -> None:
        top_up = self.top_ups[pick % len(self.top_ups)]
        asked = self.try_to(
            lambda: request_refund(
                account_id=self.account_id,
                top_up_id=top_up.id,
                amount_fen=amount_fen,
                reason="重复充值",
                staff_id=ASKS,
                request_key=uuid.uuid4().hex,
                now=self.now,
            )
        )
        if asked:
            self.refunds.append(asked)

    @precondition(lambda self: self.refunds)
    @rule(pick=PICK, yes=st.booleans(), who=st.sampled_from([ASKS, APPROVES]))
    def decide_refund(self, pick: int, yes: bool, who: int) -> None:
        refund = self.refunds[pick % len(self.refunds)]
        decide = approve_refund if yes else reject_refund
        self.try_to(lambda: decide(account_id=self.account_id, refund_id=refund.id, staff_id=who, now=self.now))

    # What must hold

    def try_to(self, act: Any) -> Any:
        """Do it and return what it made; None when it is refused, and then nothing has moved."""
        before = (wallet_of(self.account_id), LedgerEntry.objects.count())
        try:
            return act()
        except DomainError:
            assert (wallet_of(self.account_id), LedgerEntry.objects.count()) == before
            return None

    @invariant()
    def every_fen_is_accounted_for(self) -> None:
        cash_fen, bonus_fen, _version = wallet_of(self.account_id)
        entries = LedgerEntry.objects.filter(account_id=self.account_id)
        gone_fen = -total(entries.filter(counterpart=Counterpart.GIFTS, amount_fen__lt=0), "amount_fen")
        owed_fen = total(Charge.objects.filter(account_id=self.account_id, settled_at=None), "amount_fen")
        came_in = TopUp.objects.filter(account_id=self.account_id, provider="memory", state=TopUpState.SUCCEEDED)
        came_in_fen = total(came_in, F("amount_fen") + F("bonus_fen"))
        went_back = Refund.objects.filter(
            account_id=self.account_id, state__in=[RefundState.APPROVED, RefundState.UNKNOWN, RefundState.SUCCEEDED]
        )
        expected_fen = came_in_fen + self.moved_fen - total(went_back, "amount_fen")
        assert cash_fen + bonus_fen + gone_fen - owed_fen == expected_fen
        assert set(came_in.values_list("id", flat=True)) <= self.paid

    def teardown(self) -> None:
        """In the end the provider tells and answers: what was paid is credited, refunds are done, the books agree."""
        self.provider.silent = False
        self.provider.refund_outcome = RefundOutcome.DONE
        for number, top_up in enumerate(self.top_ups):
            if top_up.id in self.paid:
                self.tell(number)
            ask_provider_now(account_id=self.account_id, top_up_id=top_up.id, now=self.now + timedelta(days=9))
        for refund in self.refunds:
            ask_for_refund_now(account_id=self.account_id, refund_id=refund.id, now=self.now)
        self.every_fen_is_accounted_for()
        credited = TopUp.objects.filter(id__in=self.paid, state=TopUpState.SUCCEEDED)
        assert set(credited.values_list("id", flat=True)) == self.paid
        given = {number for number, (_payment, _fen, _answer) in self.provider.refunds.items()}
        finished = Refund.objects.filter(account_id=self.account_id, state=RefundState.SUCCEEDED)
        assert set(finished.values_list("refund_number", flat=True)) == given
        assert broken_invariants() == {}


def total(rows: Any, what: Any) -> int:
    return int(rows.aggregate(fen=Sum(what))["fen"] or 0)


@pytest.fixture
def _memory_provider(settings: Settings) -> Iterator[None]:
    settings.PAYMENT_PROVIDER = "memory"
    yield
    get_provider("memory").__init__()  # type: ignore[misc]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_memory_provider")
class TestMoneyAtRandom:
    def test_is_accounted_for_to_the_fen(self, *, long_run: bool) -> None:
        runs = settings(
            max_examples=300 if long_run else 8,
            stateful_step_count=60,
            derandomize=not long_run,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(MoneyAtRandom, settings=runs)
