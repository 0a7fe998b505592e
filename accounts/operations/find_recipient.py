"""Looks up another person's number for somebody who wants to do something for it."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Line
from accounts.operations.budgets import take_from_budget
from accounts.queries.lines import get_line_by_msisdn


def find_recipient(*, asker_account_id: uuid.UUID, msisdn: str, now: datetime) -> Line:
    """Return the line behind a number, a limited number of times an hour: nobody shall list which numbers are in use.

    :param asker_account_id: who asks; looks at numbers in use and at others count alike.
    :param msisdn: E.164.
    :raises NumberUnknown: no line in use has the number.
    :raises BudgetSpent: the account has asked too often; it tells when it may ask again.
    """
    key = f"recipient:account:hour:{asker_account_id}"
    take_from_budget(key=key, limit=settings.RECIPIENT_LOOKUPS_PER_HOUR, period=timedelta(hours=1), now=now)
    return get_line_by_msisdn(msisdn)
