"""Bars a line for a reason and lifts it again (停复机): the only writer of bars, beside `arrears_bars` for many lines.

A line is suspended while any reason is open. Whoever lifts one leaves the others as they are.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.barring_texts import (
    LINE_BARRED_BY_OPERATOR,
    LINE_BARRED_LOST_SIM,
    LINE_BARRED_ON_REQUEST,
    LINE_RESTORED,
    LINE_STILL_BARRED,
    cure_words,
    several_words,
    why_words,
)
from accounts.events import line_barred, line_restored
from accounts.models import Bar, BarAuthor, BarReason, Line, LineState
from accounts.queries.bars import barred_by
from accounts.queries.lines import lock_line
from kernel.channel import Channel
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from messaging.operations.queue_sms import queue_sms
from messaging.texts import SmsTemplate, day_words, instant_words

_BARRED_TEXTS = {
    BarReason.LOST_SIM: LINE_BARRED_LOST_SIM,
    BarReason.CUSTOMER_REQUEST: LINE_BARRED_ON_REQUEST,
    BarReason.OPERATOR: LINE_BARRED_BY_OPERATOR,
    BarReason.FRAUD_REVIEW: LINE_BARRED_BY_OPERATOR,
}


class AlreadyBarred(DomainError):
    """The line is barred for this reason."""

    code = "ALREADY_BARRED"
    message = _("This number is stopped for this reason already.")
    http_status = 409


class NotBarred(DomainError):
    """The line is not barred for this reason, or not any more."""

    code = "NOT_BARRED"
    message = _("This number is not stopped for this reason.")
    http_status = 409


@dataclass(frozen=True, slots=True)
class Author:
    """Who bars or lifts, and where; staff are named by their id."""

    kind: BarAuthor
    channel: Channel
    staff_id: int | None = None


def bar_line(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    reason: BarReason,
    author: Author,
    words: str = "",
    cure: str = "",
    until_at: datetime | None = None,
    now: datetime,
) -> Bar:
    """Bar a line for a reason, at once, and tell it by text; the network is told after the commit.

    :param reason: not one of arrears, which billing decides for whole accounts (`arrears_bars`).
    :param words: why, 200 characters at most; the customer reads them.
    :param cure: what helps, where it is not what helps for the reason in general; 200 characters at most.
    :param until_at: of CUSTOMER_REQUEST, and of nothing else: when it ends by itself.
    :raises AlreadyBarred: the line is barred for this reason.
    :raises NotFound: the account has no such line in use.
    """
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        bar = Bar(
            account_id=account_id,
            line_id=line_id,
            reason=reason,
            words=words,
            cure=cure,
            started_at=now,
            started_by=author.kind,
            started_by_staff=author.staff_id,
            started_channel=author.channel,
            until_at=until_at,
        )
        if Bar.objects.filter(account_id=account_id, line_id=line_id, reason=reason, ended_at=None).exists():
            raise AlreadyBarred
        bar.save(force_insert=True)
        Line.objects.filter(account_id=account_id, id=line_id).update(state=LineState.SUSPENDED)
        _tell_barred(line, bar, now)
        tell_network(account_id=account_id, line_id=line_id, reasons=_open_reasons(account_id, line_id), at=now)
    return bar


def lift_bar(
    *, account_id: uuid.UUID, line_id: uuid.UUID, reason: BarReason, author: Author, words: str = "", now: datetime
) -> Bar:
    """Lift one reason and tell the line by one text; it is restored when no other reason is open.

    :param words: why it is lifted, for staff; 200 characters at most.
    :raises NotBarred: the line is not barred for this reason.
    :raises NotFound: the account has no such line in use.
    """
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        bar = Bar.objects.filter(account_id=account_id, line_id=line_id, reason=reason, ended_at=None).first()
        if bar is None:
            raise NotBarred
        # The clock of another machine may be a little behind the one that began it.
        bar.ended_at = max(now, bar.started_at)
        bar.ended_by, bar.ended_by_staff = author.kind, author.staff_id
        bar.ended_channel, bar.ended_words = author.channel, words
        bar.save(update_fields=["ended_at", "ended_by", "ended_by_staff", "ended_channel", "ended_words"])
        others = _open_reasons(account_id, line_id)
        if not others:
            Line.objects.filter(account_id=account_id, id=line_id).update(state=LineState.ACTIVE)
        _tell_lifted(line, bar, others, now)
        tell_network(account_id=account_id, line_id=line_id, reasons=others, at=now)
    return bar


def tell_network(*, account_id: uuid.UUID, line_id: uuid.UUID, reasons: Collection[str], at: datetime) -> None:
    """Give notice of what a line may not do now, once the caller's transaction has committed.

    :param reasons: all for which it is barred now; none restores it.
    """
    barred = barred_by(reasons)
    notice: dict[str, Any] = {"sender": Bar, "account_id": account_id, "line_id": line_id, "at": at}
    if barred:
        transaction.on_commit(partial(line_barred.send_robust, barred=barred, **notice))
    else:
        transaction.on_commit(partial(line_restored.send_robust, **notice))


def _open_reasons(account_id: uuid.UUID, line_id: uuid.UUID) -> list[str]:
    bars = Bar.objects.filter(account_id=account_id, line_id=line_id, ended_at=None)
    return list(bars.order_by("started_at", "id").values_list("reason", flat=True))


def _tell_barred(line: Line, bar: Bar, now: datetime) -> None:
    reason, language = BarReason(bar.reason), line.language
    values: dict[str, object] = {}
    if bar.until_at:
        values["until"] = day_words(language, bar.until_at)
    if _BARRED_TEXTS[reason] is LINE_BARRED_BY_OPERATOR:
        values["reason"] = bar.words or why_words(language, reason)
        values["cure"] = bar.cure or cure_words(language, reason)
    _tell(line, _BARRED_TEXTS[reason], values, f"bar:{bar.id}", now)


def _tell_lifted(line: Line, bar: Bar, others: list[str], now: datetime) -> None:
    values: dict[str, object] = {}
    if others:
        values["reason"] = why_words(line.language, bar.reason)
        values["others"] = several_words(line.language, others)
    _tell(line, LINE_STILL_BARRED if others else LINE_RESTORED, values, f"lift:{bar.id}", now)


def _tell(line: Line, template: SmsTemplate, values: dict[str, object], dedup_key: str, now: datetime) -> None:
    always = {
        "number": mask_msisdn(line.msisdn),
        "at": instant_words(line.language, now),
        "service_number": settings.SERVICE_NUMBER,
    }
    queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=template,
        language=line.language,
        values={**always, **values},
        dedup_key=dedup_key,
        now=now,
    )
