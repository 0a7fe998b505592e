"""Explains a rating: what each input brought, what it could bring, and what the next star needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from accounts.models import StarBand, StarInput, StarRating, StarStep
from accounts.queries.star_tables import list_bands, list_steps


@dataclass(frozen=True, slots=True)
class Gain:
    """The nearest way to more points from one input.

    :ivar value: the input that it takes: months, 1 for a real name, fen a month, or how many late months or
        suspensions there may be.
    :ivar points: how many more it brings.
    """

    value: int
    points: int


@dataclass(frozen=True, slots=True)
class InputFact:
    """One input of a rating.

    :ivar value: months, 1 or 0 for the real name, fen a month, late months, suspensions.
    :ivar points: what it brought, of `most_points`.
    :ivar gain: None: there are no more points to be had.
    """

    name: StarInput
    value: int
    points: int
    most_points: int
    gain: Gain | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an account has its star.

    :ivar inputs: in the order of `StarInput`; their points add up to the rating's.
    :ivar bands: of all stars, the lowest first.
    :ivar next_band: of the next star; None for who has the highest, or none yet.
    :ivar missing_points: to the next star; 0 without one.
    :ivar missing_months: on the network until there is a star at all; 0 for who has one.
    """

    rating: StarRating
    inputs: Sequence[InputFact]
    bands: Sequence[StarBand]
    next_band: StarBand | None
    missing_points: int
    missing_months: int


def explain_rating(rating: StarRating) -> Explanation:
    """Return the explanation of a rating by the table that it was made by; two queries if that is read already."""
    steps, bands = list_steps(rating.table_id), list_bands(rating.table_id)
    above = [band for band in bands if rating.star is not None and band.star > rating.star]
    next_band = above[0] if above else None
    return Explanation(
        rating=rating,
        inputs=[_fact(name, value, points, steps[name]) for name, value, points in _values(rating)],
        bands=bands,
        next_band=next_band,
        missing_points=next_band.least_points - rating.points if next_band else 0,
        missing_months=0 if rating.star else rating.table.minimum_months - rating.months_on_network,
    )


def _values(rating: StarRating) -> list[tuple[StarInput, int, int]]:
    return [
        (StarInput.MONTHS, rating.months_on_network, rating.months_points),
        (StarInput.REAL_NAME, int(rating.has_real_name), rating.real_name_points),
        (StarInput.SPEND, rating.average_spend_fen, rating.spend_points),
        (StarInput.LATE, rating.late_months, rating.late_points),
        (StarInput.SUSPENSIONS, rating.suspensions, rating.suspension_points),
    ]


def _fact(name: StarInput, value: int, points: int, steps: Sequence[StarStep]) -> InputFact:
    return InputFact(name, value, points, max(step.points for step in steps), _gain(value, points, steps))


def _gain(value: int, points: int, steps: Sequence[StarStep]) -> Gain | None:
    """Look for more points: from more of the input, or, where only less brings them, from the most that still does."""
    for step in steps:
        if step.at_least > value and step.points > points:
            return Gain(step.at_least, step.points - points)
    for step, following in reversed(list(pairwise(steps))):
        if following.at_least <= value and step.points > points:
            return Gain(following.at_least - 1, step.points - points)
    return None
