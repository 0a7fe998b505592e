"""TMF678 Customer Bill v4: what its resources share, and the ids of bills."""

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from kernel.ids import PublicId
from kernel.rest.resource import Api
from kernel.rest.structures import reference, reference_shape

API = Api(
    title="Customer bill",
    base_path="/tmf-api/customerBillManagement/v4",
    scope="bill",
    name="customer-bill",
)

BILLING_ACCOUNT = reference_shape("BillingAccount")
_MONTHS_PER_YEAR = 12


def billing_account(account_id: uuid.UUID) -> dict[str, str]:
    """Return the reference to an account."""
    return reference(account_id, "BillingAccount")


def bill_id(account_id: uuid.UUID, period_date: date) -> str:
    """Return the public id of an account's bill: there is one a month, so the month is the row's id."""
    return str(PublicId(account_id, uuid.UUID(int=period_date.year * 100 + period_date.month)))


def read_bill_id(text: str) -> tuple[uuid.UUID, date] | None:
    """Return account and first day of the month of a public id; None when it is none of a bill."""
    try:
        named = PublicId.parse(text)
    except ValueError:
        return None
    year, month = divmod(named.row_id.int, 100)
    if not (1 <= month <= _MONTHS_PER_YEAR and date.min.year <= year <= date.max.year):
        return None
    return named.account_id, date(year, month, 1)


def by_bill_id(texts: Sequence[str]) -> Q | None:
    """Return the condition that a row is of one of these bills."""
    wanted: Q | None = None
    for named in map(read_bill_id, texts):
        if named is not None:
            condition = Q(account_id=named[0], period_date=named[1])
            wanted = condition if wanted is None else wanted | condition
    return wanted
