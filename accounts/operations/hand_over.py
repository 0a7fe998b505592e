"""Takes a line out of an account, so that its number can go on with another owner in an account of their own."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from accounts.models import (
    IdentityDocument,
    Line,
    LineActKind,
    LineState,
    NumberDirectory,
    ServicePassword,
    SignIn,
    SimCard,
)
from accounts.operations.check_service_password import unlock_service_password
from accounts.operations.documents import give_places_back
from accounts.operations.line_acts import record_line_act, require_reason
from accounts.operations.numbers import forget_codes
from accounts.operations.sign_in_lock import forget_tries
from accounts.queries.lines import lock_line


@dataclass(frozen=True, slots=True)
class LeftLine:
    """A line that has left its account.

    :ivar sim: the closed row of the card that it used, None when none was noted.
    """

    line: Line
    sim: SimCard | None


def take_line_out(*, account_id: uuid.UUID, line_id: uuid.UUID, staff_id: int, reason: str, now: datetime) -> LeftLine:
    """Close a line whose number goes on with another owner at once, in the caller's transaction.

    Its sign-ins end, its service password is gone, no code that was sent works. Everything else stays with the account:
    bills, records, texts, money.

    :raises NotFound: the account has no such line in use.
    :raises ReasonMissing: no reason was given.
    """
    require_reason(reason=reason)
    line = lock_line(account_id=account_id, line_id=line_id)
    line.state = LineState.CLOSED
    line.save(update_fields=["state"])
    NumberDirectory.objects.filter(msisdn=line.msisdn).delete()
    forget_codes(msisdn=line.msisdn)
    SignIn.objects.filter(account_id=account_id, line_id=line_id, ended_at=None).update(ended_at=now)
    ServicePassword.objects.filter(account_id=account_id, line_id=line_id).delete()
    # What the old owner guessed wrong does not lock the new one out.
    unlock_service_password(msisdn=line.msisdn)
    forget_tries(msisdn=line.msisdn)
    document = IdentityDocument.objects.filter(account_id=account_id).first()
    if document is not None:
        give_places_back(number_hash=document.number_hash, lines=1)
    sim = SimCard.objects.filter(account_id=account_id, line_id=line_id, to_at=None).first()
    SimCard.objects.filter(account_id=account_id, line_id=line_id, to_at=None).update(to_at=now)
    record_line_act(
        account_id=account_id,
        line_id=line_id,
        kind=LineActKind.HANDED_OVER,
        staff_id=staff_id,
        reason=reason,
        now=now,
    )
    return LeftLine(line, sim)
