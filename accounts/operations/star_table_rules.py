"""What a star table must be, so that every account gets one rating from it and nobody too much money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import HIGHEST_STAR, StarInput
from kernel.clock import Month
from kernel.errors import DomainError, Text
from kernel.money import yuan_text

MOST_POINTS = 1_000
_MOST_MONTHS = 24


class StarTableWrong(DomainError):
    """The table would rate somebody twice, not at all, or too well."""

    code = "STAR_TABLE_WRONG"
    message = _("This table cannot rate customers.")


@dataclass(frozen=True, slots=True)
class Band:
    """From how many points on there is a star, and its overdraft in fen."""

    least_points: int
    overdraft_fen: int


@dataclass(frozen=True, slots=True)
class StarRules:
    """What a table says.

    :ivar first_month: the first that it rates.
    :ivar minimum_months: months on the network until there is a rating.
    :ivar looks_back_months: whole months before the rating whose spend, late payments and suspensions count.
    :ivar valid_months: how long a rating holds when no later one takes its place.
    :ivar steps: for each input (from how much on, points), the lowest first; months, fen and counts, a real name is 1.
    :ivar bands: those of star 1, 2 … 5.
    """

    first_month: Month
    minimum_months: int
    looks_back_months: int
    valid_months: int
    steps: Mapping[StarInput, Sequence[tuple[int, int]]]
    bands: Sequence[Band]


def require_rules_sound(*, rules: StarRules) -> None:
    """Refuse rules that do not give each account exactly one rating.

    :raises StarTableWrong: with the sentence and the field that is wrong.
    """
    if not 1 <= rules.looks_back_months <= _MOST_MONTHS:
        raise StarTableWrong(_("Look back 1 to 24 months."), field="looks_back_months")
    if not 1 <= rules.valid_months <= _MOST_MONTHS:
        raise StarTableWrong(_("A rating holds for 1 to 24 months."), field="valid_months")
    if not 0 <= rules.minimum_months <= _MOST_MONTHS:
        raise StarTableWrong(_("Wait at most 24 months for the first rating."), field="minimum_months")
    for name in StarInput:
        wrong = _wrong_with_steps(rules.steps.get(name, ()))
        if wrong:
            raise StarTableWrong(wrong, field=f"steps_{name.lower()}")
    wrong = _wrong_with_bands(rules.bands)
    if wrong:
        raise StarTableWrong(wrong, field="bands")


def _wrong_with_steps(steps: Sequence[tuple[int, int]]) -> Text | None:
    if not steps or steps[0][0] != 0:
        return _("The first step begins at 0, so that everybody has points.")
    if any(first >= second for (first, _points), (second, _more) in pairwise(steps)):
        return _("Each step begins above the one before.")
    if any(not 0 <= points <= MOST_POINTS for _at_least, points in steps):
        return _("A step gives 0 to 1000 points.")
    return None


def _wrong_with_bands(bands: Sequence[Band]) -> Text | None:
    if len(bands) != HIGHEST_STAR:
        return _("There are five stars.")
    if bands[0].least_points != 0:
        return _("One star begins at 0 points, so that everybody who is rated has one.")
    if any(lower.least_points >= higher.least_points for lower, higher in pairwise(bands)):
        return _("Each star takes more points than the one below.")
    if any(lower.overdraft_fen > higher.overdraft_fen for lower, higher in pairwise(bands)):
        return _("A higher star never has less overdraft.")
    if bands[0].overdraft_fen < 0 or bands[-1].overdraft_fen > settings.STAR_OVERDRAFT_MAXIMUM_FEN:
        most = yuan_text(settings.STAR_OVERDRAFT_MAXIMUM_FEN)
        return _("An overdraft is 0 to %(most)s yuan.") % {"most": most}
    return None
