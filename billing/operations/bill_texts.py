"""Tells customers that their bill is ready: one text for one bill, which warns when the bill is unusual."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.queries.lines import list_first_lines
from billing.queries.unusual_bills import average_fen, is_unusual, list_totals_before
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
    before = list_totals_before(totals, month)
    requests = [
        _request(account_id, msisdn, language, month, totals[account_id], before.get(account_id, ()))
        for account_id, msisdn, language in list_first_lines(totals)
    ]
    return queue_sms_batch(requests=requests, now=now)


def _request(
    account_id: uuid.UUID, msisdn: str, language: str, month: Month, total_fen: int, before_fen: Sequence[int]
) -> SmsRequest:
    values = {"month": month_words(language, month.first_date), "total": yuan_text(total_fen)}
    template = BILL_READY
    if is_unusual(total_fen, before_fen):
        template = BILL_UNUSUAL
        values["average"] = yuan_text(average_fen(before_fen))
    return SmsRequest(account_id, msisdn, template, language, values, f"bill:{month}")
