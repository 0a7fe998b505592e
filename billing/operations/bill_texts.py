"""Tells customers that their bill is ready: one text for one bill, which warns when the bill is unusual."""

import uuid
from datetime import datetime

from billing.queries.unusual_bills import list_unusual_bills
from billing.texts import BILL_READY, BILL_UNUSUAL
from kernel.clock import Month
from kernel.money import yuan_text
from messaging.operations.queue_sms_of_rows import queue_sms_of_rows
from messaging.texts import ENGLISH, month_words

# Of each account the oldest line in use. A lateral join, because the planner's statistics know nothing of bills that
# were made a moment ago.
_BILLS = """
    SELECT bill.account_id, line.msisdn, line.language,
           CASE line.language WHEN 'en' THEN %(month_in_english)s ELSE %(month_in_chinese)s END AS month,
           round(bill.total_fen / 100.0, 2)::text AS total
           {average}
      FROM billing_bill AS bill
      JOIN LATERAL (
          SELECT msisdn, language FROM accounts_line
           WHERE account_id = bill.account_id AND state <> 'CLOSED'
           ORDER BY id
           LIMIT 1
      ) AS line ON true
      {warned}
     WHERE bill.account_id > %(after)s AND bill.account_id <= %(until)s
       AND bill.period_date = %(period)s AND bill.issued_at = %(issued_at)s
       {usual}
"""
_USUAL_BILLS = _BILLS.format(average="", warned="", usual="AND bill.account_id <> ALL (%(unusual)s::uuid[])")
_UNUSUAL_BILLS = _BILLS.format(
    average=", warned.average",
    warned="JOIN unnest(%(unusual)s::uuid[], %(averages)s::text[]) AS warned (account_id, average) USING (account_id)",
    usual="",
)


def queue_bill_texts(*, month: Month, after: uuid.UUID, until: uuid.UUID, issued_at: datetime) -> int:
    """Queue the text for each bill just issued, to the oldest line in use of its account. Part of `issue_bills`.

    :param after: with `until` the accounts (after, until] of the chunk.
    :param issued_at: of the bills to tell of, from the caller's transaction.
    :return: how many texts were queued; an account without a line in use gets none.
    """
    unusual = list_unusual_bills(after, until, month)
    values = {
        "month_in_english": month_words(ENGLISH, month.first_date),
        "month_in_chinese": month_words("", month.first_date),
        "after": after,
        "until": until,
        "period": month.first_date,
        "issued_at": issued_at,
        "unusual": list(unusual),
        "averages": [yuan_text(usual_fen) for usual_fen in unusual.values()],
    }
    dedup_key = f"bill:{month}"
    queued = queue_sms_of_rows(
        template=BILL_READY, rows=_USUAL_BILLS, values=values, dedup_key=dedup_key, now=issued_at
    )
    if unusual:
        queued += queue_sms_of_rows(
            template=BILL_UNUSUAL, rows=_UNUSUAL_BILLS, values=values, dedup_key=dedup_key, now=issued_at
        )
    return queued
