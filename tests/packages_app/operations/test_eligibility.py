from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import BarReason, Line, LineState
from kernel.errors import DomainError
from packages_app.models import Offering
from packages_app.operations.confirm_order import refusal_behind
from packages_app.operations.eligibility import (
    REFUSALS,
    AlreadySubscribed,
    ExcludedByAnother,
    LineNotActive,
    NeedsAnother,
    NotInProvince,
    NotOnSale,
    PresentPlanNeeded,
    StarTooLow,
    StarUnknown,
    list_obstacles,
    require_eligible,
)
from packages_app.operations.subscriptions import cancel_subscription
from tests.factories.barring import make_bar
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import (
    ask_for,
    buy,
    give_plan,
    make_offering,
    make_plan,
    make_service,
    say_yes,
    standing,
    tie,
)
from tests.factories.stars import give_star

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=500_00)


def refused(line: Line, offering: Offering, refusal: type[DomainError], **options: Any) -> DomainError:
    with pytest.raises(refusal) as raised:
        require_eligible(line=line, offering=offering, now=NOW, **options)
    return raised.value


class TestRequireEligible:
    def test_lets_have_what_nothing_speaks_against(self, line: Line) -> None:
        require_eligible(line=line, offering=make_offering(provinces=["CN-ZJ", "CN-GD"]), now=NOW)

    def test_says_from_when_something_will_be_sold(self, line: Line) -> None:
        with override("en"):
            refusal = refused(line, make_offering(on_sale_from=NOW + timedelta(days=40)), NotOnSale)
            assert str(refusal.cure).startswith("It can be ordered from ")
            assert str(refused(line, make_offering(on_sale_to=NOW), NotOnSale).cure) == "Choose another offer."

    def test_sells_where_it_is_sold(self, line: Line) -> None:
        with override("en"):
            refusal = refused(line, make_offering(provinces=["CN-ZJ", "CN-SC"]), NotInProvince)
        assert refusal.cure == "It is sold in Sichuan, Zhejiang. Choose another offer."

    def test_refuses_the_unrated_what_asks_for_a_star_and_says_so(self, line: Line) -> None:
        with override("en"):
            refusal = refused(line, make_offering(minimum_star=3), StarUnknown)
            cure = str(refusal.cure)
        assert refusal.message == "This is for customers of 3 stars or more, and you are not rated yet."
        assert cure == "Stars are given at the beginning of each month: see under Credit star when you get yours."

    def test_tells_who_is_new_when_there_will_be_a_star(self, line: Line) -> None:
        give_star(line.account_id, None)
        with override("en"):
            refusal = refused(line, make_offering(minimum_star=1), StarUnknown)
        assert refusal.cure == "You get your first star in 3 months. Choose another offer until then."

    def test_compares_stars(self, line: Line) -> None:
        give_star(line.account_id, 3)
        require_eligible(line=line, offering=make_offering(minimum_star=3), now=NOW)
        with override("en"):
            refusal = refused(line, make_offering(minimum_star=4), StarTooLow)
        assert refusal.message == "This is for customers of 4 stars or more; you have 3."
        assert refusal.cure == (
            "You lack 15 points to 4 stars: see under Credit star what brings them. Choose another offer until then."
        )

    def test_asks_for_everything_that_is_needed(self, line: Line) -> None:
        first, second, extra = make_service(name_en="First"), make_service(name_en="Second"), make_service()
        tie(extra, "REQUIRES", first, second)
        buy(line, first)
        with override("en"):
            refusal = refused(line, extra, NeedsAnother)
        assert refusal.message == "This can only be had together with: Second."
        buy(line, second)
        require_eligible(line=line, offering=extra, now=NOW)

    def test_is_content_with_one_of_several_plans(self, line: Line) -> None:
        small, large, extra, service = make_plan(), make_plan(), make_offering(), make_service()
        tie(extra, "REQUIRES", small, large, service)
        refused(line, extra, NeedsAnother)
        give_plan(line, large)
        refused(line, extra, NeedsAnother)
        buy(line, service)
        require_eligible(line=line, offering=extra, now=NOW)

    def test_counts_what_the_same_order_brings(self, line: Line) -> None:
        base, extra, rival = make_service(), make_service(), make_service()
        tie(extra, "REQUIRES", base)
        tie(extra, "EXCLUDES", rival)
        require_eligible(line=line, offering=extra, now=NOW, together_with=[base.code])
        refused(line, extra, ExcludedByAnother, together_with=[base.code, rival.code])

    @pytest.mark.parametrize("had_first", [0, 1])
    def test_holds_an_exclusion_in_both_directions(self, had_first: int, line: Line) -> None:
        pair = (make_service(name_en="First"), make_service(name_en="Second"))
        tie(pair[0], "EXCLUDES", pair[1])
        buy(line, pair[had_first])
        with override("en"):
            refusal = refused(line, pair[1 - had_first], ExcludedByAnother)
        assert refusal.message == f"This cannot be had together with: {pair[had_first].name_en}."

    def test_lets_an_exclusion_end_with_what_caused_it(self, line: Line) -> None:
        had, wanted = make_service(), make_service()
        tie(had, "EXCLUDES", wanted)
        bought = buy(line, had)
        left = cancel_subscription(account_id=line.account_id, subscription_id=bought.id, channel="WEB", now=NOW)
        refused(line, wanted, ExcludedByAnother)
        assert left.ends_at is not None
        require_eligible(line=line, offering=wanted, now=left.ends_at)

    def test_does_not_hold_a_plan_against_the_one_it_replaces(self, line: Line) -> None:
        present, wanted = make_plan(), make_plan()
        tie(wanted, "EXCLUDES", present)
        give_plan(line, present)
        require_eligible(line=line, offering=wanted, now=NOW)

    def test_keeps_the_plan_that_something_else_needs(self, line: Line) -> None:
        present, wanted, extra = make_plan(), make_plan(), make_service(name_en="Family share")
        tie(extra, "REQUIRES", present)
        give_plan(line, present)
        buy(line, extra)
        with override("en"):
            refusal = refused(line, wanted, PresentPlanNeeded)
        assert refusal.message == "With this plan you could not keep: Family share."
        tie(extra, "REQUIRES", wanted)
        require_eligible(line=line, offering=wanted, now=NOW)

    def test_refuses_a_line_that_is_not_in_use(self, line: Line) -> None:
        line.state = LineState.SUSPENDED
        refused(line, make_offering(), LineNotActive)

    def test_says_why_a_line_is_stopped_and_what_helps(self, line: Line) -> None:
        make_bar(line, BarReason.OPERATOR, now=NOW, cure="Visit us.")
        with override("en"):
            refusal = refused(line, make_offering(), LineNotActive)
            assert str(refusal) == (
                "This number is stopped (we had to stop it), so nothing can be ordered for it. Visit us."
            )

    def test_lets_what_is_paid_once_be_bought_again(self, line: Line) -> None:
        roaming = make_offering(kind="ROAMING_PASS", validity_days=7)
        buy(line, roaming)
        require_eligible(line=line, offering=roaming, now=NOW)

    def test_refuses_what_recurs_and_is_had(self, line: Line) -> None:
        service = make_service()
        buy(line, service)
        refused(line, service, AlreadySubscribed)


class TestOrders:
    def test_are_refused_at_the_quote_and_move_nothing(self, line: Line) -> None:
        before = standing(line.account_id)
        with pytest.raises(NotInProvince):
            ask_for(line, make_offering(provinces=["CN-SC"]))
        assert standing(line.account_id) == before

    def test_are_refused_at_the_confirmation_when_a_tie_came_between(self, line: Line) -> None:
        had, wanted = make_service(), make_service()
        buy(line, had)
        order = ask_for(line, wanted)
        tie(had, "EXCLUDES", wanted)
        before = standing(line.account_id)
        with pytest.raises(ExcludedByAnother):
            say_yes(order)
        after = standing(line.account_id)
        assert {name for name in before if before[name] != after[name]} == {"orders"}
        order.refresh_from_db()
        assert (order.state, order.failure) == ("FAILED", "EXCLUDED_BY_ANOTHER")
        assert refusal_behind(order=order) is ExcludedByAnother

    @pytest.mark.parametrize("refusal", REFUSALS)
    def test_that_failed_are_explained_without_their_details(self, refusal: type[DomainError]) -> None:
        assert refusal.message
        assert refusal.cure


class TestListObstacles:
    def test_names_what_the_line_may_not_have_and_why(self, line: Line) -> None:
        free, far, starred, service = (
            make_offering(),
            make_offering(provinces=["CN-SC"]),
            make_offering(minimum_star=5),
            make_service(),
        )
        buy(line, service)
        obstacles = list_obstacles(line=line, offerings=[free, far, starred, service], now=NOW)
        assert {code: type(refusal) for code, refusal in obstacles.items()} == {
            far.code: NotInProvince,
            starred.code: StarUnknown,
            service.code: AlreadySubscribed,
        }

    def test_asks_as_often_for_many_as_for_few(self, line: Line, django_assert_num_queries: Any) -> None:
        give_plan(line)
        offerings = [make_offering(provinces=["CN-SC"]) for _ in range(6)]
        tie(offerings[0], "EXCLUDES", *offerings[1:])
        with django_assert_num_queries(3):
            assert len(list_obstacles(line=line, offerings=offerings, now=NOW)) == 6
