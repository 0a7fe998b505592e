"""Reads what a line has and is: the facts that decide which offerings it may have."""

import uuid
from datetime import datetime
from functools import cached_property

from accounts.models import Account, Bar, Line, StarRating
from accounts.queries.bars import list_open_bars
from accounts.queries.star_tables import list_bands
from accounts.queries.stars import get_rating
from packages_app.models import LinkKind, Offering
from packages_app.queries.subscriptions import list_subscriptions
from packages_app.queries.ties import list_ties


class Standing:
    """The facts about a line at `now`, each read once and only when a rule asks for it."""

    def __init__(self, line: Line, now: datetime) -> None:
        self.line = line
        self.now = now

    @cached_property
    def held(self) -> dict[str, Offering]:
        """What the line has in force, by code; a cancelled service until its paid month is over."""
        found = list_subscriptions(self.line.account_id, self.line.id, self.now)
        return {subscription.offering_id: subscription.offering for subscription in found}

    @cached_property
    def bars(self) -> list[Bar]:
        """What bars the line, the most serious first."""
        return list_open_bars(self.line.account_id, self.line.id)

    @cached_property
    def province(self) -> str:
        """ISO 3166-2 code of where the line's account was opened."""
        return _province_of(self.line.account_id)

    @cached_property
    def rating(self) -> StarRating | None:
        """The rating that holds, which may be one without a star; None: never rated."""
        return get_rating(self.line.account_id, self.now)

    @property
    def star(self) -> int | None:
        """1 to 5; None: none yet."""
        return self.rating.star if self.rating else None

    def count_points_missing_to(self, star: int) -> int:
        """Return how many points a rated account lacks to a star, by the table that it was rated by."""
        assert self.rating
        return self._least_points[star] - self.rating.points

    @cached_property
    def _least_points(self) -> dict[int, int]:
        assert self.rating
        return {band.star: band.least_points for band in list_bands(self.rating.table_id)}


def _province_of(account_id: uuid.UUID) -> str:
    return Account.objects.values_list("province", flat=True).get(id=account_id)


def list_dependents(*, line: Line, offering_code: str, now: datetime) -> list[Offering]:
    """Return what a line has that needs another of its offerings, which is no plan; two queries."""
    held = Standing(line, now).held
    ties = [
        tie for tie in list_ties([offering_code]) if tie.kind == LinkKind.REQUIRES and tie.other_id == offering_code
    ]
    return [held[tie.offering_id] for tie in ties if tie.offering_id in held]
