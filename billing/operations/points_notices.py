"""Tells customers in time that points expire."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from billing.points_texts import POINTS_EXPIRE
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import end_words

# The account's oldest line in use is told.
_EXPIRING = """
    SELECT lot.account_id, line.msisdn, line.language, lot.expires_at, lot.points
      FROM (
          SELECT account_id, expires_at, sum(left_points) AS points
            FROM billing_points_lot
           WHERE left_points > 0 AND expires_at > %(now)s AND expires_at <= %(until)s
           GROUP BY account_id, expires_at
      ) AS lot
      JOIN (
          SELECT DISTINCT ON (account_id) account_id, msisdn, language
            FROM accounts_line
           WHERE state <> 'CLOSED'
           ORDER BY account_id, id
      ) AS line ON line.account_id = lot.account_id
"""


def remind_of_expiring_points(*, now: datetime) -> int:
    """Queue a text to each account some of whose points expire within `settings.POINTS_EXPIRY_NOTICE_DAYS`.

    One text for one end of points, however often this runs.

    :return: how many texts were queued.
    """
    until = now + timedelta(days=settings.POINTS_EXPIRY_NOTICE_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRING, {"now": now, "until": until})
        requests = [
            SmsRequest(
                account_id,
                msisdn,
                POINTS_EXPIRE,
                language,
                {"points": int(points), "ends": end_words(language, expires_at)},
                f"points-expire:{expires_at:%Y-%m-%dT%H}",
            )
            for account_id, msisdn, language, expires_at, points in cursor.fetchall()
        ]
    with transaction.atomic():
        return queue_sms_batch(requests=requests, now=now)
