"""Answers what a line sent: its hall reads the wish, the capability carries it out, the answer goes out as texts."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.models import Line
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from channels.capabilities.base import Answer, Refusal, Words
from channels.capabilities.registry import get_capability
from channels.halls import flash_call, sms
from channels.halls.wish import Wish
from channels.operations.record_interaction import record_interaction
from channels.texts import SORRY
from kernel.channel import Channel
from kernel.errors import DomainError
from kernel.masking import mask_long_digits
from messaging.models import Inbound, InboundKind
from messaging.operations.answer_inbound import (
    InboundSettled,
    count_answer_try,
    lock_unanswered,
    mark_answered,
    replace_body,
)
from messaging.operations.queue_sms import queue_sms

log = structlog.get_logger(__name__)

GIVEN_UP = "GIVEN_UP"
ANY_WISH = "unread"


@dataclass(frozen=True, slots=True)
class _Hall:
    channel: Channel
    read: Callable[[Inbound], Wish]


_HALLS: Mapping[str, _Hall] = {
    InboundKind.SMS: _Hall(sms.CHANNEL, sms.read),
    InboundKind.CALL: _Hall(flash_call.CHANNEL, flash_call.read),
}


def answer_inbound(*, account_id: uuid.UUID, inbound_id: uuid.UUID, now: datetime) -> None:
    """Answer a text or call once, in one transaction, whoever is told to and how often. Call it outside transactions.

    A try is counted beforehand. When the last one of `settings.INBOUND_MAX_ATTEMPTS` fails too, the line is told that
    it did not work.

    :raises Exception: what went wrong in this try; nothing changed but the count.
    """
    try:
        attempt = count_answer_try(account_id=account_id, inbound_id=inbound_id)
        with transaction.atomic():
            _answer(lock_unanswered(account_id=account_id, inbound_id=inbound_id), now)
    except InboundSettled:
        return
    except Exception:
        if attempt == settings.INBOUND_MAX_ATTEMPTS:
            log.exception("inbound_given_up", inbound_id=str(inbound_id))
            _give_up(account_id, inbound_id, now)
        raise


def _answer(inbound: Inbound, now: datetime) -> None:
    hall = _HALLS[inbound.kind]
    wish = hall.read(inbound)
    try:
        line = _line_of(inbound)
    except NumberUnknown as error:
        # The number left this account since: there is nobody to answer.
        outcome = error.code
    else:
        # A refusal may put figures into its words as it is raised, so the line's language rules from there on.
        with translation.override(line.language):
            answer = _carry_out(wish, line, hall.channel, now)
        outcome = answer.outcome
        for number, words in enumerate(answer.words(line.language), start=1):
            _queue(line, words, f"answer:{inbound.id}:{number}", now)
    record_interaction(
        channel=hall.channel, capability=wish.capability, outcome=outcome, account_id=inbound.account_id, now=now
    )
    if wish.keep is not None:
        replace_body(account_id=inbound.account_id, inbound_id=inbound.id, body=wish.keep)
    mark_answered(account_id=inbound.account_id, inbound_id=inbound.id, now=now)


def _carry_out(wish: Wish, line: Line, channel: Channel, now: datetime) -> Answer:
    """Run the capability. No savepoint around it: what a refusal leaves behind, such as a counted guess, must stay."""
    try:
        return get_capability(wish.capability).run(line=line, channel=channel, arguments=wish.arguments, now=now)
    except DomainError as error:
        return Refusal(error)


def _line_of(inbound: Inbound) -> Line:
    line = get_line_by_msisdn(inbound.from_msisdn)
    if line.account_id != inbound.account_id:
        raise NumberUnknown
    return line


def _queue(line: Line, words: Words, dedup_key: str, now: datetime) -> None:
    queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=words.template,
        language=line.language,
        values=words.values,
        dedup_key=dedup_key,
        now=now,
    )


def _give_up(account_id: uuid.UUID, inbound_id: uuid.UUID, now: datetime) -> None:
    with transaction.atomic():
        inbound = lock_unanswered(account_id=account_id, inbound_id=inbound_id)
        _queue(
            _line_of(inbound), Words(SORRY, {"service_number": settings.SERVICE_NUMBER}), f"answer:{inbound_id}:1", now
        )
        record_interaction(
            channel=_HALLS[inbound.kind].channel,
            capability=ANY_WISH,
            outcome=GIVEN_UP,
            account_id=account_id,
            now=now,
        )
        replace_body(account_id=account_id, inbound_id=inbound_id, body=mask_long_digits(inbound.body))
