"""Writes down what staff look at and do. Rows are only ever added."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import StaffTrace, StaffUser, TraceKind, TraceOutcome

_LONGEST = {"page": 100, "row_key": 200, "sent": 200, "reason": 200, "address": 48}


@dataclass(frozen=True, slots=True)
class Trace:
    """What is written down of one look or deed.

    :ivar page: name of the page's address, such as "billing_wallet_change", or of the operation.
    :ivar account_id: whose data, None where it is nobody's or many customers'.
    :ivar row_key: the record, as the page's address names it.
    :ivar count: rows of customers that a list showed or a file held, where known.
    :ivar sent: names of the fields sent, never what was in them.
    :ivar reason: why, where it was asked for.
    """

    kind: TraceKind
    page: str
    account_id: uuid.UUID | None = None
    line_id: uuid.UUID | None = None
    row_key: str = ""
    count: int = 0
    sent: str = ""
    reason: str = ""
    outcome: TraceOutcome = TraceOutcome.DONE


def record_traces(*, staff: StaffUser, traces: Sequence[Trace], address: str, now: datetime) -> None:
    """Write down what a member of staff looked at or did, in one statement; what is too long is cut.

    :param address: where they sit, as `accounts.web.client_address` tells it.
    """
    StaffTrace.objects.bulk_create(
        StaffTrace(
            at=now,
            staff_id=staff.id,
            username=staff.username,
            kind=trace.kind,
            outcome=trace.outcome,
            page=trace.page[: _LONGEST["page"]],
            account_id=trace.account_id,
            line_id=trace.line_id,
            row_key=trace.row_key[: _LONGEST["row_key"]],
            count=trace.count,
            sent=trace.sent[: _LONGEST["sent"]],
            reason=trace.reason[: _LONGEST["reason"]],
            address=address[: _LONGEST["address"]],
        )
        for trace in traces
    )
