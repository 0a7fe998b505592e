"""A random walk over asking, saying yes and no, cancelling and the clock, compared step by step with plain Python."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.audit import run_check
from kernel.channel import Channel
from kernel.clock import month_of
from kernel.errors import DomainError
from packages_app.models import Offering, Order, Subscription
from packages_app.operations.confirm_order import confirm_order, confirm_order_by_code
from packages_app.operations.orders import expire_orders, refuse_order
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.queries.audit import list_checks
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import ask_for, code_of, make_offering, make_service, say_yes, wrong_code_of

pytestmark = pytest.mark.django_db

# 10,000 for a long walk: HALL_RANDOM_STEPS=10000 bin/test …
STEPS = int(os.environ.get("HALL_RANDOM_STEPS", "500"))
GUESSES = 5
WAITS = {Channel.WEB: timedelta(hours=2), Channel.SMS: timedelta(hours=24)}


@dataclass
class Wish:
    """What the model knows of an order."""

    order: Order
    offering: Offering
    price_fen: int
    expires_at: datetime
    state: str = "WAITING"
    guesses: int = 0


@dataclass
class Model:
    """What should come of it all, kept without a database: every answer is the code of a refusal, or OK."""

    cash_fen: int
    now: datetime = NOW
    prices: dict[str, int] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    had_until: dict[str, datetime | None] = field(default_factory=dict)

    def state(self, wish: Wish) -> str:
        return "EXPIRED" if wish.state == "WAITING" and self.now >= wish.expires_at else wish.state

    def waiting(self) -> list[Wish]:
        return [wish for wish in self.wishes if self.state(wish) == "WAITING"]

    def has(self, offering: Offering) -> bool:
        until = self.had_until.get(offering.code, NOW)
        return until is None or until > self.now

    def answer_to_wish(self, offering: Offering) -> str:
        if any(wish.offering.code == offering.code for wish in self.waiting()):
            return "ALREADY_WAITING"
        if self.has(offering):
            return "ALREADY_SUBSCRIBED"
        return "OK" if self.cash_fen >= self.prices[offering.code] else "INSUFFICIENT_BALANCE"

    def ended_answer(self, wish: Wish) -> str | None:
        answers = {
            "COMPLETED": "ALREADY_CONFIRMED",
            "EXPIRED": "ORDER_EXPIRED",
            "REFUSED": "ORDER_REFUSED",
            "FAILED": "ORDER_FAILED",
        }
        return answers.get(self.state(wish))

    def yes(self, wish: Wish) -> str:
        """The yes is good: what comes of it."""
        refusal = None
        if self.has(wish.offering):
            refusal = "ALREADY_SUBSCRIBED"
        elif self.prices[wish.offering.code] != wish.price_fen:
            refusal = "TERMS_CHANGED"
        elif self.cash_fen < wish.price_fen:
            refusal = "INSUFFICIENT_BALANCE"
        if refusal:
            wish.state = "FAILED"
            return refusal
        wish.state = "COMPLETED"
        self.cash_fen -= wish.price_fen
        if wish.offering.recurrence == "MONTHLY":
            self.had_until[wish.offering.code] = None
        return "OK"

    def wrong_code(self, wish: Wish) -> str:
        wish.guesses += 1
        if wish.guesses < GUESSES:
            return "ORDER_CODE_WRONG"
        wish.state = "FAILED"
        return "TOO_MANY_GUESSES"


class Walk:
    """Does the same things in the hall and in the model."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.line = make_line(cash_fen=300_00)
        self.model = Model(cash_fen=300_00)
        self.offerings = [make_offering(price_fen=price) for price in (5_00, 1_00, 0)]
        self.offerings += [make_service(price_fen=price) for price in (9_90, 2_00)]
        self.model.prices = {offering.code: offering.price_fen for offering in self.offerings}
        self.answers: set[str] = set()

    def some_wish(self) -> Wish | None:
        recent = self.model.waiting() or self.model.wishes[-4:]
        if self.random.random() < 0.2:
            recent = self.model.wishes[-8:]
        return self.random.choice(recent) if recent else None

    def ask(self) -> tuple[str, str]:
        offering = self.random.choice(self.offerings)
        channel = self.random.choice(list(WAITS))
        expected = self.model.answer_to_wish(offering)
        try:
            order = ask_for(self.line, offering, channel=channel, now=self.model.now)
        except DomainError as refusal:
            return refusal.code, expected
        self.model.wishes.append(
            Wish(order, offering, self.model.prices[offering.code], self.model.now + WAITS[channel])
        )
        return "OK", expected

    def confirm_with_code(self) -> tuple[str, str]:
        wish = self.some_wish()
        if wish is None:
            return "OK", "OK"
        right = self.random.random() < 0.6
        expected = self.model.ended_answer(wish) or (self.model.yes(wish) if right else self.model.wrong_code(wish))
        code = code_of(wish.order) if right else wrong_code_of(wish.order)
        return self.outcome(lambda: say_yes(wish.order, code=code, now=self.model.now)), expected

    def confirm_by_reply(self) -> tuple[str, str]:
        wish = self.some_wish()
        if wish is None:
            return "OK", "OK"
        expected = self.model.ended_answer(wish) or self.model.yes(wish)
        code = code_of(wish.order)
        return self.outcome(
            lambda: confirm_order_by_code(
                account_id=self.line.account_id,
                line_id=self.line.id,
                channel=Channel.SMS,
                code=code,
                reply=f"是 {code}",
                now=self.model.now,
            )
        ), expected

    def confirm_barely(self) -> tuple[str, str]:
        wish = self.some_wish()
        if wish is None:
            return "OK", "OK"
        expected = self.model.ended_answer(wish)
        if expected is None:
            several = len(self.model.waiting()) > 1
            expected = "SEVERAL_ORDERS_WAITING" if several else self.model.yes(wish)
        return self.outcome(
            lambda: confirm_order(
                account_id=self.line.account_id,
                order_id=wish.order.id,
                channel=Channel.SMS,
                code=None,
                from_line=True,
                reply="是",
                now=self.model.now,
            )
        ), expected

    def refuse(self) -> tuple[str, str]:
        wish = self.some_wish()
        if wish is None:
            return "OK", "OK"
        expected = self.model.ended_answer(wish) or "OK"
        expected = "OK" if expected == "ORDER_REFUSED" else expected
        if expected == "OK":
            wish.state = "REFUSED"
        return self.outcome(
            lambda: refuse_order(
                account_id=self.line.account_id,
                order_id=wish.order.id,
                channel=Channel.WEB,
                reply="No",
                now=self.model.now,
            )
        ), expected

    def cancel(self) -> tuple[str, str]:
        kept = Subscription.objects.filter(account_id=self.line.account_id, ends_at=None).first()
        if kept is None:
            return "OK", "OK"
        self.model.had_until[kept.offering_id] = month_of(self.model.now).ends_at
        return self.outcome(
            lambda: cancel_subscription(
                account_id=self.line.account_id, subscription_id=kept.id, channel=Channel.WEB, now=self.model.now
            )
        ), "OK"

    def sweep(self) -> tuple[str, str]:
        lapsed = [wish for wish in self.model.wishes if wish.state == "WAITING" and self.model.state(wish) == "EXPIRED"]
        for wish in lapsed:
            wish.state = "EXPIRED"
        # An order asked for again ends its lapsed predecessor itself, so the sweep may find fewer.
        assert expire_orders(now=self.model.now, limit=100) <= len(lapsed)
        return "OK", "OK"

    def change_price(self) -> tuple[str, str]:
        offering = self.random.choice(self.offerings)
        price_fen = self.random.choice([1_00, 2_00, 5_00])
        Offering.objects.filter(code=offering.code).update(price_fen=price_fen)
        self.model.prices[offering.code] = price_fen
        return "OK", "OK"

    def let_time_pass(self) -> tuple[str, str]:
        self.model.now += timedelta(minutes=self.random.choice([1, 30, 119, 24 * 60, 8 * 24 * 60]))
        return "OK", "OK"

    def outcome(self, act: Callable[[], object]) -> str:
        try:
            act()
        except DomainError as refusal:
            return refusal.code
        return "OK"

    def step(self) -> None:
        actions = [self.ask] * 5 + [self.confirm_with_code] * 4 + [self.confirm_by_reply, self.confirm_barely] * 2
        actions += [self.refuse, self.cancel, self.sweep, self.change_price, self.let_time_pass]
        action = self.random.choice(actions)
        got, expected = action()
        assert got == expected, f"{action.__name__}: {got} instead of {expected}"
        self.answers.add(got)
        assert wallet_of(self.line.account_id)[0] == self.model.cash_fen

    def compare_orders(self) -> None:
        states = {order.id: order.state_at(self.model.now) for order in Order.objects.filter(line_id=self.line.id)}
        names = {"WAITING": "AWAITING_CONFIRMATION"}
        assert states == {
            wish.order.id: names.get(self.model.state(wish), self.model.state(wish)) for wish in self.model.wishes
        }
        bought = {wish.order.id for wish in self.model.wishes if wish.state == "COMPLETED"}
        assert set(Subscription.objects.filter(line_id=self.line.id).values_list("id", flat=True)) == bought


def test_orders_do_what_a_plain_model_says(settings: Any) -> None:
    settings.ORDERS_PER_LINE_DAY = STEPS
    answers: set[str] = set()
    for seed in (1, 2):
        walk = Walk(seed)
        for _ in range(STEPS):
            walk.step()
        walk.compare_orders()
        answers |= walk.answers
    assert [check.name for check in list_checks() if run_check(check).violations] == []
    assert answers >= {
        "OK",
        "ALREADY_WAITING",
        "ALREADY_SUBSCRIBED",
        "ALREADY_CONFIRMED",
        "ORDER_CODE_WRONG",
        "ORDER_EXPIRED",
        "ORDER_REFUSED",
        "SEVERAL_ORDERS_WAITING",
        "TERMS_CHANGED",
    }
