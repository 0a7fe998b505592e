"""Staff sign a line out everywhere, such as after a phone was lost."""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import SignIn, StaffUser, TraceKind
from accounts.operations.staff_traces import Trace, record_traces


def end_all_sign_ins(
    *, account_id: uuid.UUID, line_id: uuid.UUID, staff: StaffUser, reason: str, address: str, now: datetime
) -> int:
    """Sign a line out on every browser; who did it, and why, is written down with it.

    :param address: where the member of staff sits.
    :return: how many sign-ins were ended; with none left nothing but the trace is written.
    """
    with transaction.atomic():
        ended = SignIn.objects.filter(account_id=account_id, line_id=line_id, ended_at=None).update(ended_at=now)
        trace = Trace(
            TraceKind.ACT, "end_all_sign_ins", account_id=account_id, line_id=line_id, count=ended, reason=reason
        )
        record_traces(staff=staff, traces=[trace], address=address, now=now)
    return ended
