"""Tells customers that their bill is ready: one text for one bill, which warns when the bill is unusual."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from accounts.models import Language
from accounts.queries.lines import list_first_lines
from billing.queries.unusual_bills import list_unusual_bills
from billing.texts import BILL_READY, BILL_UNUSUAL
from kernel.clock import Month
from kernel.money import yuan_text
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import month_words


def queue_bill_texts(*, month: Month, totals: Mapping[uuid.UUID, int], now: datetime) -> int:
    """Queue the text for each bill just issued, to the oldest line in use of its account. Part of `issue_bills`.

    :param totals: total of the month's bill in fen by account, all from the caller's transaction.
    :return: how many texts were queued; an account without a line in use gets none.
    """
    if not totals:
        return 0
    unusual = list_unusual_bills(min(totals), max(totals), month)
    words = {language: month_words(language, month.first_date) for language in Language.values}
    dedup_key = f"bill:{month}"
    requests = [
        _request(account_id, msisdn, language, words[language], totals[account_id], unusual.get(account_id), dedup_key)
        for account_id, msisdn, language in list_first_lines(totals)
    ]
    return queue_sms_batch(requests=requests, now=now)


def _request(
    account_id: uuid.UUID, msisdn: str, language: str, month: str, total_fen: int, usual_fen: int | None, dedup_key: str
) -> SmsRequest:
    values = {"month": month, "total": yuan_text(total_fen)}
    template = BILL_READY
    if usual_fen is not None:
        template = BILL_UNUSUAL
        values["average"] = yuan_text(usual_fen)
    return SmsRequest(account_id, msisdn, template, language, values, dedup_key)
