"""Tells customers in time that bought data or the term of a contract ends."""

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from kernel.money import yuan_text
from kernel.volume import volume_text
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import day_words, end_words, instant_words
from packages_app.ending_texts import CONTRACT_ENDS, DATA_ENDS

# Data that is paid once and lasts longer than the notice is given before; of a day's pass everybody knows the end.
_DATA = """
    SELECT subscription.account_id, subscription.id, line.msisdn, line.language,
           subscription.terms ->> CASE line.language WHEN 'en' THEN 'name_en' ELSE 'name_zh' END,
           subscription.ends_at, sum(bucket.total - bucket.used), sum(bucket.total)
      FROM packages_subscription AS subscription
      JOIN accounts_line AS line
        ON line.account_id = subscription.account_id AND line.id = subscription.line_id AND line.state = 'ACTIVE'
      JOIN packages_bucket AS bucket
        ON bucket.account_id = subscription.account_id AND bucket.subscription_id = subscription.id
       AND bucket.usage_kind = 'DATA' AND bucket.starts_at <= %(now)s AND bucket.ends_at > %(now)s
     WHERE subscription.state = 'ACTIVE'
       AND subscription.ends_at > %(now)s AND subscription.ends_at <= %(until)s
       AND subscription.terms ->> 'recurrence' = 'ONCE'
       AND subscription.started_at < subscription.ends_at - %(notice)s
     GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(bucket.total - bucket.used) > 0
"""
_CONTRACTS = """
    SELECT bound.account_id, bound.id, bound.msisdn, bound.language, bound.name, bound.ends_at, bound.price_fen
      FROM (
          SELECT subscription.account_id, subscription.id, line.msisdn, line.language,
                 subscription.terms ->> CASE line.language WHEN 'en' THEN 'name_en' ELSE 'name_zh' END AS name,
                 (subscription.terms ->> 'price_fen')::bigint AS price_fen,
                 subscription.committed_until AS ends_at
            FROM packages_subscription AS subscription
            JOIN accounts_line AS line
              ON line.account_id = subscription.account_id AND line.id = subscription.line_id AND line.state = 'ACTIVE'
           WHERE subscription.state = 'ACTIVE'
             AND subscription.committed_until IS NOT NULL
             AND subscription.cancelled_at IS NULL
      ) AS bound
     WHERE bound.ends_at > %(now)s AND bound.ends_at <= %(until)s
"""


class _EndingData(NamedTuple):
    account_id: uuid.UUID
    subscription_id: uuid.UUID
    msisdn: str
    language: str
    name: str
    ends_at: datetime
    left_bytes: int
    total_bytes: int


class _EndingContract(NamedTuple):
    account_id: uuid.UUID
    subscription_id: uuid.UUID
    msisdn: str
    language: str
    name: str
    ends_at: datetime
    price_fen: int


def remind_of_ends(*, now: datetime) -> int:
    """Queue a text for each pack of data that ends soon with some left, and for each contract whose term ends soon.

    One text for one end, however often this runs: `settings.DATA_END_NOTICE_DAYS` and `CONTRACT_END_NOTICE_DAYS` before
    it, after the quiet hours. Lines that are not in use are not told.

    :return: how many texts were queued.
    """
    data_notice = timedelta(days=settings.DATA_END_NOTICE_DAYS)
    contract_notice = timedelta(days=settings.CONTRACT_END_NOTICE_DAYS)
    data = [_EndingData(*row) for row in _list(_DATA, now=now, until=now + data_notice, notice=data_notice)]
    contracts = [_EndingContract(*row) for row in _list(_CONTRACTS, now=now, until=now + contract_notice)]
    requests = [_data_text(ending, now) for ending in data] + [_contract_text(ending) for ending in contracts]
    with transaction.atomic():
        return queue_sms_batch(requests=requests, now=now)


def _list(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _data_text(ending: _EndingData, now: datetime) -> SmsRequest:
    return SmsRequest(
        account_id=ending.account_id,
        msisdn=ending.msisdn,
        template=DATA_ENDS,
        language=ending.language,
        values={
            "name": ending.name,
            "ends": end_words(ending.language, ending.ends_at),
            "as_of": instant_words(ending.language, now),
            "left": volume_text(int(ending.left_bytes)),
            "total": volume_text(int(ending.total_bytes)),
        },
        dedup_key=f"data-ends:{ending.subscription_id}",
    )


def _contract_text(ending: _EndingContract) -> SmsRequest:
    return SmsRequest(
        account_id=ending.account_id,
        msisdn=ending.msisdn,
        template=CONTRACT_ENDS,
        language=ending.language,
        values={
            "name": ending.name,
            "ends": day_words(ending.language, ending.ends_at),
            "price": yuan_text(ending.price_fen),
            "service_number": settings.SERVICE_NUMBER,
        },
        dedup_key=f"contract-ends:{ending.subscription_id}",
    )
