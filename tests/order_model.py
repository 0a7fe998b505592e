"""What should come of orders, carts, plan changes and money, in plain Python, for a random walk to be held against."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.channel import Channel
from kernel.clock import SHANGHAI, month_of
from packages_app.models import Offering, OfferingKind, Order
from tests.factories.billing import NOW

GUESSES = 5
WAITS = {Channel.WEB: timedelta(hours=2), Channel.SMS: timedelta(hours=24)}


@dataclass
class Wish:
    """What the model knows of an order, or of the orders of a cart."""

    orders: list[Order]
    offerings: list[Offering]
    prices: list[int]
    expires_at: datetime
    start: str = "NOW"
    replaces: uuid.UUID | None = None
    # What the confirmation charges for a plan; for anything else the price.
    charge_fen: int = 0
    fee_fen: int = 0
    state: str = "WAITING"
    guesses: int = 0

    @property
    def order(self) -> Order:
        return self.orders[0]

    @property
    def codes(self) -> set[str]:
        return {offering.code for offering in self.offerings}


@dataclass
class Plan:
    """The plan that a line has. `first_fee_fen` is None when it began with a month or came with the contract."""

    code: str
    price_fen: int
    started_at: datetime
    first_fee_fen: int | None
    key: uuid.UUID


@dataclass
class Model:
    """What should come of it all, kept without a database: every answer is the code of a refusal, or OK."""

    cash_fen: int
    plan: Plan
    now: datetime = NOW
    coming: Plan | None = None
    prices: dict[str, int] = field(default_factory=dict)
    rivals: dict[str, str] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    had_until: dict[str, datetime | None] = field(default_factory=dict)

    def pass_time(self, span: timedelta) -> None:
        self.now += span
        if self.coming and self.coming.started_at <= self.now:
            self.plan, self.coming = self.coming, None

    def state(self, wish: Wish) -> str:
        return "EXPIRED" if wish.state == "WAITING" and self.now >= wish.expires_at else wish.state

    def waiting(self) -> list[Wish]:
        return [wish for wish in self.wishes if self.state(wish) == "WAITING"]

    def has(self, code: str) -> bool:
        until = self.had_until.get(code, NOW)
        return until is None or until > self.now

    def unfit(self, offering: Offering, together: set[str]) -> str | None:
        if offering.kind == OfferingKind.PLAN:
            return "ALREADY_SUBSCRIBED" if self.plan.code == offering.code else None
        if self.has(offering.code):
            return "ALREADY_SUBSCRIBED"
        rival = self.rivals.get(offering.code)
        return "EXCLUDED_BY_ANOTHER" if rival and (self.has(rival) or rival in together) else None

    def answer_to_wish(self, offerings: list[Offering]) -> str:
        codes = {offering.code for offering in offerings}
        if any(wish.codes & codes for wish in self.waiting()):
            return "ALREADY_WAITING"
        for offering in offerings:
            refusal = self.unfit(offering, codes - {offering.code})
            if refusal:
                return refusal
        total_fen = sum(self.prices[code] for code in codes)
        return "OK" if self.cash_fen >= total_fen or total_fen == 0 else "INSUFFICIENT_BALANCE"

    def may_start(self, offering: Offering, start: str) -> bool:
        return start == "NEXT_MONTH" or self.prices[offering.code] > self.plan.price_fen

    def fee_and_charge(self, offering: Offering, start: str) -> tuple[int, int]:
        """What the plan costs for the rest of the month, and what is charged for it at once."""
        if start == "NEXT_MONTH":
            return 0, 0
        month = month_of(self.now)
        left = month.days - self.now.astimezone(SHANGHAI).day + 1
        new, old = (
            (price_fen * left * 2 + month.days) // (month.days * 2)
            for price_fen in (self.prices[offering.code], self.plan.price_fen)
        )
        began_here = self.plan.first_fee_fen is not None and self.plan.started_at > month.starts_at
        paid = min(old, self.plan.first_fee_fen or 0) if began_here else old
        return new, new - paid

    def answer_to_change(self, offering: Offering, start: str) -> str:
        if any(offering.code in wish.codes for wish in self.waiting()):
            return "ALREADY_WAITING"
        if self.plan.code == offering.code:
            return "ALREADY_SUBSCRIBED"
        if self.coming:
            return "PLAN_CHANGE_PENDING"
        if not self.may_start(offering, start):
            return "START_NOT_POSSIBLE"
        _fee_fen, charge_fen = self.fee_and_charge(offering, start)
        return "OK" if self.cash_fen >= charge_fen or charge_fen == 0 else "INSUFFICIENT_BALANCE"

    def ended_answer(self, wish: Wish) -> str | None:
        answers = {
            "COMPLETED": "ALREADY_CONFIRMED",
            "EXPIRED": "ORDER_EXPIRED",
            "REFUSED": "ORDER_REFUSED",
            "FAILED": "ORDER_FAILED",
        }
        return answers.get(self.state(wish))

    def refusal_of(self, wish: Wish) -> str | None:
        for offering, price_fen in zip(wish.offerings, wish.prices, strict=True):
            refusal = self.unfit(offering, wish.codes - {offering.code})
            if refusal:
                return refusal
            if offering.kind == OfferingKind.PLAN and self.coming:
                return "PLAN_CHANGE_PENDING"
            if self.prices[offering.code] != price_fen:
                return "TERMS_CHANGED"
            if offering.kind == OfferingKind.PLAN and not self.is_change_as_quoted(wish, offering):
                return "TERMS_CHANGED"
        return "INSUFFICIENT_BALANCE" if self.cash_fen < wish.charge_fen > 0 else None

    def is_change_as_quoted(self, wish: Wish, offering: Offering) -> bool:
        if wish.replaces != self.plan.key or not self.may_start(offering, wish.start):
            return False
        return self.fee_and_charge(offering, wish.start) == (wish.fee_fen, wish.charge_fen)

    def yes(self, wish: Wish) -> str:
        """The yes is good: what comes of it."""
        refusal = self.refusal_of(wish)
        if refusal:
            wish.state = "FAILED"
            return refusal
        wish.state = "COMPLETED"
        self.cash_fen -= wish.charge_fen
        for offering in wish.offerings:
            if offering.kind == OfferingKind.PLAN:
                self.take_plan(wish, offering)
            elif offering.recurrence == "MONTHLY":
                self.had_until[offering.code] = None
        return "OK"

    def take_plan(self, wish: Wish, offering: Offering) -> None:
        starts_at = self.now if wish.start == "NOW" else month_of(self.now).ends_at
        first_fee_fen = wish.fee_fen if wish.start == "NOW" else None
        plan = Plan(offering.code, wish.prices[0], starts_at, first_fee_fen, wish.order.id)
        if wish.start == "NOW":
            self.plan = plan
        else:
            self.coming = plan

    def wrong_code(self, wish: Wish) -> str:
        wish.guesses += 1
        if wish.guesses < GUESSES:
            return "ORDER_CODE_WRONG"
        wish.state = "FAILED"
        return "TOO_MANY_GUESSES"
