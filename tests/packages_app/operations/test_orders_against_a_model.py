"""A random walk over orders, carts, plan changes, money and the clock, compared step by step with plain Python."""

import os
import random
import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from billing.models import Counterpart, MoneyBucket
from billing.operations.ledger import post_entries
from kernel.audit import run_check
from kernel.channel import Channel
from kernel.clock import SHANGHAI, month_of
from kernel.errors import DomainError
from packages_app.models import Offering, OfferingKind, Order, Subscription
from packages_app.operations.confirm_order import confirm_order, confirm_order_by_code
from packages_app.operations.orders import expire_orders, refuse_order
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.queries.audit import list_checks
from packages_app.queries.subscriptions import get_current_plan
from tests.factories.billing import make_line, wallet_of
from tests.factories.packages_app import (
    ask_for_cart,
    ask_for_change,
    code_of,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    tie,
    wrong_code_of,
)
from tests.order_model import WAITS, Model, Plan, Wish

pytestmark = pytest.mark.django_db

# 10,000 for a long walk: HALL_RANDOM_STEPS=10000 bin/test …
STEPS = int(os.environ.get("HALL_RANDOM_STEPS", "500"))


class Walk:
    """Does the same things in the hall and in the model."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.line = make_line(cash_fen=20_00)
        contract = give_plan(self.line)
        self.model = Model(
            cash_fen=20_00,
            plan=Plan(contract.offering_id, 59_00, contract.started_at, None, contract.id),
        )
        self.offerings = [make_offering(price_fen=price) for price in (5_00, 1_00, 0)]
        services = [make_service(price_fen=price) for price in (9_90, 2_00)]
        tie(services[0], "EXCLUDES", services[1])
        self.model.rivals = {services[0].code: services[1].code, services[1].code: services[0].code}
        self.offerings += services
        self.plans = [make_plan(price_fen=price) for price in (29_00, 59_00, 60_00, 61_00)]
        self.model.prices = {offering.code: offering.price_fen for offering in (*self.offerings, *self.plans)}
        self.answers: set[str] = set()

    def some_wish(self) -> Wish | None:
        recent = self.model.waiting() or self.model.wishes[-4:]
        if self.random.random() < 0.2:
            recent = self.model.wishes[-8:]
        return self.random.choice(recent) if recent else None

    def ask(self) -> tuple[str, str]:
        """Ask for one thing, or for some at once."""
        chosen = self.random.sample(self.offerings, self.random.choice([1, 1, 1, 2, 3]))
        channel = self.random.choice(list(WAITS))
        expected = self.model.answer_to_wish(chosen)
        try:
            orders = ask_for_cart(self.line, *chosen, channel=channel, now=self.model.now)
        except DomainError as refusal:
            return refusal.code, expected
        prices = [self.model.prices[offering.code] for offering in chosen]
        self.model.wishes.append(Wish(orders, chosen, prices, self.model.now + WAITS[channel], charge_fen=sum(prices)))
        return "OK", expected

    def ask_for_another_plan(self) -> tuple[str, str]:
        plan, start = self.random.choice(self.plans), self.random.choice(["NOW", "NEXT_MONTH"])
        expected = self.model.answer_to_change(plan, start)
        try:
            order = ask_for_change(self.line, plan, start=start, now=self.model.now)
        except DomainError as refusal:
            return refusal.code, expected
        fee_fen, charge_fen = self.model.fee_and_charge(plan, start)
        today = self.model.now.astimezone(SHANGHAI).date()
        holds_until = (
            datetime.combine(today + timedelta(days=1), time(), SHANGHAI)
            if start == "NOW"
            else month_of(self.model.now).ends_at
        )
        self.model.wishes.append(
            Wish(
                [order],
                [plan],
                [self.model.prices[plan.code]],
                min(self.model.now + WAITS[Channel.WEB], holds_until),
                start=start,
                replaces=self.model.plan.key,
                charge_fen=charge_fen,
                fee_fen=fee_fen,
            )
        )
        return "OK", expected

    def confirm_with_code(self) -> tuple[str, str]:
        wish = self.some_wish()
        if wish is None:
            return "OK", "OK"
        right = self.random.random() < 0.6
        expected = self.model.ended_answer(wish) or (self.model.yes(wish) if right else self.model.wrong_code(wish))
        order = self.random.choice(wish.orders)
        code = code_of(order) if right else wrong_code_of(order)
        return self.outcome(lambda: say_yes(order, code=code, now=self.model.now)), expected

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
        kept = (
            Subscription.objects.filter(account_id=self.line.account_id, ends_at=None)
            .exclude(offering__kind=OfferingKind.PLAN)
            .first()
        )
        if kept is None:
            return "OK", "OK"
        self.model.had_until[kept.offering_id] = month_of(self.model.now).ends_at
        return self.outcome(lambda: self.leave(kept)), "OK"

    def leave_a_plan(self) -> tuple[str, str]:
        """Withdraw the one that is to come; the one in force cannot be left."""
        key = self.model.coming.key if self.model.coming else self.model.plan.key
        plan = Subscription.objects.get(account_id=self.line.account_id, id=key)
        expected = "OK" if self.model.coming else "PLAN_NOT_CANCELLABLE"
        self.model.coming = None
        return self.outcome(lambda: self.leave(plan)), expected

    def leave(self, subscription: Subscription) -> Subscription:
        return cancel_subscription(
            account_id=self.line.account_id, subscription_id=subscription.id, channel=Channel.WEB, now=self.model.now
        )

    def top_up(self) -> tuple[str, str]:
        """Keep the walk going; what it cannot pay for is refused often enough."""
        if self.model.cash_fen < 5_00:
            post_entries(
                account_id=self.line.account_id,
                posting_key=f"top-up:{uuid.uuid4()}",
                amount_fen=40_00,
                counterpart=Counterpart.OPENING,
                reason_kind="OPENING",
                reason_id=self.line.account_id,
                bucket=MoneyBucket.CASH,
                now=self.model.now,
            )
            self.model.cash_fen += 40_00
        return "OK", "OK"

    def sweep(self) -> tuple[str, str]:
        lapsed = [wish for wish in self.model.wishes if wish.state == "WAITING" and self.model.state(wish) == "EXPIRED"]
        for wish in lapsed:
            wish.state = "EXPIRED"
        # An order asked for again ends its lapsed predecessor itself, so the sweep may find fewer.
        assert expire_orders(now=self.model.now, limit=100) <= sum(len(wish.orders) for wish in lapsed)
        return "OK", "OK"

    def change_price(self) -> tuple[str, str]:
        offering = self.random.choice(self.offerings + self.plans)
        is_plan = offering.kind == OfferingKind.PLAN
        price_fen = self.random.choice([29_00, 60_00, 61_00] if is_plan else [1_00, 2_00, 5_00])
        Offering.objects.filter(code=offering.code).update(price_fen=price_fen)
        self.model.prices[offering.code] = price_fen
        return "OK", "OK"

    def let_time_pass(self) -> tuple[str, str]:
        self.model.pass_time(timedelta(minutes=self.random.choice([1, 30, 119, 24 * 60, 8 * 24 * 60])))
        return "OK", "OK"

    def outcome(self, act: Callable[[], object]) -> str:
        try:
            act()
        except DomainError as refusal:
            return refusal.code
        return "OK"

    def step(self) -> None:
        actions = [self.ask] * 5 + [self.confirm_with_code] * 4 + [self.confirm_by_reply, self.confirm_barely] * 2
        actions += [self.refuse, self.cancel, self.sweep, self.change_price, self.let_time_pass, self.top_up]
        actions += [self.ask_for_another_plan] * 3 + [self.leave_a_plan]
        action = self.random.choice(actions)
        got, expected = action()
        assert got == expected, f"{action.__name__}: {got} instead of {expected}"
        self.answers.add(got)
        assert wallet_of(self.line.account_id)[0] == self.model.cash_fen
        plan = get_current_plan(self.line.account_id, self.line.id, self.model.now)
        assert plan is not None
        assert plan.id == self.model.plan.key

    def compare_orders(self) -> None:
        states = {order.id: order.state_at(self.model.now) for order in Order.objects.filter(line_id=self.line.id)}
        names = {"WAITING": "AWAITING_CONFIRMATION"}
        assert states == {
            order.id: names.get(self.model.state(wish), self.model.state(wish))
            for wish in self.model.wishes
            for order in wish.orders
        }
        bought = {order.id for wish in self.model.wishes if wish.state == "COMPLETED" for order in wish.orders}
        had = set(Subscription.objects.filter(line_id=self.line.id).values_list("id", flat=True))
        contracts = {row for row in had if row not in states}
        assert (had - contracts, len(contracts)) == (bought, 1)


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
        "EXCLUDED_BY_ANOTHER",
        "PLAN_CHANGE_PENDING",
        "PLAN_NOT_CANCELLABLE",
        "INSUFFICIENT_BALANCE",
        "START_NOT_POSSIBLE",
    }
