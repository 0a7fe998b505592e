"""Sends a code by text. Nothing tells whether a number exists: not the answer, not the work done for it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import CodePurpose, Language, SignInCode
from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.operations.sign_in_lock import require_not_locked
from accounts.queries.bars import is_sim_lost
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from accounts.queries.work import address_day_key, number_day_key, read_answer
from accounts.texts import SERVICE_PASSWORD_CODE, SIGN_IN_CODE, STEP_UP_CODE
from kernel.enqueue import nudge_after_commit
from kernel.ids import NIL
from messaging.operations.queue_sms import queue_sms
from messaging.task_names import DELIVER_SMS

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# For what is counted and not limited.
_ANY_NUMBER = 10**6
# The first seven digits of a number (号段) are handed out together: "+86" and those.
_RANGE_LENGTH = 10
_TEMPLATES = {
    CodePurpose.SIGN_IN: SIGN_IN_CODE,
    CodePurpose.SERVICE_PASSWORD: SERVICE_PASSWORD_CODE,
    CodePurpose.STEP_UP: STEP_UP_CODE,
}


class TooManyCodes(BudgetSpent):
    """As many codes were asked for as may be, for this number, from this address, or over all."""

    code = "TOO_MANY_CODES"
    message = _("No more codes can be sent just now.")


class WorkMissing(TooManyCodes):
    """The browser did not do the sum that this code needs, or had it done before, and it is too early without."""

    code = "WORK_MISSING"
    message = _(
        "Before we send many codes a day, your browser does a small sum. It has not done one, so the next code has to"
        " wait a few minutes."
    )


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code was sent, if the number is in use.

    :ivar next_at: when the next one may be asked for.
    :ivar expires_at: until when it works.
    """

    next_at: datetime
    expires_at: datetime


def send_sign_in_code(
    *, msisdn: str, address: str, purpose: CodePurpose = CodePurpose.SIGN_IN, work: str = "", now: datetime
) -> CodeSent:
    """Send a fresh code to a number; the one before stops working. The answer is the same for numbers not in use.

    :param msisdn: E.164.
    :param purpose: what the code is good for, and nothing else. A number has one budget a day for all purposes.
    :param address: where the request came from: one IPv4 address, or the /64 of an IPv6 address.
    :param work: the answer to a sum of `accounts.queries.work`, which the third code of a day needs.
    :raises TooManyCodes: a sending limit is reached.
    :raises WorkMissing: no sum was done, and it is too early for one who does none.
    :raises SignInLocked: too many wrong codes were entered for this number.
    """
    require_not_locked(msisdn=msisdn, now=now)
    code = f"{secrets.randbelow(10**6):06d}"
    expires_at = now + timedelta(seconds=settings.SIGN_IN_CODE_LIFETIME)
    with transaction.atomic():
        _take_sending_budgets(msisdn=msisdn, address=address, purpose=purpose, work=work, now=now)
        key = SignInCode.key_of(msisdn, purpose)
        SignInCode.objects.bulk_create(
            [SignInCode(key=key, code_hash=SignInCode.hash_of(key, code), sent_at=now, expires_at=expires_at)],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["code_hash", "sent_at", "expires_at", "guesses", "used_at"],
        )
        _queue_text(msisdn=msisdn, code=code, purpose=purpose, now=now)
    return CodeSent(next_at=now + timedelta(seconds=settings.SIGN_IN_CODE_RESEND_AFTER), expires_at=expires_at)


def _take_sending_budgets(*, msisdn: str, address: str, purpose: CodePurpose, work: str, now: datetime) -> None:
    """Take one from each budget, or from none: the caller's transaction takes back what was counted before a refusal.

    Always in this order, so that two senders never wait for each other; the one that all share comes last.
    """
    resend = "resend" if purpose is CodePurpose.SIGN_IN else f"resend:{purpose.value}"
    try:
        take_from_budget(
            key=f"code:number:{resend}:{msisdn}",
            limit=1,
            period=timedelta(seconds=settings.SIGN_IN_CODE_RESEND_AFTER),
            now=now,
        )
        take_from_budget(key=f"code:number:hour:{msisdn}", limit=settings.SIGN_IN_CODES_PER_HOUR, period=_HOUR, now=now)
        of_number = take_from_budget(
            key=number_day_key(msisdn), limit=settings.SIGN_IN_CODES_PER_DAY, period=_DAY, now=now
        )
        take_from_budget(
            key=f"code:address:hour:{address}", limit=settings.SIGN_IN_CODES_PER_ADDRESS_HOUR, period=_HOUR, now=now
        )
        of_address = take_from_budget(key=address_day_key(address), limit=_ANY_NUMBER, period=_DAY, now=now)
        is_free = (
            of_number <= settings.SIGN_IN_CODES_WITHOUT_WORK
            and of_address <= settings.SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS
        )
        _take_work_or_wait(msisdn=msisdn, address=address, is_free=is_free, work=work, now=now)
        take_from_budget(
            key=f"code:range:hour:{msisdn[:_RANGE_LENGTH]}",
            limit=settings.SIGN_IN_CODES_PER_RANGE_HOUR,
            period=_HOUR,
            now=now,
        )
        take_from_budget(key="code:overall:hour", limit=settings.SIGN_IN_CODES_PER_HOUR_OVERALL, period=_HOUR, now=now)
    except BudgetSpent as spent:
        refusal = spent if isinstance(spent, WorkMissing) else TooManyCodes(next_at=spent.next_at, now=now)
        raise refusal from None


def _take_work_or_wait(*, msisdn: str, address: str, is_free: bool, work: str, now: datetime) -> None:
    """Let a code that is not free be sent for a sum that was done, each once, or after a wait.

    Of a number the wait begins with each code, however it was come by; of an address with one that was waited for: many
    people may share it.
    """
    wait = timedelta(seconds=settings.SIGN_IN_CODE_RESEND_AFTER_WITHOUT_WORK)
    is_free = is_free or _is_done(work, now=now)
    try:
        take_from_budget(
            key=f"code:number:wait:{msisdn}", limit=_ANY_NUMBER if is_free else 1, period=wait, now=now, prolong=True
        )
        if not is_free:
            take_from_budget(key=f"code:address:wait:{address}", limit=1, period=wait, now=now)
    except BudgetSpent as spent:
        raise WorkMissing(next_at=spent.next_at, now=now) from None


def _is_done(work: str, *, now: datetime) -> bool:
    """Tell whether a sum was done, and use it up."""
    name = read_answer(work, now=now)
    if name is None:
        return False
    try:
        take_from_budget(key=f"work:{name}", limit=1, period=timedelta(seconds=settings.SIGN_IN_WORK_LIFETIME), now=now)
    except BudgetSpent:
        return False
    return True


def _queue_text(*, msisdn: str, code: str, purpose: CodePurpose, now: datetime) -> None:
    """Queue the text; for a number not in use do the same work and undo it, so that both take the same time."""
    try:
        line = get_line_by_msisdn(msisdn)
    except NumberUnknown:
        line = None
    if is_sim_lost(line.account_id if line else NIL, line.id if line else NIL):
        # Whoever found the card would read the code. The service password works meanwhile.
        line = None
    with transaction.atomic():
        queue_sms(
            account_id=line.account_id if line else NIL,
            msisdn=msisdn,
            template=_TEMPLATES[purpose],
            language=line.language if line else Language.CHINESE,
            values={
                "code": code,
                "minutes": settings.SIGN_IN_CODE_LIFETIME // 60,
                "domain": urlsplit(settings.PUBLIC_URL).hostname,
                "service_number": settings.SERVICE_NUMBER,
            },
            dedup_key=f"code:{purpose.value}:{now.isoformat()}",
            now=now,
        )
        if line is None:
            transaction.set_rollback(True)
    # What was undone does not nudge the worker, which takes longer than all the rest. A second nudge is not sent.
    nudge_after_commit(DELIVER_SMS)
