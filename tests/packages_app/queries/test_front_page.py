"""The first page's one query says what the pages behind it say in many."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Line
from packages_app.models import Bucket, UsageKind
from packages_app.operations.record_usage import record_usage
from packages_app.queries.allowance import get_allowance
from packages_app.queries.front_page import KindLeft, LocalOffer, get_front_page
from packages_app.queries.orders import list_waiting_orders
from packages_app.queries.subscriptions import get_current_plan
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import GB, ask_for, ask_for_cart, buy, give_plan, make_offering, make_plan
from tests.factories.usage import usage

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=500_00)


class TestGetFrontPage:
    def test_agrees_with_the_pages_behind_it(self, line: Line) -> None:
        give_plan(line, make_plan())
        buy(line, make_offering({UsageKind.DATA: 30 * GB, UsageKind.VOICE: 500 * 60}))
        buy(line, make_offering({UsageKind.DATA: 10 * GB}))
        app = buy(line, make_offering({UsageKind.DATA: 5 * GB}))
        Bucket.objects.filter(subscription_id=app.id).update(scope="APP", scope_value="video")
        record_usage(records=[usage(line, 3 * GB, at=NOW + timedelta(minutes=1))], now=LATER)
        buy(make_line(cash_fen=100_00), make_offering({UsageKind.DATA: GB}))
        page, allowance = (
            get_front_page(line.account_id, line.id, LATER),
            get_allowance(line.account_id, line.id, LATER),
        )
        assert (page.data, page.voice) == (KindLeft(37 * GB, 40 * GB), KindLeft(500 * 60, 500 * 60))
        assert page.data == KindLeft(allowance.data.left, allowance.data.total)
        assert page.voice == KindLeft(allowance.voice.left, allowance.voice.total)
        assert (page.resets_at, page.updated_at) == (allowance.data.resets_at, allowance.updated_at)
        plan = get_current_plan(line.account_id, line.id, LATER)
        assert plan is not None
        assert page.plan_terms == plan.terms

    def test_lists_what_waits_with_its_cart(self, line: Line) -> None:
        cart = ask_for_cart(line, make_offering(price_fen=1_00), make_offering(price_fen=2_00))
        alone = ask_for(line, make_offering(price_fen=3_00), now=NOW + timedelta(seconds=1))
        ask_for(line, make_offering(), now=NOW - timedelta(days=2))
        at = NOW + timedelta(minutes=1)
        waiting = get_front_page(line.account_id, line.id, at).waiting
        assert [(order.id, order.cart_id) for order in waiting] == [
            *((order.id, order.cart_id) for order in sorted(cart, key=lambda order: order.id)),
            (alone.id, None),
        ]
        listed = list_waiting_orders(line.account_id, line.id, at)
        assert [(one.id, one.terms, one.price_fen) for one in waiting] == [
            (one.id, one.terms, one.price_fen) for one in listed
        ]

    def test_is_empty_for_somebody_new(self, line: Line) -> None:
        page = get_front_page(line.account_id, line.id, NOW)
        assert (page.data, page.voice, page.waiting) == (KindLeft(), KindLeft(), ())
        assert (page.plan_terms, page.updated_at) == (None, None)

    def test_asks_once(self, line: Line, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            get_front_page(line.account_id, line.id, NOW)


class TestTheLocalOffer:
    def test_is_the_newest_of_the_province_that_is_had_not_yet(self, line: Line) -> None:
        make_offering()
        old = make_offering(provinces=["CN-GD", "CN-ZJ"])
        new = make_offering(provinces=["CN-GD"], on_sale_from=NOW, name_en="Local pack", price_fen=9_00)
        make_offering(provinces=["CN-ZJ"], on_sale_from=NOW)
        make_offering(provinces=["CN-GD"], on_sale_from=NOW, minimum_star=3)
        make_offering(provinces=["CN-GD"], on_sale_from=LATER)
        make_offering(provinces=["CN-GD"], on_sale_from=NOW - timedelta(days=1), on_sale_to=NOW)
        offer = get_front_page(line.account_id, line.id, NOW).local_offer
        assert offer == LocalOffer(new.code, new.name_zh, "Local pack", 9_00, "ONCE")
        assert (offer.name_in("en"), offer.name_in("zh-hans")) == ("Local pack", new.name_zh)
        buy(line, new)
        offer = get_front_page(line.account_id, line.id, NOW).local_offer
        assert offer is not None
        assert offer.code == old.code

    def test_is_missing_where_nothing_is_sold_in_the_province_only(self, line: Line) -> None:
        make_offering()
        assert get_front_page(line.account_id, line.id, NOW).local_offer is None
