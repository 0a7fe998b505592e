from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import (
    DocumentDirectory,
    IdentityDocument,
    Line,
    LineState,
    NumberDirectory,
    ServicePassword,
    SimCard,
)
from accounts.operations.release_lines import release_lines
from accounts.queries.audit import list_checks
from billing.models import AutomaticTopUp
from kernel.audit import run_check
from kernel.clock import month_of, now
from packages_app.models import Bucket, Order, Subscription
from packages_app.operations.closed_lines import end_services_of_closed_line, sweep_closed_lines
from packages_app.operations.open_line import open_line
from packages_app.operations.turn_month import turn_month
from tests.books import broken_checks
from tests.factories.accounts import fresh_document, fresh_msisdn, fresh_sim, give_service_password
from tests.factories.bank_cards import make_bank_card, want_automatic
from tests.factories.billing import NOW, give_cash, make_line
from tests.factories.dunning import second_line_of
from tests.factories.packages_app import (
    ask_for,
    ask_for_cart,
    ask_for_change,
    buy,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
    steps_of,
)

pytestmark = pytest.mark.django_db

CLOSED_AT = NOW + timedelta(hours=1)


def close(line: Line) -> None:
    """Close a line, and lose the notice."""
    Line.objects.filter(account_id=line.account_id, id=line.id).update(state=LineState.CLOSED)
    NumberDirectory.objects.filter(msisdn=line.msisdn).delete()


def end(line: Line) -> int:
    return end_services_of_closed_line(account_id=line.account_id, line_id=line.id, now=CLOSED_AT)


def rich_line() -> Line:
    """Return a line with a plan, what was paid once, what recurs, another plan from next month on, and an order."""
    line = make_line(cash_fen=500_00)
    give_plan(line, make_plan(price_fen=59_00))
    buy(line, make_offering())
    buy(line, make_service())
    say_yes(ask_for_change(line, make_plan(price_fen=39_00), start="NEXT_MONTH"))
    ask_for(line, make_offering())
    return line


def left(line: Line) -> tuple[list[Any], list[Any], list[Any]]:
    """Return what still goes on after the line was closed: subscriptions, allowances, orders."""
    of_it = {"account_id": line.account_id, "line_id": line.id}
    return (
        [one.id for one in Subscription.objects.filter(**of_it) if one.ends_at is None or (one.ends_at > CLOSED_AT
         and one.state != "WITHDRAWN")],
        list(Bucket.objects.filter(**of_it, ends_at__gt=CLOSED_AT)),
        list(Order.objects.filter(**of_it, state="AWAITING_CONFIRMATION")),
    )  # fmt: skip


class TestEndServicesOfClosedLine:
    def test_ends_all_that_it_has_and_ordered_and_moves_no_money(self) -> None:
        line, neighbour = rich_line(), rich_line()
        wallet, others = standing(line.account_id)["wallet"], standing(neighbour.account_id)
        close(line)
        assert end(line) == 5
        assert left(line) == ([], [], [])
        states = Subscription.objects.filter(account_id=line.account_id).order_by("started_at", "id")
        assert sorted(states.values_list("state", flat=True)) == ["ENDED", "ENDED", "ENDED", "WITHDRAWN"]
        order = Order.objects.get(account_id=line.account_id, state="FAILED")
        assert (order.failure, steps_of(order)[-1]) == ("LINE_CLOSED", "FAILED")
        assert standing(line.account_id)["wallet"] == wallet
        assert standing(neighbour.account_id) == others
        assert broken_checks() == []

    def test_ends_a_cart_as_one_and_lets_a_lapsed_order_lapse(self) -> None:
        line = make_line(cash_fen=100_00)
        lapsed = ask_for(line, make_offering(), now=NOW - timedelta(days=2))
        ask_for_cart(line, make_offering(), make_service())
        close(line)
        assert end(line) == 3
        states = Order.objects.filter(account_id=line.account_id).order_by("quoted_at", "id")
        assert list(states.values_list("state", flat=True)) == ["EXPIRED", "FAILED", "FAILED"]
        assert states.get(state="EXPIRED").id == lapsed.id
        assert broken_checks() == []

    def test_changes_nothing_when_done_again_or_while_the_line_is_in_use(self) -> None:
        line = rich_line()
        before = standing(line.account_id)
        assert end(line) == 0
        assert standing(line.account_id) == before
        close(line)
        end(line)
        before = standing(line.account_id)
        assert end(line) == 0
        assert standing(line.account_id) == before

    def test_withdraws_what_began_in_the_same_instant(self) -> None:
        line = make_line()
        give_plan(line, started_at=CLOSED_AT)
        close(line)
        assert end(line) == 1
        assert Subscription.objects.get(account_id=line.account_id).state == "WITHDRAWN"

    def test_leaves_the_other_lines_of_the_account_what_they_have_and_takes_what_was_shared(self) -> None:
        line = make_line()
        second = second_line_of(line)
        for one in (line, second):
            give_plan(one)
        close(line)
        end(line)
        going_on = Subscription.objects.filter(account_id=line.account_id, ends_at=None)
        assert list(going_on.values_list("line_id", flat=True)) == [second.id]

    def test_leaves_next_month_nothing_to_renew_or_charge(self) -> None:
        line = rich_line()
        close(line)
        end(line)
        before = standing(line.account_id)
        month = month_of(NOW).next
        turn_month(month=month, now=month.starts_at + timedelta(hours=1))
        assert standing(line.account_id) == before


class TestSweepClosedLines:
    def test_finds_what_no_notice_told_of_and_leaves_some_for_the_next_sweep(self) -> None:
        lines = [rich_line() for _line in range(3)]
        for line in lines[:2]:
            close(line)
        before = standing(lines[2].account_id)
        assert [sweep_closed_lines(now=CLOSED_AT, limit=1) for _sweep in range(3)] == [5, 5, 0]
        assert [left(line) for line in lines[:2]] == [([], [], [])] * 2
        assert standing(lines[2].account_id) == before

    def test_finds_a_line_that_only_ordered(self) -> None:
        line = make_line(cash_fen=10_00)
        order = ask_for(line, make_offering())
        close(line)
        assert sweep_closed_lines(now=CLOSED_AT, limit=9) == 1
        order.refresh_from_db()
        assert order.state == "FAILED"


class TestRelease:
    """From `release_lines` to what hears of it."""

    def released(self, line: Line, capture: DjangoCaptureOnCommitCallbacks) -> None:
        with capture(execute=True):
            release_lines(account_ids=[line.account_id], now=now())

    def opened(self) -> Line:
        line = open_line(
            customer_name="陈晓雨", document=fresh_document(), msisdn=fresh_msisdn(), province="CN-GD",
            language="zh-hans", offering_code=make_plan(price_fen=0).code, sim=fresh_sim(),
            now=now() - timedelta(days=9),
        )  # fmt: skip
        give_service_password(line)
        give_cash(line, 20_00)
        return line

    def test_ends_services_and_automatic_top_up_at_once(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = self.opened()
        want_automatic(line, make_bank_card(line))
        self.released(line, django_capture_on_commit_callbacks)
        assert Subscription.objects.get(account_id=line.account_id).state == "ENDED"
        assert AutomaticTopUp.objects.get(account_id=line.account_id).state == "OFF"

    def test_leaves_neither_password_nor_card_nor_a_place_under_the_document(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = self.opened()
        self.released(line, django_capture_on_commit_callbacks)
        assert ServicePassword.objects.filter(account_id=line.account_id).count() == 0
        assert SimCard.objects.filter(account_id=line.account_id, to_at=None).count() == 0
        kept = IdentityDocument.objects.get(account_id=line.account_id)
        assert DocumentDirectory.objects.get(number_hash=kept.number_hash).lines == 0
        assert [check.name for check in list_checks() if run_check(check).violations] == []
