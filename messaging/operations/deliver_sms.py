"""Takes texts from the outbox to the gateway: claim with a lease, commit, send, note.

Workers may die at any line and may run side by side. A claim is one UPDATE that looks at the row's state again, so two
workers that pick the same rows do not both get them (`FOR UPDATE SKIP LOCKED` would not run on a cluster). A result is
noted under the number of the try it belongs to, so a worker that comes too late changes nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction

from messaging.gateways import get_breaker, get_gateway, list_gateway_paths
from messaging.gateways.base import Outcome, OutgoingSms, SendResult
from messaging.models import SmsState
from messaging.operations.delivery_reports import ReportedText, note_network_ids
from messaging.operations.gateway_pace import settle_room, take_room
from messaging.operations.recipients import WITHHELD, list_withheld
from messaging.operations.send_batch import send_batch

_DEADLOCK = "40P01"

_CLAIM_DUE = """
    UPDATE messaging_sms
       SET state = 'SENDING', attempts = attempts + 1, lease_until = %(lease_until)s
     WHERE state = 'QUEUED'
       AND (account_id, id) IN (SELECT account_id, id
                                  FROM messaging_sms
                                 WHERE state = 'QUEUED' AND due_at <= %(now)s AND expires_at > %(now)s
                                 ORDER BY urgent DESC, due_at
                                 LIMIT %(limit)s)
    RETURNING account_id, id, msisdn, body, parts, expires_at, attempts, secret
"""

_CLAIM_LOST = """
    UPDATE messaging_sms
       SET attempts = attempts + 1, lease_until = %(lease_until)s
     WHERE state = 'SENDING' AND lease_until <= %(now)s
       AND (account_id, id) IN (SELECT account_id, id
                                  FROM messaging_sms
                                 WHERE state = 'SENDING' AND lease_until <= %(now)s AND expires_at > %(now)s
                                   AND attempts < %(max_attempts)s AND NOT secret
                                 ORDER BY lease_until
                                 LIMIT 1)
    RETURNING account_id, id, msisdn, body, parts, expires_at, attempts, secret
"""

_NOTE_RESULTS = """
    UPDATE messaging_sms AS sms
       SET state = result.state,
           attempts = result.attempts,
           due_at = COALESCE(result.retry_at, sms.due_at),
           lease_until = CASE WHEN result.state = 'SENDING' THEN sms.lease_until END,
           sent_at = result.sent_at,
           gateway = %(gateway)s,
           gateway_message_id = result.gateway_message_id,
           last_error = result.reason,
           body = CASE WHEN sms.secret AND result.state IN ('SENT', 'PARKED') THEN '' ELSE sms.body END
      FROM unnest(%(account_ids)s::uuid[], %(ids)s::uuid[], %(claimed_attempts)s::integer[], %(states)s::varchar[],
                  %(attempts)s::integer[], %(retry_ats)s::timestamptz[], %(sent_ats)s::timestamptz[],
                  %(gateway_message_ids)s::varchar[], %(reasons)s::varchar[])
           AS result (account_id, id, claimed_attempt, state, attempts, retry_at, sent_at, gateway_message_id, reason)
     WHERE sms.account_id = result.account_id AND sms.id = result.id
       AND sms.state = 'SENDING' AND sms.attempts = result.claimed_attempt
"""

_EXPIRE_LATE = """
    UPDATE messaging_sms
       SET state = 'EXPIRED', body = CASE WHEN secret THEN '' ELSE body END
     WHERE state = 'QUEUED' AND expires_at <= %(now)s
"""

_PARK_HOPELESS = """
    UPDATE messaging_sms
       SET state = 'PARKED', lease_until = NULL, body = CASE WHEN secret THEN '' ELSE body END,
           last_error = CASE WHEN last_error = '' THEN 'outcome unknown: the worker was lost' ELSE last_error END
     WHERE state = 'SENDING' AND lease_until <= %(now)s
       AND (attempts >= %(max_attempts)s OR secret OR expires_at <= %(now)s)
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: how many texts it claimed, and how many of them the network took.

    :ivar look_after: seconds until the caller should look again, because the gateway's rate left no room now; None if
        there is no need, or somebody else will.
    """

    claimed: int = 0
    sent: int = 0
    look_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Claimed:
    account_id: uuid.UUID
    sms_id: uuid.UUID
    msisdn: str
    body: str
    parts: int
    expires_at: datetime
    attempt: int
    secret: bool

    @property
    def outgoing(self) -> OutgoingSms:
        return OutgoingSms(self.sms_id, self.msisdn, self.body, self.expires_at)


def deliver_due_sms(*, now: datetime, limit: int) -> Delivery:
    """Claim up to `limit` texts that are due, urgent ones first, and send them. Call it outside transactions.

    :return: nothing claimed while the breaker is open or when another worker was quicker.
    """
    return _deliver(_CLAIM_DUE, now=now, limit=limit)


def recover_lost_sms(*, now: datetime) -> Delivery:
    """Claim one text whose worker did not come back within its lease, and send it once more.

    Call it until nothing is claimed. One at a time: whatever killed the worker then does so alone. Secret texts are
    not sent again.
    """
    return _deliver(_CLAIM_LOST, now=now, limit=1)


def retire_hopeless_sms(*, now: datetime) -> int:
    """Expire texts that are too late to send, and park lost ones that must not be tried again.

    :return: how many texts left the outbox this way.
    """
    parameters = {"now": now, "max_attempts": settings.SMS_MAX_ATTEMPTS}
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE_LATE, parameters)
        expired: int = cursor.rowcount
        cursor.execute(_PARK_HOPELESS, parameters)
        return expired + int(cursor.rowcount)


def _deliver(claim_statement: str, *, now: datetime, limit: int) -> Delivery:
    path, limit = _choose_gateway(limit)
    if not limit:
        return Delivery()
    gateway = get_gateway(path).name
    room = take_room(gateway=gateway, texts=limit, now=now)
    if not room.texts:
        return Delivery(look_after=room.look_after)
    claimed = _claim(claim_statement, now=now, limit=room.texts)
    settle_room(gateway=gateway, room=room, parts=sum(sms.parts for sms in claimed))
    if not claimed:
        return Delivery()
    withheld = list_withheld(texts=[(sms.account_id, sms.msisdn) for sms in claimed])
    kept_back = [sms for sms in claimed if (sms.account_id, sms.msisdn) in withheld]
    if kept_back:
        _note_results([(sms, SendResult(Outcome.REFUSED, reason=WITHHELD)) for sms in kept_back], gateway, now)
    leaving = [sms for sms in claimed if (sms.account_id, sms.msisdn) not in withheld]
    # Secret texts go by themselves: a defect met with another text must not leave their outcome unknown.
    groups = [[sms for sms in leaving if sms.secret is secret] for secret in (True, False)]
    sent = 0
    for group in filter(None, groups):
        batch = send_batch(
            path=path, messages=[sms.outgoing for sms in group], repeat_on_defect=not group[0].secret, now=now
        )
        outcomes = list(zip(group, batch.results, strict=True))
        _note_results(outcomes, gateway, now)
        note_network_ids(
            gateway=gateway,
            texts=[
                ReportedText(sms.account_id, sms.sms_id, sms.parts, result.report_ids)
                for sms, result in outcomes
                if result.report_ids
            ],
            now=now,
        )
        sent += sum(result.outcome is Outcome.SENT for result in batch.results)
    return Delivery(len(claimed), sent)


def _choose_gateway(limit: int) -> tuple[str, int]:
    """Return the first gateway that is not left alone just now, and how many texts it may be given."""
    for path in list_gateway_paths():
        allowed = get_breaker(path).batch_limit(limit)
        if allowed:
            return path, allowed
    return "", 0


def _claim(statement: str, *, now: datetime, limit: int) -> list[_Claimed]:
    parameters = {
        "now": now,
        "lease_until": now + timedelta(seconds=settings.SMS_LEASE_SECONDS),
        "limit": limit,
        "max_attempts": settings.SMS_MAX_ATTEMPTS,
    }
    try:
        # Committed before anything is sent: durable says so if a caller forgets.
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [_Claimed(*row) for row in cursor.fetchall()]
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != _DEADLOCK:
            raise
        return []  # two claims met in opposite order; the other one has the rows


def _note_results(outcomes: Sequence[tuple[_Claimed, SendResult]], gateway: str, now: datetime) -> None:
    rows = [_note(claimed, result, now) for claimed, result in outcomes]
    columns: Mapping[str, list[object]] = {name: [row[name] for row in rows] for name in rows[0]}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_RESULTS, {**columns, "gateway": gateway})


def _note(claimed: _Claimed, result: SendResult, now: datetime) -> dict[str, object]:
    state, attempts, retry_at = _next_step(claimed, result, now)
    return {
        "account_ids": str(claimed.account_id),
        "ids": str(claimed.sms_id),
        "claimed_attempts": claimed.attempt,
        "states": state.value,
        "attempts": attempts,
        "retry_ats": retry_at,
        "sent_ats": now if state is SmsState.SENT else None,
        "gateway_message_ids": result.gateway_message_id[:64],
        "reasons": result.reason[:200],
    }


def _next_step(claimed: _Claimed, result: SendResult, now: datetime) -> tuple[SmsState, int, datetime | None]:
    """Return the state after a result, the count of tries, and when to try again if not at once."""
    match result.outcome:
        case Outcome.SENT:
            return SmsState.SENT, claimed.attempt, None
        case Outcome.NOT_TRIED:
            return SmsState.QUEUED, claimed.attempt - 1, None
        case Outcome.UNKNOWN if not claimed.secret:
            # The lease runs on, and `recover_lost_sms` takes the text alone.
            return SmsState.SENDING, claimed.attempt, None
        case Outcome.TRY_LATER if claimed.attempt < settings.SMS_MAX_ATTEMPTS:
            pause = timedelta(seconds=settings.SMS_RETRY_SECONDS * claimed.attempt)
            return SmsState.QUEUED, claimed.attempt, now + pause
    return SmsState.PARKED, claimed.attempt, None
