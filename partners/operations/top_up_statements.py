"""A partner's statement of each day: made, signed, and held against what the partner says."""

import base64
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.utils.crypto import salted_hmac

from billing.models import TopUp
from billing.queries.partner_top_ups import list_credited_of_partner
from kernel.clock import SHANGHAI
from kernel.csv_export import Cell, csv_lines
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.money import yuan_text
from kernel.phone import national_number
from partners.models import PartnerClient, StatementState, TopUpStatement

# A top-up bears the instant at which it was asked for; none is committed later than this after its day.
CLOSES_AFTER = timedelta(minutes=10)
# Days that are made up for after the hall stood still.
_DAYS_BACK = 7
_MOST_DIFFERENCES = 1_000
_COLUMNS = ("order_id", "top_up_id", "number", "amount_yuan", "credited_at")
_SCOPE = "balance:write"


def make_due_statements(*, now: datetime) -> int:
    """Make the statements of the days that have ended and have none, for every partner that may top up.

    :return: how many were made.
    """
    last = (now - CLOSES_AFTER).astimezone(SHANGHAI).date()
    clients = [client for client in PartnerClient.objects.filter(revoked_at__isnull=True) if _SCOPE in client.scopes]
    days = [last - timedelta(days=number) for number in range(1, _DAYS_BACK + 1)]
    made = set(TopUpStatement.objects.filter(day_date__in=days).values_list("client_id", "day_date"))
    wanted = [
        (client, day)
        for client in clients
        for day in days
        if (client.pk, day) not in made and day >= client.made_at.astimezone(SHANGHAI).date()
    ]
    for client, day in wanted:
        _make(client, day, now)
    return len(wanted)


def report_statement(
    *,
    statement_id: uuid.UUID,
    count: int,
    total_fen: int,
    orders: Mapping[str, int] | None,
    now: datetime,
) -> TopUpStatement:
    """Hold a statement against what the partner says; what it said before does not count any more.

    :param count: how many top-ups the partner has of that day, `total_fen` what they come to.
    :param orders: fen by order id, where the partner lists them.
    :raises NotFound: there is no such statement.
    """
    with transaction.atomic():
        statements = TopUpStatement.objects.select_for_update(of=("self",), no_key=True).select_related("client")
        statement = statements.filter(id=statement_id).first()
        if statement is None:
            raise NotFound
        statement.reported_count, statement.reported_total_fen, statement.reported_at = count, total_fen, now
        statement.differences = list(_differences(statement, orders))[:_MOST_DIFFERENCES]
        statement.state = StatementState.DIFFERENT if statement.differences else StatementState.AGREED
        statement.save()
    return statement


def _make(client: PartnerClient, day: date, now: datetime) -> None:
    top_ups = list(_credited(client, day))
    content = b"".join(csv_lines(columns=_COLUMNS, rows=map(_cells, top_ups))).decode()
    key = _signing_key()
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    statement = TopUpStatement(
        client=client,
        day_date=day,
        count=len(top_ups),
        total_fen=sum(top_up.amount_fen for top_up in top_ups),
        content=content,
        signature=base64.b64encode(key.sign(content.encode())).decode(),
        public_key=base64.b64encode(public).decode(),
        made_at=now,
    )
    # Two at once would make the same one.
    TopUpStatement.objects.bulk_create([statement], ignore_conflicts=True)


def _credited(client: PartnerClient, day: date) -> Iterator[TopUp]:
    starts_at = datetime.combine(day, time.min, SHANGHAI)
    ends_at = datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)
    return list_credited_of_partner(client_id=client.client_id, starts_at=starts_at, ends_at=ends_at).iterator()


def _cells(top_up: TopUp) -> list[Cell]:
    assert top_up.finished_at is not None
    return [
        top_up.provider_payment_number,
        str(PublicId(top_up.account_id, top_up.id)),
        national_number(top_up.msisdn),
        yuan_text(top_up.amount_fen),
        top_up.finished_at.astimezone(SHANGHAI).isoformat(),
    ]


def _differences(statement: TopUpStatement, orders: Mapping[str, int] | None) -> Iterator[dict[str, Any]]:
    if statement.count != statement.reported_count:
        yield {"kind": "COUNT", "order": "", "here": statement.count, "there": statement.reported_count}
    if statement.total_fen != statement.reported_total_fen:
        yield {"kind": "TOTAL", "order": "", "here": statement.total_fen, "there": statement.reported_total_fen}
    if orders is None:
        return
    here = {
        top_up.provider_payment_number: top_up.amount_fen for top_up in _credited(statement.client, statement.day_date)
    }
    for order in sorted(here.keys() | orders.keys()):
        if here.get(order) != orders.get(order):
            yield {"kind": "ORDER", "order": order, "here": here.get(order), "there": orders.get(order)}


def _signing_key() -> Ed25519PrivateKey:
    """Return the key of the hall's statements; each statement keeps the public half that proves it."""
    seed = salted_hmac("partners.top-up-statement", "key 1", algorithm="sha256").digest()
    return Ed25519PrivateKey.from_private_bytes(seed)
