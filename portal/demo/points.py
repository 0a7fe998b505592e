"""Points that the people of the demo have from earlier years: some of them expire at the end of the month."""

import uuid
from datetime import datetime

from billing.operations.points_ledger import bring_in_points
from billing.queries.points_rules import get_points_rule, points_expire_at
from kernel.clock import month_from_date, month_of

# Months ago, and points earned then.
_EARNED = ((36, 380), (12, 1_260), (1, 59))


def bring_in_demo_points(*, account_id: uuid.UUID, as_of: datetime) -> None:
    """Bring in the points of one account, once."""
    lifetime = get_points_rule(as_of).lifetime_months
    this = month_of(as_of)
    for months_ago, points in _EARNED:
        years, month = divmod(this.year * 12 + this.month - 1 - months_ago, 12)
        earned = month_from_date(this.first_date.replace(year=years, month=month + 1))
        bring_in_points(
            account_id=account_id,
            points=points,
            earned_date=earned.first_date,
            expires_at=points_expire_at(earned, lifetime_months=lifetime),
            now=as_of,
        )
