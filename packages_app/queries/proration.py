"""What of a monthly fee and of its allowances falls to a month. Plain arithmetic: nothing is read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kernel.clock import SHANGHAI, Month, month_of
from kernel.money import round_half_up
from packages_app.models import FirstMonthRule, Recurrence

_HALF_FROM_DAY = 16


class Share(NamedTuple):
    """A part of a whole: `part` of `whole` days, or one of two halves."""

    part: int
    whole: int

    @property
    def is_whole(self) -> bool:
        return self.part == self.whole

    def of(self, amount: int) -> int:
        """Return this part of an amount (fen, bytes, seconds, messages), rounded half up, once."""
        return round_half_up(amount * self.part, self.whole)


WHOLE = Share(1, 1)


def get_share_by_days(starts_at: datetime) -> Share:
    """Return the days that are left of the month of `starts_at`, its own day too, in Asia/Shanghai."""
    month = month_of(starts_at)
    return Share(month.days - starts_at.astimezone(SHANGHAI).day + 1, month.days)


def get_first_share(first_month: str, starts_at: datetime) -> Share:
    """Return what of the month of its beginning something gets, fee and allowances alike.

    :param first_month: a `packages_app.models.FirstMonthRule` value.
    """
    if first_month == FirstMonthRule.BY_DAYS:
        return get_share_by_days(starts_at)
    if first_month == FirstMonthRule.HALF and starts_at.astimezone(SHANGHAI).day >= _HALF_FROM_DAY:
        return Share(1, 2)
    return WHOLE


def get_month_fee_fen(*, terms: Mapping[str, Any], first_month: str, started_at: datetime, month: Month) -> int:
    """Return the recurring fee of one month in fen; 0 for what is paid once and for months before the beginning.

    What begins on the first of a month pays that month in full, under every rule.

    :param terms: as sold.
    :param first_month: the rule of the subscription, a `packages_app.models.FirstMonthRule` value.
    :param started_at: of the subscription.
    """
    if terms["recurrence"] != Recurrence.MONTHLY or started_at >= month.ends_at:
        return 0
    share = get_first_share(first_month, started_at) if started_at >= month.starts_at else WHOLE
    return share.of(terms["price_fen"])
