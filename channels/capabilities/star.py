"""Which credit star the account has, and how much of its overdraft is left. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Line, StarRating
from accounts.queries.star_explanation import Explanation, explain_rating
from accounts.queries.stars import get_rating
from billing.queries.balance import Balance, get_balance
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import STAR, STAR_HIGHEST, STAR_LATER, STAR_UNRATED
from kernel.money import yuan_text


@dataclass(frozen=True)
class StarAnswer(Answer):
    """The star of the line's account, explained; None where it was never rated."""

    explained: Explanation | None
    balance: Balance

    def words(self, language: str) -> Sequence[Words]:
        if self.explained is None:
            return [Words(STAR_UNRATED, {})]
        rating: StarRating = self.explained.rating
        if rating.star is None:
            return [Words(STAR_LATER, {"months": self.explained.missing_months})]
        values = {
            "star": rating.star,
            "points": rating.points,
            "overdraft": yuan_text(self.balance.overdraft_fen),
            "left": yuan_text(self.balance.overdraft_left_fen),
        }
        following = self.explained.next_band
        if following is None:
            return [Words(STAR_HIGHEST, values)]
        return [Words(STAR, {**values, "missing": self.explained.missing_points, "next_star": following.star})]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> StarAnswer:
    """Return the star.

    :raises NotFound: the account has no wallet.
    """
    rating = get_rating(line.account_id, now)
    return StarAnswer(explain_rating(rating) if rating else None, get_balance(line.account_id))


CAPABILITY = Capability("star", run)
