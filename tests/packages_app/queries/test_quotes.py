from datetime import timedelta
from typing import Any

import pytest

from billing.models import ChargeReason
from packages_app.models import Offering, Subscription
from packages_app.queries.quotes import Quote, get_quote, is_same_quote
from packages_app.queries.terms import get_terms
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.packages_app import BEFORE, GB, give_plan, make_offering, make_plan, make_service

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
DECEMBER = "2026-12-01T00:00:00+08:00"


def quote(offering: Offering, *, start: str = "NOW", replaces: Subscription | None = None, **at: Any) -> Quote:
    return get_quote(terms=get_terms(offering), start=start, replaces=replaces, now=at.get("now", NOW))


class TestGetQuote:
    def test_of_a_whole_month_is_the_price(self) -> None:
        found = quote(make_service({"SMS": 50}))
        assert (found["price_now_fen"], found["next_bill_fen"], found["monthly_fen"]) == (9_90, 9_90, 9_90)
        assert (found["starts_at"], found["next_bill_at"], found["ends_at"]) == (None, DECEMBER, None)
        assert (found["share"], found["replaces"], found["holds_until"]) == ([1, 1], None, None)

    def test_of_a_month_by_days_charges_and_gives_the_days_that_are_left(self) -> None:
        found = quote(make_plan({"DATA": 30 * GB}, price_fen=29_00, first_month="BY_DAYS"))
        assert (found["share"], found["fee_fen"], found["price_now_fen"]) == ([9, 30], 8_70, 8_70)
        assert [given["amount"] for given in found["allowances_now"]] == [9 * GB]
        assert (found["next_bill_fen"], found["monthly_fen"]) == (29_00, 29_00)

    def test_by_days_holds_to_the_end_of_its_day(self) -> None:
        assert quote(make_plan(first_month="BY_DAYS"))["holds_until"] == "2026-11-23T00:00:00+08:00"

    @pytest.mark.parametrize(
        ("now", "price_fen", "holds_until"),
        [(NOW, 5_00, DECEMBER), (NOW - 10 * DAY, 9_99, "2026-11-16T00:00:00+08:00")],
    )
    def test_by_halves_rounds_half_up(self, now: Any, price_fen: int, holds_until: str) -> None:
        found = quote(make_service(price_fen=9_99, first_month="HALF"), now=now)
        assert (found["price_now_fen"], found["holds_until"]) == (price_fen, holds_until)

    def test_adds_the_fee_at_the_start_once(self) -> None:
        found = quote(make_service(one_off_fen=50_00))
        assert (found["price_now_fen"], found["one_off_fen"], found["monthly_fen"]) == (59_90, 50_00, 9_90)

    def test_of_what_is_paid_once_lasts_to_the_end_of_the_month_or_for_its_days(self) -> None:
        pack, roaming = quote(make_offering()), quote(make_offering(validity_days=7))
        assert (pack["ends_at"], pack["validity_days"], pack["monthly_fen"]) == (DECEMBER, None, 0)
        assert (roaming["ends_at"], roaming["validity_days"], roaming["next_bill_at"]) == (None, 7, None)

    def test_names_the_day_until_which_it_binds(self) -> None:
        found = quote(make_service(commitment_months=12))
        assert (found["committed_until"], found["holds_until"]) == ("2027-11-01T00:00:00+08:00", DECEMBER)

    def test_of_a_change_next_month_costs_nothing_now(self) -> None:
        plan = give_plan(make_line())
        found = quote(make_plan(price_fen=29_00, first_month="BY_DAYS"), start="NEXT_MONTH", replaces=plan)
        assert (found["price_now_fen"], found["starts_at"], found["next_bill_fen"]) == (0, DECEMBER, 29_00)
        assert (found["share"], found["allowances_now"], found["holds_until"]) == ([1, 1], [], DECEMBER)
        assert found["replaces"] is not None
        assert (found["replaces"]["ends_at"], found["replaces"]["price_fen"]) == (DECEMBER, 59_00)

    def test_of_a_change_at_once_gives_the_unused_days_of_the_old_plan_back(self) -> None:
        """Both sides go by days, whatever the new plan asks of newcomers."""
        plan = give_plan(make_line())
        found = quote(make_plan({"DATA": 60 * GB}, price_fen=99_00), replaces=plan)
        assert (found["fee_fen"], found["credit_fen"], found["price_now_fen"]) == (29_70, 17_70, 12_00)
        assert [given["amount"] for given in found["allowances_now"]] == [18 * GB]
        assert found["replaces"] is not None
        assert (found["replaces"]["ends_at"], found["holds_until"]) == (None, "2026-11-23T00:00:00+08:00")

    def test_gives_back_no_more_than_was_charged_in_the_month_of_the_beginning(self) -> None:
        line = make_line(cash_fen=100_00)
        plan = give_plan(line, started_at=NOW - 2 * DAY)
        dearer = make_plan(price_fen=99_00)
        assert quote(dearer, replaces=plan)["credit_fen"] == 0
        make_charge(line, amount_fen=10_00, reason=ChargeReason.SUBSCRIPTION, reason_id=plan.id)
        assert quote(dearer, replaces=plan)["credit_fen"] == 10_00
        make_charge(line, amount_fen=50_00, reason=ChargeReason.SUBSCRIPTION, reason_id=plan.id)
        assert quote(dearer, replaces=plan)["credit_fen"] == 17_70

    def test_knows_the_fee_of_a_month_that_is_not_turned_yet(self) -> None:
        plan = give_plan(make_line(), started_at=BEFORE)
        assert quote(make_plan(price_fen=99_00), replaces=plan)["credit_fen"] == 17_70


class TestIsSameQuote:
    def test_holds_while_nothing_that_binds_changes(self) -> None:
        pack = make_offering()
        assert is_same_quote(quote(pack), quote(pack, now=NOW + 3 * DAY))

    def test_ends_with_the_day_of_a_price_by_days(self) -> None:
        plan = make_plan(first_month="BY_DAYS")
        assert not is_same_quote(quote(plan), quote(plan, now=NOW + DAY))

    def test_is_never_true_of_an_order_without_a_quote(self) -> None:
        assert not is_same_quote({}, quote(make_offering()))
