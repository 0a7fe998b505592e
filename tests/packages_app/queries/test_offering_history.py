from datetime import timedelta
from typing import Any

import pytest

from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.offering_history import list_versions
from packages_app.sheets.notation import parse_allowances, parse_unit_prices
from tests.factories.billing import NOW
from tests.factories.packages_app import BEFORE, make_offering, make_plan

pytestmark = pytest.mark.django_db


class TestListVersions:
    def test_says_what_each_changed_newest_first(self, django_assert_num_queries: Any) -> None:
        plan = make_plan(carries_over=True)
        plan.price_fen, plan.cap_fen, plan.provinces = 49_00, 200_00, ["CN-GD"]
        keep_offering(
            offering=plan,
            allowances=parse_allowances("DATA 40GB"),
            unit_prices=parse_unit_prices("DATA 5/GB"),
            author="li",
            now=NOW,
        )
        make_offering()
        with django_assert_num_queries(1):
            newest, first = list_versions(code=plan.code)
        assert (first.version, first.author, first.changed_at, first.differences) == (1, "", BEFORE, [])
        assert (newest.version, newest.author, newest.changed_at) == (2, "li", NOW)
        assert [(change.column, change.before, change.after) for change in newest.differences] == [
            ("price", "59.00", "49.00"),
            ("allowances", "DATA 30GB\nVOICE 500min", "DATA 40GB"),
            ("unit_prices", "", "DATA 5/GB"),
            ("cap", "", "200.00"),
        ]

    def test_leaves_out_what_does_not_bind(self) -> None:
        plan = make_plan()
        plan.on_sale_to = NOW + timedelta(days=1)
        keep_offering(offering=plan, allowances=list(plan.allowances.all()), author="li", now=NOW)
        assert [past.version for past in list_versions(code=plan.code)] == [1]
