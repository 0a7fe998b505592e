"""Gives a line another number. What else must fit is asked by `packages_app.operations.line_changes`."""

import uuid
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Line, LineActKind, SignIn
from accounts.operations.line_acts import record_line_act, require_reason
from accounts.operations.numbers import claim_number, release_number
from accounts.queries.lines import lock_line
from accounts.texts import NUMBER_CHANGED
from kernel.errors import DomainError
from kernel.phone import grouped_number
from messaging.operations.queue_sms import queue_sms
from messaging.operations.set_text_preference import move_text_preference
from messaging.texts import instant_words


class SameNumber(DomainError):
    """The line has this number."""

    code = "SAME_NUMBER"
    message = _("This is the number that the line has.")
    cure = _("Choose another number.")
    http_status = 409
    field = "new_msisdn"


def change_number(
    *, account_id: uuid.UUID, line_id: uuid.UUID, msisdn: str, staff_id: int, reason: str, now: datetime
) -> Line:
    """Give a line another number, in the caller's transaction. The old one rests; sign-ins end, codes stop working.

    Plan, money, bills and the service password stay. The line is told at its new number.

    :param msisdn: the new number, E.164.
    :return: the line as it is now.
    :raises NotFound: the account has no such line in use.
    :raises ReasonMissing: no reason was given.
    :raises SameNumber: the line has it already.
    :raises NumberTaken: another line has it.
    :raises NumberResting: somebody left it not long ago.
    """
    require_reason(reason=reason)
    line = lock_line(account_id=account_id, line_id=line_id)
    old = line.msisdn
    if msisdn == old:
        raise SameNumber
    claim_number(msisdn=msisdn, account_id=account_id, line_id=line_id, now=now)
    release_number(msisdn=old, now=now)
    line.msisdn = msisdn
    line.save(update_fields=["msisdn"])
    SignIn.objects.filter(account_id=account_id, line_id=line_id, ended_at=None).update(ended_at=now)
    move_text_preference(account_id=account_id, old=old, new=msisdn)
    record_line_act(
        account_id=account_id,
        line_id=line_id,
        kind=LineActKind.NUMBER_CHANGED,
        staff_id=staff_id,
        reason=reason,
        before=old,
        after=msisdn,
        now=now,
    )
    queue_sms(
        account_id=account_id,
        msisdn=msisdn,
        template=NUMBER_CHANGED,
        language=line.language,
        values={
            "at": instant_words(line.language, now),
            "old": grouped_number(old),
            "number": grouped_number(msisdn),
            "service_number": settings.SERVICE_NUMBER,
        },
        dedup_key=f"number-changed:{line_id}:{now.isoformat()}",
        now=now,
    )
    return line
