"""The turn of a month: fees charged, allowances renewed, what is left carried over; a chunk of accounts at a time."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models import BillHead, ChargeReason
from billing.operations.charge import ChargeRequest, charge_accounts
from kernel.clock import Month
from kernel.errors import DomainError
from packages_app.models import MonthTurn
from packages_app.operations.record_usage import lock_usage, recount_usage

# So many wallets are locked at once, for a fraction of a second, while the hall stays open.
CHUNK_ACCOUNTS = 200
# What a request of last month still does is done by then: a service left in its last second is not charged again.
SETTLING = timedelta(minutes=1)

_FIRST = uuid.UUID(int=0)
_OPEN_MONTH = "SELECT packages_open_month(%s::uuid[], %s)"
# What was ordered before to begin with the month is charged here; what was ordered in its first instant, by its order.
_LIST_FEES = """
    SELECT subscription.account_id, subscription.line_id, line.msisdn, line.language, subscription.terms ->> 'head',
           subscription.terms ->> CASE line.language WHEN 'en' THEN 'name_en' ELSE 'name_zh' END,
           subscription.terms ->> 'provider_name', (subscription.terms ->> 'price_fen')::bigint, subscription.id
      FROM packages_subscription AS subscription
      JOIN accounts_line AS line
        ON line.account_id = subscription.account_id AND line.id = subscription.line_id AND line.state <> 'CLOSED'
      LEFT JOIN packages_order AS ordered
        ON ordered.account_id = subscription.account_id AND ordered.id = subscription.id
     WHERE subscription.account_id = ANY (%(accounts)s::uuid[])
       AND (subscription.started_at < %(starts_at)s
            OR subscription.started_at = %(starts_at)s AND ordered.confirmed_at < %(starts_at)s)
       AND (subscription.ends_at IS NULL OR subscription.ends_at > %(starts_at)s)
       AND subscription.terms ->> 'recurrence' = 'MONTHLY'
       AND (subscription.terms ->> 'price_fen')::bigint > 0
     ORDER BY subscription.account_id, subscription.started_at, subscription.id
       FOR NO KEY UPDATE OF subscription
"""


class MonthNotBegun(DomainError):
    """The month has not begun, or only this minute."""

    code = "MONTH_NOT_BEGUN"
    message = _("This month has not begun yet.")
    cure = _("Turn it from the second minute of its first day.")
    field = "month"


@dataclass(frozen=True, slots=True)
class Turned:
    """What a run did: allowances opened, fees paid at once, fees owed, fees charged before, and requests left out."""

    buckets: int = 0
    settled: int = 0
    due: int = 0
    repeated: int = 0
    refused: int = 0

    def __add__(self, other: "Turned") -> "Turned":
        return Turned(
            self.buckets + other.buckets,
            self.settled + other.settled,
            self.due + other.due,
            self.repeated + other.repeated,
            self.refused + other.refused,
        )


def fee_key(*, subscription_id: uuid.UUID, month: Month) -> str:
    """Return the charge key of a subscription's fee of a month: one month, one fee, ever."""
    return f"fee:{subscription_id}:{month}"


def turn_month(
    *,
    month: Month,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    chunk_accounts: int = CHUNK_ACCOUNTS,
) -> Turned:
    """Open a month for every account: its recurring fees are charged, with a text each, and its allowances opened.

    A fee that the wallet does not reach for is owed. Each chunk is committed by itself and noted in the month's row, so
    a run that died goes on where it ended, runs at once share the chunks, and a finished month run again changes
    nothing.

    :param month: one that has begun; months are turned in their order.
    :param progress: called with (accounts done, accounts in all) after each chunk.
    :param chunk_accounts: accounts in one transaction.
    :return: what this run did.
    :raises MonthNotBegun: the month begins later, or began within the last minute.
    """
    if now < month.starts_at + SETTLING:
        raise MonthNotBegun
    MonthTurn.objects.get_or_create(period_date=month.first_date, defaults={"started_at": now})
    MonthTurn.objects.filter(period_date=month.first_date, finished_at__isnull=False).update(
        done_through=None, finished_at=None
    )
    accounts, done, turned = Account.objects.count(), 0, Turned()
    while True:
        with transaction.atomic():
            turn = MonthTurn.objects.select_for_update(no_key=True).get(period_date=month.first_date)
            chunk = _list_accounts(turn.done_through or _FIRST, month, chunk_accounts)
            if not chunk:
                turn.finished_at = turn.finished_at or now
                turn.save(update_fields=["finished_at"])
                return turned
            turned += _turn_chunk(chunk, month, now)
            turn.done_through = chunk[-1]
            turn.save(update_fields=["done_through"])
        done += len(chunk)
        if progress:
            progress(min(done, accounts), accounts)


def _list_accounts(after: uuid.UUID, month: Month, limit: int) -> list[uuid.UUID]:
    accounts = Account.objects.filter(id__gt=after, created_at__lt=month.ends_at)
    return list(accounts.order_by("id").values_list("id", flat=True)[:limit])


def _turn_chunk(accounts: list[uuid.UUID], month: Month, now: datetime) -> Turned:
    lock_usage(account_ids=accounts, months=[month.previous, month])
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_MONTH, [accounts, month.first_date])
        (buckets,) = cursor.fetchone()
        cursor.execute(_LIST_FEES, {"accounts": accounts, "starts_at": month.starts_at})
        fees = [_fee(*row, month=month) for row in cursor.fetchall()]
    recount_usage(account_ids=accounts, month=month, now=now)
    charged = charge_accounts(requests=fees, now=now)
    return Turned(buckets, charged.settled, charged.due, charged.repeated, len(charged.refused))


def _fee(
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    msisdn: str,
    language: str,
    head: str,
    name: str,
    provider_name: str,
    price_fen: int,
    subscription_id: uuid.UUID,
    *,
    month: Month,
) -> ChargeRequest:
    return ChargeRequest(
        account_id=account_id,
        line_id=line_id,
        msisdn=msisdn,
        language=language,
        head=BillHead(head),
        name=name,
        provider_name=provider_name,
        amount_fen=price_fen,
        reason=ChargeReason.SUBSCRIPTION,
        reason_id=subscription_id,
        charge_key=fee_key(subscription_id=subscription_id, month=month),
    )
