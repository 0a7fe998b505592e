from datetime import timedelta
from typing import Any

import pytest

from packages_app.queries.catalogue import OfferingUnknown, get_offering, is_on_sale, list_offerings
from packages_app.queries.terms import get_name, get_terms, is_same_deal
from tests.factories.billing import NOW
from tests.factories.packages_app import GB, make_offering, make_plan

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


class TestListOfferings:
    def test_returns_what_is_on_sale_now_in_the_order_of_the_catalogue(self) -> None:
        last = make_offering(position=20)
        first = make_offering(position=10)
        make_offering(on_sale_from=NOW + SECOND)
        make_offering(on_sale_to=NOW)
        plan = make_plan()
        assert [offering.code for offering in list_offerings(now=NOW)] == [first.code, last.code, plan.code]

    def test_asks_three_times_whatever_is_on_sale(self, django_assert_num_queries: Any) -> None:
        for _ in range(5):
            make_offering()
        with django_assert_num_queries(3):
            gives = [[item.amount for item in offering.allowances.all()] for offering in list_offerings(now=NOW)]
        assert gives == [[GB]] * 5


class TestGetOffering:
    def test_returns_what_was_ever_sold(self) -> None:
        pack = make_offering(on_sale_to=NOW)
        assert get_offering(code=pack.code) == pack

    def test_does_not_find_what_never_was(self) -> None:
        with pytest.raises(OfferingUnknown):
            get_offering(code="NO-SUCH")


class TestIsOnSale:
    def test_holds_from_the_first_instant_up_to_the_last(self) -> None:
        pack = make_offering(on_sale_from=NOW, on_sale_to=NOW + SECOND)
        answers = [is_on_sale(pack, at) for at in (NOW - SECOND, NOW, NOW + SECOND)]
        assert answers == [False, True, False]


class TestIsSameDeal:
    @pytest.mark.parametrize(
        ("change", "same"),
        [
            ({"price_fen": 4_99}, False),
            ({"recurrence": "MONTHLY"}, False),
            ({"provider_name": "悦听科技"}, False),
            ({"allowances": []}, False),
            ({"name_zh": "新名字", "summary_en": "", "head": "OTHER", "version": 9, "thresholds_percent": [50]}, True),
        ],
    )
    def test_looks_at_what_binds(self, change: dict[str, Any], same: bool) -> None:
        offered = get_terms(make_offering())
        assert is_same_deal({**offered, **change}, offered) is same


class TestGetName:
    def test_speaks_the_language_of_the_reader(self) -> None:
        terms = get_terms(make_offering())
        assert (get_name(terms, "en"), get_name(terms, "zh-hans")) == ("1 GB data pack", "1GB流量包")
