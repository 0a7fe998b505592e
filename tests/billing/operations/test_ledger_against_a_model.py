"""A wallet beside a plain model of one: whatever happens in whatever order, both say the same, and the books hold."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from billing.models import Counterpart, Hold, MoneyBucket
from billing.operations.holds import HoldEnded, expire_holds, release, reserve
from billing.operations.ledger import InsufficientBalance, expire_bonuses, post_entries
from billing.operations.wallets import OverdraftInUse, set_overdraft
from billing.queries.holds import get_hold
from tests.books import broken_invariants
from tests.factories.billing import NOW, capture_hold, gifts_of, held_of, make_line, wallet_of

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = 500
LONG = datetime.max.replace(tzinfo=NOW.tzinfo)


class Refused(Exception):
    """The model refuses."""


@dataclass
class Gift:
    order: int
    left: int
    ends: datetime


@dataclass
class Model:
    """What a wallet does, in as few words as possible."""

    cash: int = 0
    overdraft: int = 0
    gifts: list[Gift] = field(default_factory=list)
    holds: dict[uuid.UUID, tuple[int, datetime]] = field(default_factory=dict)

    @property
    def bonus(self) -> int:
        return sum(gift.left for gift in self.gifts)

    @property
    def held(self) -> int:
        return sum(amount for amount, _ends in self.holds.values())

    @property
    def free(self) -> int:
        return self.cash + self.bonus - self.held + self.overdraft

    def in_order(self) -> list[Gift]:
        return sorted((gift for gift in self.gifts if gift.left), key=lambda gift: (gift.ends, gift.order))

    def expire(self, now: datetime) -> int:
        """Take out what is over, but no gift that a hold leans on."""
        leaned_on, gone = 0, 0
        for gift in [gift for gift in self.in_order() if gift.ends <= now]:
            before, leaned_on = leaned_on, leaned_on + gift.left
            if before >= self.held:
                gift.left, gone = 0, gone + 1
        return gone

    def debit(self, amount: int, now: datetime) -> None:
        kept = [gift.left for gift in self.gifts]
        self.expire(now)
        if amount > self.free:
            for gift, left in zip(self.gifts, kept, strict=True):
                gift.left = left
            raise Refused
        self.take(amount)

    def take(self, amount: int) -> None:
        for gift in self.in_order():
            part = min(gift.left, amount)
            gift.left -= part
            amount -= part
        self.cash -= amount

    def hold(self, hold_id: uuid.UUID, amount: int, ends: datetime, now: datetime) -> None:
        kept = [gift.left for gift in self.gifts]
        self.expire(now)
        if amount > self.free:
            for gift, left in zip(self.gifts, kept, strict=True):
                gift.left = left
            raise Refused
        self.holds[hold_id] = (amount, ends)


@dataclass
class Trial:
    """Does the same to a wallet and to the model."""

    dice: random.Random
    now: datetime = NOW
    model: Model = field(default_factory=Model)
    step: int = 0
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.account_id = make_line().account_id

    def run(self) -> None:
        acts = [self.credit, self.give, self.debit, self.hold, self.capture, self.release, self.overdraft]
        acts += [self.give, self.debit, self.debit, self.release, self.sweep_bonuses, self.sweep_holds]
        for self.step in range(STEPS):
            self.now += timedelta(minutes=self.dice.randint(0, 180))
            act = self.dice.choice(acts)
            act()
            self.compare(act.__name__)

    def compare(self, act: str) -> None:
        cash, bonus, _version = wallet_of(self.account_id)
        gifts = list(gifts_of(self.account_id).values())
        assert (cash, bonus, held_of(self.account_id), gifts) == (
            self.model.cash, self.model.bonus, self.model.held, [gift.left for gift in self.model.gifts],
        ), f"after step {self.step}, {act}"  # fmt: skip

    def post(self, amount: int, counterpart: Counterpart, **changes: object) -> None:
        post_entries(
            account_id=self.account_id, posting_key=f"step:{self.step}", amount_fen=amount, counterpart=counterpart,
            reason_kind="TEST", reason_id=self.account_id, now=self.now, **changes,  # type: ignore[arg-type]
        )  # fmt: skip

    def credit(self) -> None:
        amount = self.dice.randint(1, 2_000)
        self.model.expire(self.now)
        self.model.cash += amount
        self.post(amount, Counterpart.PAYMENTS)

    def give(self) -> None:
        amount = self.dice.randint(1, 500)
        ends = self.now + timedelta(hours=self.dice.randint(1, 12)) if self.dice.random() < 0.8 else None
        self.model.expire(self.now)
        self.model.gifts.append(Gift(self.step, amount, ends or LONG))
        self.post(amount, Counterpart.GIFTS, bucket=MoneyBucket.BONUS, bonus_expires_at=ends)

    def debit(self) -> None:
        amount = self.dice.randint(1, 1_500)
        try:
            self.model.debit(amount, self.now)
        except Refused:
            self.seen.add("debit refused")
            with pytest.raises(InsufficientBalance):
                self.post(-amount, Counterpart.REVENUE)
        else:
            self.seen.add("debited")
            self.post(-amount, Counterpart.REVENUE)

    def hold(self) -> None:
        amount, ends = self.dice.randint(1, 1_000), self.now + timedelta(hours=self.dice.randint(1, 8))
        try:
            self.model.hold(uuid.uuid4(), amount, ends, self.now)
        except Refused:
            self.seen.add("hold refused")
            with pytest.raises(InsufficientBalance):
                self.reserve(amount, ends)
        else:
            self.seen.add("held")
            made = self.reserve(amount, ends)
            unnamed, _kept = self.model.holds.popitem()
            self.model.holds[made.id] = (amount, ends)
            assert unnamed != made.id

    def reserve(self, amount: int, ends: datetime) -> Hold:
        return reserve(
            account_id=self.account_id, amount_fen=amount, purpose="trial", hold_key=f"step:{self.step}",
            expires_at=ends, now=self.now,
        )  # fmt: skip

    def capture(self) -> None:
        if not self.model.holds:
            return
        hold_id = self.dice.choice(list(self.model.holds))
        held, ends = self.model.holds[hold_id]
        amount = self.dice.randint(1, held)
        if ends <= self.now:
            self.seen.add("capture refused")
            with pytest.raises(HoldEnded):
                capture_hold(get_hold(self.account_id, hold_id), amount, now=self.now)
            return
        self.seen.add("captured")
        self.model.expire(self.now)
        del self.model.holds[hold_id]
        self.model.take(amount)
        capture_hold(get_hold(self.account_id, hold_id), amount, now=self.now)

    def release(self) -> None:
        if not self.model.holds:
            return
        self.seen.add("released")
        hold_id = self.dice.choice(list(self.model.holds))
        self.model.expire(self.now)
        del self.model.holds[hold_id]
        release(account_id=self.account_id, hold_id=hold_id, now=self.now)

    def overdraft(self) -> None:
        amount = self.dice.choice([0, 300, 1_000])
        change = {"account_id": self.account_id, "overdraft_fen": amount, "reason": "trial", "now": self.now}
        if self.model.cash < -amount or self.model.free - self.model.overdraft + amount < 0:
            self.seen.add("overdraft refused")
            with pytest.raises(OverdraftInUse):
                set_overdraft(**change)  # type: ignore[arg-type]
        else:
            self.model.overdraft = amount
            set_overdraft(**change)  # type: ignore[arg-type]

    def sweep_bonuses(self) -> None:
        # The sweeper leaves wallets that hold something to their next posting.
        gone = 0 if self.model.held else self.model.expire(self.now)
        self.seen.add("bonus expired" if gone else "no bonus expired")
        assert expire_bonuses(now=self.now) == gone

    def sweep_holds(self) -> None:
        over = sorted((ends, hold_id) for hold_id, (_amount, ends) in self.model.holds.items() if ends <= self.now)
        for _ends, hold_id in over:
            self.seen.add("hold expired")
            self.model.expire(self.now)
            del self.model.holds[hold_id]
        assert expire_holds(now=self.now) == len(over)


class TestAWalletBesideItsModel:
    @pytest.mark.parametrize("seed", [1, 20261122])
    def test_is_the_same_after_every_step(self, seed: int) -> None:
        trial = Trial(random.Random(seed))
        trial.run()
        assert trial.seen == {
            "debited", "debit refused", "held", "hold refused", "captured", "capture refused", "released",
            "overdraft refused", "bonus expired", "no bonus expired", "hold expired",
        }  # fmt: skip
        assert broken_invariants() == {}
