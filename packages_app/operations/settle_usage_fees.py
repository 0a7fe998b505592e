"""Charges what was used beyond the plan: a line's month and kind at a time, never more than its price and the cap."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.models import BillHead, ChargeReason
from billing.operations.charge import ChargeRequest, charge_accounts
from kernel.clock import Month, month_of
from packages_app.usage_texts import beyond_name

MONTHS_AT_ONCE = 500
_HEADS = {"DATA": BillHead.DATA, "VOICE": BillHead.VOICE, "SMS": BillHead.MESSAGES}

_Key = tuple[str, str]

_LIST_LINES = """
    SELECT DISTINCT account_id, line_id
      FROM packages_usage_beyond
     WHERE period_date = %s AND (account_id, line_id) > (%s::uuid, %s::uuid)
     ORDER BY account_id, line_id
     LIMIT %s
"""
# Also the lock: who holds a month's row may charge it.
_OPEN_FEES = """
    INSERT INTO packages_usage_fee (account_id, id, line_id, period_date, usage_kind, charged_fen)
    SELECT account_id, md5(concat_ws('|', line_id, period_date, usage_kind))::uuid, line_id, period_date, usage_kind, 0
      FROM packages_priced_usage
     WHERE period_date = %(period)s AND account_id = ANY (%(accounts)s::uuid[]) AND line_id = ANY (%(lines)s::uuid[])
       AND fee_fen > 0
     ORDER BY account_id, line_id, usage_kind
    ON CONFLICT DO NOTHING;
    SELECT FROM packages_usage_fee
     WHERE period_date = %(period)s AND account_id = ANY (%(accounts)s::uuid[]) AND line_id = ANY (%(lines)s::uuid[])
     ORDER BY account_id, line_id, usage_kind
       FOR NO KEY UPDATE
"""
# What is due of a kind, as far as the month's cap leaves room: data first, then voice, then texts.
_LIST_DUE = """
    SELECT due.account_id, due.id, due.line_id, line.msisdn, line.language, due.usage_kind, due.charged_fen,
           least(due.due_fen, due.room_fen - (sum(due.due_fen) OVER in_turn - due.due_fen))::bigint AS amount_fen
      FROM (
          SELECT fee.account_id, fee.id, fee.line_id, fee.usage_kind, fee.charged_fen,
                 greatest(priced.fee_fen - fee.charged_fen, 0) AS due_fen,
                 cap.cap_fen - sum(fee.charged_fen) OVER (PARTITION BY fee.account_id, fee.line_id) AS room_fen
            FROM packages_usage_fee AS fee
            JOIN packages_priced_usage AS priced
              ON priced.account_id = fee.account_id AND priced.line_id = fee.line_id
             AND priced.period_date = fee.period_date AND priced.usage_kind = fee.usage_kind
           CROSS JOIN LATERAL packages_cap_of(fee.account_id, fee.line_id, fee.period_date, %(house_cap)s) AS cap
           WHERE fee.period_date = %(period)s AND fee.account_id = ANY (%(accounts)s::uuid[])
             AND fee.line_id = ANY (%(lines)s::uuid[])
      ) AS due
      JOIN accounts_line AS line ON line.account_id = due.account_id AND line.id = due.line_id
    WINDOW in_turn AS (
        PARTITION BY due.account_id, due.line_id
        ORDER BY CASE due.usage_kind WHEN 'DATA' THEN 1 WHEN 'VOICE' THEN 2 ELSE 3 END
    )
"""
_NOTE_CHARGED = """
    UPDATE packages_usage_fee AS fee
       SET charged_fen = fee.charged_fen + made.amount_fen
      FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS made (account_id, id, amount_fen)
     WHERE fee.account_id = made.account_id AND fee.id = made.id
"""


def settle_usage_fees(*, now: datetime, months_at_once: int = MONTHS_AT_ONCE) -> int:
    """Charge what use beyond the plan costs by now and was not charged: one charge, one notice a line, month and kind.

    Charged is the month's fee so far, rounded once, less what was charged of it before, up to the cap: however often it
    is run and in whatever order records came, the month's charges add up to the same. What arrives after the bill is on
    the next one. Committed chunk by chunk; runs at once wait for each other and charge nothing twice.

    :param months_at_once: lines in one transaction.
    :return: how many charges were made.
    """
    charged = 0
    month = month_of(now - timedelta(days=settings.USAGE_OLDEST_DAYS))
    while month <= month_of(now):
        after: _Key = (str(uuid.UUID(int=0)), str(uuid.UUID(int=0)))
        while lines := _list_lines(month, after, months_at_once):
            charged += _settle(month, lines, now)
            after = lines[-1]
        month = month.next
    return charged


def _list_lines(month: Month, after: _Key, limit: int) -> list[_Key]:
    with connection.cursor() as cursor:
        cursor.execute(_LIST_LINES, [month.first_date, *after, limit])
        return [(str(account_id), str(line_id)) for account_id, line_id in cursor.fetchall()]


def _settle(month: Month, lines: Sequence[_Key], now: datetime) -> int:
    values: dict[str, Any] = {
        "period": month.first_date,
        "accounts": [account_id for account_id, _line_id in lines],
        "lines": [line_id for _account_id, line_id in lines],
        "house_cap": settings.USAGE_CAP_FEN,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN_FEES, values)
        cursor.execute(_LIST_DUE, values)
        requests = [_request(*row, month=month) for row in cursor.fetchall() if row[-1] > 0]
        made = charge_accounts(requests=requests, now=now)
        refused = {refusal.index for refusal in made.refused}
        charged = [request for index, request in enumerate(requests) if index not in refused]
        cursor.execute(
            _NOTE_CHARGED,
            [
                [request.account_id for request in charged],
                [request.reason_id for request in charged],
                [request.amount_fen for request in charged],
            ],
        )
    return made.settled + made.due


def _request(
    account_id: uuid.UUID,
    fee_id: uuid.UUID,
    line_id: uuid.UUID,
    msisdn: str,
    language: str,
    usage_kind: str,
    charged_fen: int,
    amount_fen: int,
    *,
    month: Month,
) -> ChargeRequest:
    return ChargeRequest(
        account_id=account_id,
        line_id=line_id,
        msisdn=msisdn,
        language=language,
        head=_HEADS[usage_kind],
        name=beyond_name(language, usage_kind=usage_kind, first_date=month.first_date),
        provider_name="",
        amount_fen=amount_fen,
        reason=ChargeReason.USAGE,
        reason_id=fee_id,
        charge_key=f"usage:{fee_id}:{charged_fen}",
    )
