"""Shows staff what is masked of a customer, for a reason that is written down."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import StaffUser, TraceKind
from accounts.operations.staff_traces import Trace, record_traces
from accounts.queries.customers import get_customer_name
from accounts.queries.line_history import get_any_line


@dataclass(frozen=True, slots=True)
class Revealed:
    """Name and number, whole."""

    name: str
    msisdn: str


def reveal_customer(
    *, account_id: uuid.UUID, line_id: uuid.UUID, staff: StaffUser, reason: str, address: str, now: datetime
) -> Revealed:
    """Return name and number of a line's customer, once it is written down who wanted to see them and why.

    :param address: where the member of staff sits.
    :raises NotFound: the account has no such line, closed or not.
    """
    with transaction.atomic():
        revealed = Revealed(
            name=get_customer_name(account_id), msisdn=get_any_line(account_id=account_id, line_id=line_id).msisdn
        )
        trace = Trace(TraceKind.REVEAL, "reveal_customer", account_id=account_id, line_id=line_id, reason=reason)
        record_traces(staff=staff, traces=[trace], address=address, now=now)
    return revealed
