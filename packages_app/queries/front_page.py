"""What the first page says of a line's plan, allowances, waiting orders and province, in one query."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from kernel.clock import month_of
from packages_app.models import AllowanceScope, OfferingKind, OrderState, UsageKind

# Sums are of what covers any use at home, as `queries.allowance` counts them.
_FRONT_PAGE = """
    SELECT (SELECT json_object_agg(usage_kind, json_build_array(total - used, total))
              FROM (
                  SELECT usage_kind, sum(total) AS total, sum(used) AS used
                    FROM packages_bucket
                   WHERE account_id = %(account)s AND (line_id = %(line)s OR is_shared) AND scope = %(general)s
                     AND starts_at <= %(now)s AND ends_at > %(now)s
                   GROUP BY usage_kind
              ) AS kind),
           greatest(
               (SELECT max(starts_at)
                  FROM packages_bucket
                 WHERE account_id = %(account)s AND (line_id = %(line)s OR is_shared)
                   AND starts_at <= %(now)s AND ends_at > %(now)s),
               (SELECT max(last_record_at)
                  FROM packages_usage_counter
                 WHERE account_id = %(account)s AND line_id = %(line)s AND period_date = %(period)s)
           ),
           (SELECT sold.terms
              FROM packages_subscription AS sold
              JOIN packages_offering AS offering ON offering.code = sold.offering_id
             WHERE sold.account_id = %(account)s AND sold.line_id = %(line)s AND offering.kind = %(plan)s
               AND sold.started_at <= %(now)s AND (sold.ends_at IS NULL OR sold.ends_at > %(now)s)
             ORDER BY sold.started_at DESC
             LIMIT 1),
           (SELECT json_agg(json_build_array(id, cart_id, terms, price_fen) ORDER BY quoted_at, id)
              FROM packages_order
             WHERE account_id = %(account)s AND line_id = %(line)s AND state = %(waiting)s AND expires_at > %(now)s),
           (SELECT json_build_array(code, name_zh, name_en, price_fen, recurrence)
              FROM packages_offering AS offering
             WHERE (SELECT province FROM accounts_account WHERE id = %(account)s) = ANY (provinces)
               AND on_sale_from <= %(now)s AND (on_sale_to IS NULL OR on_sale_to > %(now)s) AND minimum_star = 0
               AND NOT EXISTS (
                   SELECT
                     FROM packages_subscription AS had
                    WHERE had.account_id = %(account)s AND had.line_id = %(line)s AND had.offering_id = offering.code
                      AND had.started_at <= %(now)s AND (had.ends_at IS NULL OR had.ends_at > %(now)s)
               )
             ORDER BY on_sale_from DESC, position, code
             LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class KindLeft:
    """What is left of one kind of usage: bytes, seconds or messages. A total of 0: none is included."""

    left: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that can still be confirmed."""

    account_id: uuid.UUID
    id: uuid.UUID
    cart_id: uuid.UUID | None
    terms: Mapping[str, Any]
    price_fen: int


@dataclass(frozen=True, slots=True)
class LocalOffer:
    """What is sold in a province only. `price_fen` each time it recurs."""

    code: str
    name_zh: str
    name_en: str
    price_fen: int
    recurrence: str

    def name_in(self, language: str) -> str:
        """Return the name in "zh-hans" or "en"."""
        return self.name_en if language == "en" else self.name_zh


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What stands on the first page.

    :ivar resets_at: when the next month's allowance begins.
    :ivar updated_at: the latest use that is counted, or the latest allowance; None when there is neither.
    :ivar plan_terms: of the plan in force; None without one.
    :ivar waiting: orders that can still be confirmed, oldest first.
    :ivar local_offer: the newest that is sold in the account's province only, asks for no star and is not had yet.
    """

    data: KindLeft
    voice: KindLeft
    resets_at: datetime
    updated_at: datetime | None
    plan_terms: Mapping[str, Any] | None
    waiting: tuple[WaitingOrder, ...]
    local_offer: LocalOffer | None


def get_front_page(account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> FrontPage:
    """Return what a line's first page says at `now`; one query."""
    month = month_of(now)
    values: dict[str, Any] = {
        "account": account_id,
        "line": line_id,
        "now": now,
        "period": month.first_date,
        "general": AllowanceScope.GENERAL,
        "plan": OfferingKind.PLAN,
        "waiting": OrderState.AWAITING_CONFIRMATION,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FRONT_PAGE, values)
        kinds, updated_at, plan_terms, waiting, offer = (_read(column) for column in cursor.fetchone())
    left = {kind: KindLeft(*amounts) for kind, amounts in (kinds or {}).items()}
    return FrontPage(
        data=left.get(UsageKind.DATA, KindLeft()),
        voice=left.get(UsageKind.VOICE, KindLeft()),
        resets_at=month.ends_at,
        updated_at=updated_at,
        plan_terms=plan_terms,
        waiting=tuple(
            WaitingOrder(account_id, uuid.UUID(order_id), uuid.UUID(cart_id) if cart_id else None, terms, price_fen)
            for order_id, cart_id, terms, price_fen in waiting or ()
        ),
        local_offer=LocalOffer(*offer) if offer else None,
    )


def _read(column: Any) -> Any:
    """Django leaves JSON columns of bare cursors as text."""
    return json.loads(column) if isinstance(column, str) else column
