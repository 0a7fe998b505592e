"""Turns thresholds that were passed into texts."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kernel.money import yuan_text
from kernel.volume import allowance_texts
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import SmsTemplate, instant_words
from packages_app.queries.terms import get_name
from packages_app.usage_texts import (
    CAP_NEAR,
    CAP_REACHED,
    FIRST_USE,
    FIRST_USE_WITHOUT_ALLOWANCE,
    THRESHOLD_PASSED,
    USED_UP,
    beyond_words,
)


def queue_data_reminders(*, crossings: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Queue one text for each threshold passed, in the transaction that noted it.

    :param crossings: as `packages_note_thresholds` returns them: `used`, `total` in bytes, `as_of` the latest record.
    :return: how many texts were queued.
    """
    return queue_sms_batch(requests=[_request(crossing) for crossing in crossings], now=now)


def _request(crossing: Mapping[str, Any]) -> SmsRequest:
    percent, language = crossing["threshold_percent"], crossing["language"]
    as_of = instant_words(language, datetime.fromisoformat(crossing["as_of"]))
    template, values = _cap_words(crossing) if crossing["is_cap"] else _allowance_words(crossing)
    return SmsRequest(
        account_id=uuid.UUID(crossing["account_id"]),
        msisdn=crossing["msisdn"],
        template=template,
        language=language,
        values={"as_of": as_of, **values},
        dedup_key=reminder_key(
            line_id=crossing["line_id"],
            bucket_id=crossing["bucket_id"],
            cycle_date=crossing["cycle_date"],
            percent=percent,
        ),
    )


def _allowance_words(crossing: Mapping[str, Any]) -> tuple[SmsTemplate, dict[str, object]]:
    percent, total, used, language = (crossing[name] for name in ("threshold_percent", "total", "used", "language"))
    if percent >= 100:
        template = USED_UP
    elif percent > 0:
        template = THRESHOLD_PASSED
    else:
        template = FIRST_USE if total else FIRST_USE_WITHOUT_ALLOWANCE
    words = allowance_texts(total, used)
    return template, {
        "name": get_name(crossing["terms"], language) if crossing["terms"] else "",
        "percent": used * 100 // total if total else 0,
        "used": words.used,
        "left": words.left,
        "total": words.total,
        "beyond": beyond_words(language, price=crossing["price"], cap_fen=crossing["cap_fen"]),
    }


def _cap_words(crossing: Mapping[str, Any]) -> tuple[SmsTemplate, dict[str, object]]:
    fee_fen, cap_fen = crossing["fee_fen"], crossing["cap_fen"]
    if crossing["threshold_percent"] >= 100:
        return CAP_REACHED, {"cap": yuan_text(cap_fen), "next": yuan_text(crossing["next_cap_fen"])}
    return CAP_NEAR, {"fee": yuan_text(fee_fen), "cap": yuan_text(cap_fen), "percent": fee_fen * 100 // cap_fen}


def reminder_key(*, line_id: str, bucket_id: str, cycle_date: str, percent: int) -> str:
    """Return the reason key of a reminder: one text per line, bucket, cycle and threshold, ever."""
    return f"data-reminder:{line_id}:{bucket_id}:{cycle_date}:{percent}"
