"""The sandbox's own side: a visitor pays or refuses at its cashier, and it tells the hall until the hall has heard."""

from datetime import datetime, timedelta
from enum import Enum

import requests
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse

from billing.gateways.base import PaymentOutcome
from billing.gateways.sandbox import SandboxProvider, payment_of, signed_notice
from billing.models import SandboxPayment
from billing.queries.sandbox_payments import get_sandbox_payment
from billing.task_names import SEND_SANDBOX_NOTICES
from kernel.enqueue import enqueue_after_commit

ACKNOWLEDGED = b"success"
NOTICE_REPEAT_SECONDS = 15
LATE_NOTICE_SECONDS = 60
MOST_NOTICES = 40
_TIMEOUT_SECONDS = (1, 5)

_COLUMNS = [field.attname for field in SandboxPayment._meta.concrete_fields]
# The claim itself sets when the notice is due again, so no lock is held while it is under way.
_CLAIM_DUE = f"""
    UPDATE billing_sandbox_payment
       SET notices_sent = notices_sent + 1, notice_due_at = %(again_at)s
     WHERE notice_due_at <= %(now)s
       AND payment_number IN (
           SELECT payment_number FROM billing_sandbox_payment
            WHERE notice_due_at <= %(now)s
            ORDER BY notice_due_at
            LIMIT %(limit)s
       )
    RETURNING {", ".join(_COLUMNS)}
"""  # noqa: S608 (the names of our own columns)

log = structlog.get_logger(__name__)


class Telling(Enum):
    """How the sandbox tells the hall of a decision, so that a visitor can see what comes of each."""

    AT_ONCE = "AT_ONCE"
    LATE = "LATE"
    TWICE = "TWICE"
    NEVER = "NEVER"


def decide_sandbox_payment(
    *, payment_number: str, paid: bool, now: datetime, telling: Telling = Telling.AT_ONCE
) -> SandboxPayment:
    """Note the visitor's decision at the cashier and set out to tell the hall. The first decision stands.

    :param telling: NEVER cuts the line: no notice is sent, and the hall's first question stays without an answer.
    :return: the payment as it stands.
    :raises NotFound: the cashier has no such payment.
    """
    due_at = {
        Telling.AT_ONCE: now,
        Telling.LATE: now + timedelta(seconds=LATE_NOTICE_SECONDS),
        Telling.TWICE: now,
        Telling.NEVER: None,
    }[telling]
    with transaction.atomic():
        decided = SandboxPayment.objects.filter(payment_number=payment_number, outcome=PaymentOutcome.OPEN).update(
            outcome=PaymentOutcome.PAID if paid else PaymentOutcome.REFUSED,
            decided_at=now,
            notice_due_at=due_at,
            notices_wanted=2 if telling is Telling.TWICE else 1,
            silences=1 if telling is Telling.NEVER else 0,
        )
        if decided and telling in (Telling.AT_ONCE, Telling.TWICE):
            enqueue_after_commit(SEND_SANDBOX_NOTICES)
    return get_sandbox_payment(payment_number)


def send_sandbox_notices(*, now: datetime, limit: int = 100) -> int:
    """Post every notice that is due to the hall, signed, over HTTP; those not acknowledged are due again later.

    :return: how many were acknowledged.
    """
    with connection.cursor() as cursor:
        again_at = now + timedelta(seconds=NOTICE_REPEAT_SECONDS)
        cursor.execute(_CLAIM_DUE, {"again_at": again_at, "now": now, "limit": limit})
        due = [SandboxPayment.from_db(None, _COLUMNS, row) for row in cursor.fetchall()]
    heard = [row for row in due if _is_acknowledged(row, now)]
    again = [row.payment_number for row in heard if row.notices_wanted > 1]
    SandboxPayment.objects.filter(payment_number__in=again).update(notices_wanted=F("notices_wanted") - 1)
    finished = [row.payment_number for row in heard if row.notices_wanted <= 1]
    finished += [row.payment_number for row in due if row.notices_sent >= MOST_NOTICES]
    SandboxPayment.objects.filter(payment_number__in=finished).update(notice_due_at=None)
    return len(heard)


def _is_acknowledged(row: SandboxPayment, now: datetime) -> bool:
    url = settings.PUBLIC_URL + reverse("billing:payment-callback", args=[SandboxProvider.name])
    body, headers = signed_notice(payment_of(row), now=now)
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("sandbox_notice_not_delivered", error=type(error).__name__)
        return False
    if answer.status_code != requests.codes.ok or answer.content != ACKNOWLEDGED:
        log.warning("sandbox_notice_not_acknowledged", status=answer.status_code)
        return False
    return True
