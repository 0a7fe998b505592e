"""Plain Django views that answer JSON from the same rows, behind the same token check, and nothing else."""

import json
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from kernel.clock import now
from partners.operations.admit_call import find_caller

_BUCKETS = """
SELECT wallet.account_id, NULL AS id, 'monetary' AS usage_type, wallet.cash_fen + wallet.bonus_fen AS remaining,
       wallet.held_fen AS reserved, account.created_at AS starts_at, NULL AS ends_at, NULL AS terms
  FROM billing_wallet AS wallet JOIN accounts_account AS account ON account.id = wallet.account_id
 WHERE account.customer_id = %(customer_id)s
   AND account.id IN (SELECT account_id FROM accounts_partner_grant WHERE client_id = %(client_id)s)
UNION ALL
SELECT bucket.account_id, bucket.id, lower(bucket.usage_kind), bucket.total - bucket.used, 0, bucket.starts_at,
       bucket.ends_at, subscription.terms
  FROM packages_bucket AS bucket
  JOIN accounts_account AS account ON account.id = bucket.account_id
  JOIN packages_subscription AS subscription
    ON subscription.account_id = bucket.account_id AND subscription.id = bucket.subscription_id
 WHERE account.customer_id = %(customer_id)s AND bucket.starts_at <= %(now)s AND bucket.ends_at > %(now)s
   AND account.id IN (SELECT account_id FROM accounts_partner_grant WHERE client_id = %(client_id)s)
"""
_BILL = """
SELECT bill.account_id, bill.period_date, bill.total_fen, bill.issued_at, account.customer_id,
       (SELECT coalesce(sum(line.amount_fen), 0) FROM billing_bill_line AS line
          JOIN billing_charge AS charge ON charge.account_id = line.account_id AND charge.id = line.charge_id
         WHERE line.account_id = bill.account_id AND line.period_date = bill.period_date
           AND charge.settled_at IS NULL) AS owed_fen
  FROM billing_bill AS bill JOIN accounts_account AS account ON account.id = bill.account_id
 WHERE bill.account_id = %(account_id)s AND bill.period_date = %(period_date)s
   AND bill.account_id IN (SELECT account_id FROM accounts_partner_grant WHERE client_id = %(client_id)s)
"""


def buckets(request: HttpRequest) -> HttpResponse:
    """Answer what is left to a customer."""
    rows = _rows(_BUCKETS, request, customer_id=request.GET["relatedParty.id"], now=now())
    for row in rows:
        row["name"] = json.loads(row.pop("terms") or "{}").get("name_en", "")
    return JsonResponse(rows, safe=False)


def bill(request: HttpRequest, account_id: str, period_date: str) -> HttpResponse:
    """Answer one bill."""
    [row] = _rows(_BILL, request, account_id=account_id, period_date=period_date)
    return JsonResponse(row)


def _rows(sql: str, request: HttpRequest, **values: Any) -> list[dict[str, Any]]:
    caller = find_caller(token=request.headers["Authorization"].removeprefix("Bearer "), now=now())
    assert caller is not None
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "client_id": caller.client_id})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


urlpatterns = [path("bucket", buckets), path("bill/<str:account_id>/<str:period_date>", bill)]
