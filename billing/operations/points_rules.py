"""New versions of the rule of points, made by staff. What was earned keeps what it was earned by."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from billing.models import PointsRule
from billing.models.points import HUNDRED_PERCENT
from kernel.errors import DomainError

STARS = 6


class RuleNotInFuture(DomainError):
    """A rule would change what is earned or promised already."""

    code = "RULE_NOT_IN_FUTURE"
    message = _("A new rule begins in the future, and after the one before it.")
    field = "valid_from"


class StarPercentsInvalid(DomainError):
    """There is one percentage for no star and one for each star, and a star never costs points."""

    code = "STAR_PERCENTS_INVALID"
    message = _("Enter six percentages, without a star and for one to five, none below 100 and none below the last.")
    field = "star_percents"


def add_points_rule(
    *,
    valid_from: datetime,
    points_per_yuan: int,
    star_percents: Sequence[int],
    lifetime_months: int,
    points_per_bonus_yuan: int,
    bonus_days: int,
    created_by: int,
    now: datetime,
) -> PointsRule:
    """Add the next version of the rule. None is ever changed or taken away.

    :param star_percents: without a star, then with one to five.
    :param bonus_days: how long the bonus can be spent; 0 is for ever.
    :param created_by: id of the member of staff.
    :raises RuleNotInFuture: it would begin now or earlier, or not after the newest version.
    :raises StarPercentsInvalid: they are not six, fall, or are below 100.
    """
    if len(star_percents) != STARS or min(star_percents) < HUNDRED_PERCENT or sorted(star_percents) != [*star_percents]:
        raise StarPercentsInvalid
    with transaction.atomic():
        newest = PointsRule.objects.aggregate(version=Max("version"), valid_from=Max("valid_from"))
        if valid_from <= max(now, newest["valid_from"] or now):
            raise RuleNotInFuture
        return PointsRule.objects.create(
            version=(newest["version"] or 0) + 1,
            valid_from=valid_from,
            points_per_yuan=points_per_yuan,
            star_percents=list(star_percents),
            lifetime_months=lifetime_months,
            points_per_bonus_yuan=points_per_bonus_yuan,
            bonus_days=bonus_days,
            created_by=created_by,
            created_at=now,
        )
