from datetime import timedelta

import pytest
from django.db import connection

from kernel.audit import run_check
from kernel.channel import Channel
from kernel.errors import DomainError
from packages_app.models import Subscription
from packages_app.operations.orders import expire_orders, refuse_order
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.queries.audit import list_checks
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import (
    GB,
    ask_for,
    ask_for_cart,
    ask_for_change,
    buy,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db


def violations() -> dict[str, int]:
    """Return the checks that find something, with how much."""
    found = {check.name: run_check(check).violations for check in list_checks()}
    return {name: many for name, many in found.items() if many}


def run(statement: str) -> None:
    """Do what no operation does. Deferred keys are looked at first, so that tables may be changed."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


class TestListChecks:
    def test_finds_nothing_after_all_that_can_happen_to_orders(self) -> None:
        line = make_line(cash_fen=200_00)
        give_plan(line)
        say_yes(ask_for_change(line, make_plan({"DATA": GB}, price_fen=69_00), start="NOW"))
        say_yes(ask_for_cart(line, make_offering(), make_service())[0])
        buy(line, make_offering())
        buy(line, make_offering(price_fen=0))
        service = buy(line, make_service({"SMS": 50}))
        cancel_subscription(
            account_id=line.account_id, subscription_id=service.id, channel=Channel.WEB, now=NOW + timedelta(hours=1)
        )
        refused = ask_for(line, make_offering())
        refuse_order(account_id=line.account_id, order_id=refused.id, channel=Channel.WEB, reply="No", now=NOW)
        guessed = ask_for(line, make_offering())
        with pytest.raises(DomainError):
            say_yes(guessed, code=wrong_code_of(guessed))
        ask_for(line, make_offering())
        expire_orders(now=NOW + timedelta(hours=2), limit=1)
        assert violations() == {}
        assert all(run_check(check).rows > 0 for check in list_checks())

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (
                "DELETE FROM packages_order_evidence WHERE kind = 'CONFIRMED'",
                {"order_completed_has_one_yes_in_time": 1},
            ),
            (
                "UPDATE packages_order_evidence SET at = at + interval '1 minute' WHERE kind = 'CONFIRMED'",
                {"order_completed_has_one_yes_in_time": 1},
            ),
            (
                "UPDATE packages_order SET state = 'REFUSED', confirmed_at = NULL",
                {
                    "order_completed_has_one_yes_in_time": 1,
                    "order_charge_leads_to_completed_order": 1,
                    "subscription_comes_from_completed_order": 1,
                },
            ),
            (
                "UPDATE packages_order_evidence SET kind = 'WRONG_CODE' WHERE kind = 'REPLY'",
                {"order_completed_has_its_proof": 1},
            ),
            (
                "UPDATE packages_order_evidence SET detail = '{\"terms\": {}}' WHERE kind = 'OFFERED'",
                {"order_completed_has_its_proof": 1},
            ),
            (
                "UPDATE packages_order_evidence SET number = 9 WHERE kind = 'CONFIRMED'",
                {"evidence_without_gaps": 1},
            ),
            (
                "UPDATE messaging_sms SET body = body || '!' WHERE kind = 'ORDER_CONFIRMATION'",
                {"order_text_is_what_was_sent": 1},
            ),
            (
                "UPDATE packages_order SET price_fen = 4_00",
                {"order_completed_is_one_charge": 1, "order_charge_leads_to_completed_order": 1},
            ),
            ("UPDATE billing_charge SET reason = 'USAGE'", {"order_completed_is_one_charge": 1}),
            (
                "DELETE FROM packages_bucket; DELETE FROM packages_subscription",
                {"order_completed_brought_something": 1},
            ),
            (
                "UPDATE packages_subscription SET terms = terms || '{\"price_fen\": 0}'",
                {"subscription_comes_from_completed_order": 1},
            ),
            ("UPDATE packages_bucket SET total = total + 1", {"subscription_has_its_allowances_once": 1}),
        ],
    )
    def test_finds_what_no_operation_does(self, statement: str, found: dict[str, int]) -> None:
        buy(make_line(cash_fen=20_00), make_offering())
        run(statement)
        assert violations() == found

    def test_asks_no_texts_and_charges_of_what_was_brought_in(self) -> None:
        buy(make_line(cash_fen=20_00), make_offering())
        run("DELETE FROM packages_order_evidence WHERE kind = 'TEXT_QUEUED'")
        run("UPDATE packages_order_evidence SET number = number - 1 WHERE number > 1")
        run("DELETE FROM billing_charge")
        assert set(violations()) == {"order_text_is_what_was_sent", "order_completed_is_one_charge"}
        run("UPDATE packages_order SET request_key = 'import:' || id")
        assert violations() == {}


class TestPlansWithoutAnOrder:
    def test_are_allowed_as_the_first_of_a_line_only(self) -> None:
        line = make_line()
        first = give_plan(line)
        assert violations() == {}
        Subscription.objects.filter(id=first.id).update(ends_at=NOW)
        give_plan(line, started_at=NOW)
        assert violations() == {"subscription_comes_from_completed_order": 1}

    def test_may_not_lie_beside_another(self) -> None:
        line = make_line(cash_fen=100_00)
        give_plan(line)
        say_yes(ask_for_change(line, make_plan(price_fen=29_00)))
        assert violations() == {}
        run("UPDATE packages_subscription SET ends_at = NULL")
        assert violations() == {"line_has_one_plan_at_a_time": 1, "plan_replaces_without_a_gap": 1}


class TestCarts:
    @pytest.mark.parametrize("change", ["cart_id = NULL", "expires_at = expires_at + interval '1 minute'"])
    def test_end_as_one(self, change: str) -> None:
        ask_for_cart(make_line(cash_fen=100_00), make_offering(), make_service())
        assert violations() == {}
        run(f"UPDATE packages_order SET {change} WHERE id = cart_id")  # noqa: S608
        assert violations() == {"cart_has_one_outcome": 1}

    def test_are_not_carried_out_in_part(self) -> None:
        say_yes(ask_for_cart(make_line(cash_fen=100_00), make_offering(), make_service())[0])
        run(
            "UPDATE packages_order SET state = 'FAILED', confirmed_at = NULL, confirmed_channel = '' WHERE id = cart_id"
        )
        assert "cart_has_one_outcome" in violations()


class TestFirstMonths:
    def test_hold_their_share_of_the_allowance(self) -> None:
        buy(make_line(cash_fen=100_00), make_service({"SMS": 100}, first_month="BY_DAYS"))
        assert violations() == {}
        run("UPDATE packages_bucket SET total = 100")
        assert violations() == {"subscription_has_its_allowances_once": 1}

    def test_by_halves_too(self) -> None:
        buy(make_line(cash_fen=100_00), make_service({"SMS": 101}, first_month="HALF"))
        assert violations() == {}
