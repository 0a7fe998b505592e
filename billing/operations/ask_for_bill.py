"""A partner asks for an account's bill out of turn."""

import uuid
from datetime import datetime

from billing.models import Bill, BillRequest


def ask_for_bill(*, account_id: uuid.UUID, client_id: str, name: str, description: str, now: datetime) -> BillRequest:
    """Keep the wish and answer it with the latest bill of the account, if there is one.

    No bill is made: an account has one a month (G1 of the books), issued when the month is over.

    :param client_id: the partner that asks.
    :param name: up to 200 characters of the partner's own.
    :param description: up to 500 characters of the partner's own.
    :return: the request; its `period_date` is None when no bill was issued yet.
    """
    latest = Bill.objects.filter(account_id=account_id).order_by("-period_date").values_list("period_date", flat=True)
    return BillRequest.objects.create(
        account_id=account_id,
        client_id=client_id,
        name=name,
        description=description,
        period_date=latest.first(),
        asked_at=now,
    )
