"""Every rating that the database makes is the one that is made by hand."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import StarInput, StarTable, StarTableState
from accounts.operations.star_table_rules import Band, StarRules
from accounts.operations.star_tables import _write
from tests.factories.stars import Inputs, rate_by_hand, star_rules

pytestmark = pytest.mark.django_db

AT = datetime(2026, 10, 1, tzinfo=UTC)


@st.composite
def some_rules(draw: st.DrawFn) -> StarRules:
    def steps() -> list[tuple[int, int]]:
        above = draw(st.lists(st.integers(1, 40), unique=True, max_size=4))
        return [(at_least, draw(st.integers(0, 50))) for at_least in sorted([0, *above])]

    bands = sorted([0, *draw(st.lists(st.integers(1, 150), unique=True, min_size=4, max_size=4))])
    return star_rules(
        minimum_months=draw(st.integers(0, 12)),
        steps={name: steps() for name in StarInput},
        bands=[Band(points, number * 10_00) for number, points in enumerate(bands)],
    )


some_inputs = st.builds(
    Inputs,
    months=st.integers(0, 45),
    real_name=st.booleans(),
    spend_fen=st.integers(0, 45),
    late=st.integers(0, 45),
    suspensions=st.integers(0, 45),
)


def rate(table: StarTable, accounts: list[Inputs]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS star_input")
        cursor.execute(
            "CREATE TEMPORARY TABLE star_input (account_id uuid, months_on_network integer, has_real_name boolean,"
            " average_spend_fen bigint, late_months smallint, suspensions smallint) ON COMMIT DROP"
        )
        for number, inputs in enumerate(accounts):
            cursor.execute(
                "INSERT INTO star_input VALUES (%s, %s, %s, %s, %s, %s)", [str(uuid.UUID(int=number)), *inputs]
            )
        cursor.execute("SELECT * FROM accounts_rate_stars(%s) ORDER BY account_id", [table.id])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class TestRatingBySql:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rules=some_rules(), accounts=st.lists(some_inputs, min_size=1, max_size=12))
    def test_is_the_rating_by_hand(self, rules: StarRules, accounts: list[Inputs]) -> None:
        table = _write(rules, "", uuid.uuid4().hex, 1, StarTableState.PROPOSED, AT)
        rated = rate(table, accounts)
        by_hand = [rate_by_hand(rules, inputs) for inputs in accounts]
        assert [row["star"] for row in rated] == [star for _points, star in by_hand]
        columns = ("months_points", "real_name_points", "spend_points", "late_points", "suspension_points")
        assert [[row[name] for name in columns] for row in rated] == [
            list(points.values()) for points, _star in by_hand
        ]
        assert [row["overdraft_fen"] for row in rated] == [
            rules.bands[star - 1].overdraft_fen if star else 0 for _points, star in by_hand
        ]

    def test_gives_no_star_before_the_least_months(self) -> None:
        table = _write(star_rules(), "", "x", 1, StarTableState.PROPOSED, AT)
        rated = rate(table, [Inputs(5, True, 500_00, 0, 0), Inputs(6, True, 500_00, 0, 0)])
        assert [(row["points"], row["star"], row["overdraft_fen"]) for row in rated] == [(60, None, 0), (60, 3, 50_00)]
