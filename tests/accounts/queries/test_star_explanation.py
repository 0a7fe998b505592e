from datetime import UTC, datetime

import pytest

from accounts.models import StarInput, StarRating
from accounts.queries.star_explanation import Gain, explain_rating
from tests.factories.accounts import make_line
from tests.factories.stars import NOVEMBER, Inputs, rate_by_hand, star_rules, star_table

pytestmark = pytest.mark.django_db


def rated(inputs: Inputs) -> StarRating:
    """Return a rating by hand, which nobody keeps."""
    points, star = rate_by_hand(star_rules(), inputs)
    return StarRating.objects.create(
        account_id=make_line().account_id, period_date=NOVEMBER.first_date, table=star_table(),
        months_on_network=inputs.months, has_real_name=inputs.real_name, average_spend_fen=inputs.spend_fen,
        late_months=inputs.late, suspensions=inputs.suspensions, months_points=points[StarInput.MONTHS],
        real_name_points=points[StarInput.REAL_NAME], spend_points=points[StarInput.SPEND],
        late_points=points[StarInput.LATE], suspension_points=points[StarInput.SUSPENSIONS],
        points=sum(points.values()), star=star, overdraft_fen=0, is_first=True,
        valid_until=datetime(2027, 11, 1, tzinfo=UTC).date(), rated_at=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip


class TestExplainRating:
    def test_says_what_each_input_brought_and_how_there_is_more(self) -> None:
        found = explain_rating(rated(Inputs(months=13, real_name=False, spend_fen=49_99, late=3, suspensions=1)))
        assert [(fact.name, fact.value, fact.points, fact.most_points, fact.gain) for fact in found.inputs] == [
            (StarInput.MONTHS, 13, 10, 20, Gain(24, 10)),
            (StarInput.REAL_NAME, 0, 0, 10, Gain(1, 10)),
            (StarInput.SPEND, 49_99, 0, 20, Gain(50_00, 10)),
            (StarInput.LATE, 3, 0, 20, Gain(1, 5)),
            (StarInput.SUSPENSIONS, 1, 0, 10, Gain(0, 10)),
        ]
        assert found.rating.star == 1
        assert found.next_band is not None
        assert (found.next_band.star, found.missing_points, found.missing_months) == (2, 20, 0)

    def test_promises_nothing_beyond_the_most(self) -> None:
        found = explain_rating(rated(Inputs(months=24, real_name=True, spend_fen=100_00, late=0, suspensions=0)))
        assert [fact.gain for fact in found.inputs] == [None] * 5
        assert (found.rating.star, found.next_band, found.missing_points) == (5, None, 0)

    def test_takes_the_nearest_step_down_where_less_is_better(self) -> None:
        found = explain_rating(rated(Inputs(months=24, real_name=True, spend_fen=0, late=1, suspensions=0)))
        assert found.inputs[3].gain == Gain(0, 15)

    def test_says_how_many_months_are_missing_to_the_first_star(self) -> None:
        found = explain_rating(rated(Inputs(months=4, real_name=True, spend_fen=0, late=0, suspensions=0)))
        assert (found.rating.star, found.next_band, found.missing_months) == (None, None, 2)
