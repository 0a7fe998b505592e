"""Brings in what lines have, or had, in another system, each with its order and the proof of its second yes."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from kernel.clock import month_of
from kernel.copy_rows import NULL, copy_rows
from kernel.errors import DomainError
from packages_app.models import EvidenceKind, FirstMonthRule, MonthTurn, OrderState, SubscriptionState
from packages_app.operations.buckets import bucket_id, cycle_of
from packages_app.operations.order_steps import BY_LINE
from packages_app.queries.catalogue import list_all_offerings
from packages_app.queries.terms import Terms, get_terms

_Rows = Iterator[tuple[object, ...]]

_ORDER_COLUMNS = (
    *(
        "account_id",
        "id",
        "line_id",
        "offering_id",
        "terms",
        "quote",
        "price_fen",
        "state",
        "channel",
        "request_key",
        "code_hash",
    ),
    *("guesses", "quoted_at", "expires_at", "confirmed_at", "confirmed_channel", "ended_at", "failure"),
)
_EVIDENCE_COLUMNS = ("account_id", "order_id", "number", "kind", "channel", "actor", "detail", "at")
_SUBSCRIPTION_COLUMNS = (
    *("account_id", "id", "line_id", "offering_id", "terms"),
    *("state", "first_month", "started_at", "ends_at", "cancelled_channel"),
)
_BUCKET_COLUMNS = (
    *("account_id", "id", "line_id", "subscription_id", "allowance_number", "usage_kind"),
    *("scope", "scope_value", "is_shared"),
    *("total", "used", "starts_at", "ends_at"),
)


class TurnUnderWay(DomainError):
    """The month is being turned: who comes in now might be charged what another system charged already."""

    code = "TURN_UNDER_WAY"
    message = _("The fees of this month are being charged at this moment.")
    cure = _("Bring the lines in when the turn of the month is complete.")
    http_status = 409


class ImportedSubscription(NamedTuple):
    """What a line got by an order that was confirmed in another system.

    :ivar order_id: new in this house; the subscription has it too.
    :ivar offering_code: in this house's catalogue, on whose terms it goes on.
    :ivar channel: where it was ordered and confirmed, a `kernel.channel.Channel` value.
    :ivar reply: the customer's second yes, in the words kept there.
    :ivar expires_at: until when the order could have been confirmed.
    :ivar ends_at: None until it is cancelled.
    """

    account_id: uuid.UUID
    line_id: uuid.UUID
    order_id: uuid.UUID
    offering_code: str
    channel: str
    reply: str
    ordered_at: datetime
    confirmed_at: datetime
    expires_at: datetime
    ends_at: datetime | None


def import_subscriptions(*, subscriptions: Sequence[ImportedSubscription], now: datetime) -> None:
    """Bring in subscriptions with their completed orders and evidence, and open their allowances of this month.

    All or nothing, in the caller's transaction if there is one. Nothing is charged: `billing.operations.import_history`
    brings in what was.

    :param subscriptions: of lines in this house.
    :param now: what has ended before is ended; the month of the allowances.
    :raises IntegrityError: an order is here already, or not confirmed in time.
    :raises TurnUnderWay: the fees of this month are being charged at this moment.
    """
    _require_month_turned(now)
    terms = {offering.code: get_terms(offering) for offering in list_all_offerings()}
    texts = {code: json.dumps(offered, ensure_ascii=False) for code, offered in terms.items()}
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(cursor, "packages_order", _ORDER_COLUMNS, _order_rows(subscriptions, terms, texts))
        copy_rows(cursor, "packages_order_evidence", _EVIDENCE_COLUMNS, _evidence_rows(subscriptions, texts))
        copy_rows(cursor, "packages_subscription", _SUBSCRIPTION_COLUMNS, _subscription_rows(subscriptions, texts, now))
        copy_rows(cursor, "packages_bucket", _BUCKET_COLUMNS, _bucket_rows(subscriptions, terms, now))


def _require_month_turned(now: datetime) -> None:
    """Note that this month's fees were charged where the lines come from, unless the house charged its own before."""
    turn, _noted = MonthTurn.objects.get_or_create(
        period_date=month_of(now).first_date, defaults={"started_at": now, "finished_at": now}
    )
    if turn.finished_at is None:
        raise TurnUnderWay


def _order_rows(
    subscriptions: Sequence[ImportedSubscription], terms: Mapping[str, Terms], texts: Mapping[str, str]
) -> _Rows:
    for sold in subscriptions:
        yield (
            *(sold.account_id, sold.order_id, sold.line_id, sold.offering_code, texts[sold.offering_code]),
            "{}",
            *(terms[sold.offering_code]["price_fen"], OrderState.COMPLETED, sold.channel, f"import:{sold.order_id}"),
            *("", 0, sold.ordered_at, sold.expires_at, sold.confirmed_at, sold.channel, sold.confirmed_at, ""),
        )


def _evidence_rows(subscriptions: Sequence[ImportedSubscription], texts: Mapping[str, str]) -> _Rows:
    offered = {code: f'{{"terms": {text}}}' for code, text in texts.items()}
    for sold in subscriptions:
        reply = json.dumps({"reply": sold.reply}, ensure_ascii=False)
        steps = (
            (EvidenceKind.OFFERED, offered[sold.offering_code], sold.ordered_at),
            (EvidenceKind.REPLY, reply, sold.confirmed_at),
            (EvidenceKind.CONFIRMED, "{}", sold.confirmed_at),
        )
        for number, (kind, detail, at) in enumerate(steps, start=1):
            yield sold.account_id, sold.order_id, number, kind, sold.channel, BY_LINE, detail, at


def _subscription_rows(subscriptions: Sequence[ImportedSubscription], texts: Mapping[str, str], now: datetime) -> _Rows:
    for sold in subscriptions:
        over = sold.ends_at is not None and sold.ends_at <= now
        yield (
            *(sold.account_id, sold.order_id, sold.line_id, sold.offering_code, texts[sold.offering_code]),
            *(
                SubscriptionState.ENDED if over else SubscriptionState.ACTIVE,
                FirstMonthRule.FULL,
                sold.confirmed_at,
                sold.ends_at or NULL,
                "",
            ),
        )


def _bucket_rows(subscriptions: Sequence[ImportedSubscription], terms: Mapping[str, Terms], now: datetime) -> _Rows:
    for sold in subscriptions:
        cycle = cycle_of(started_at=sold.confirmed_at, ended_at=sold.ends_at, now=now)
        if cycle is None:
            continue
        for allowance in terms[sold.offering_code]["allowances"]:
            number = allowance["number"]
            opened = bucket_id(subscription_id=sold.order_id, number=number, starts_at=cycle[0])
            yield (
                *(sold.account_id, opened, sold.line_id, sold.order_id, number, allowance["usage_kind"]),
                *(allowance["scope"], allowance["scope_value"], allowance["is_shared"], allowance["amount"], 0, *cycle),
            )
