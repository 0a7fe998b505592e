"""Keeps what customers send us, and gives notice. Who answers is decided above (`events.inbound_received`)."""

import uuid
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from messaging.events import inbound_received
from messaging.models import Inbound

_INBOUND_IDS = uuid.UUID("b1a4b6f2-2f0c-4d46-8a0e-2f1d7f6f4f35")
_BODY_LENGTH = 1000

_INSERT = """
    INSERT INTO messaging_inbound (account_id, id, kind, from_msisdn, to_number, body, received_at, gateway_message_id,
                                   attempts)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0)
    ON CONFLICT DO NOTHING
"""


def receive_inbound(
    *,
    account_id: uuid.UUID,
    kind: str,
    from_msisdn: str,
    to_number: str,
    body: str,
    gateway_message_id: str,
    now: datetime,
) -> uuid.UUID:
    """Store a text or call from a line, once however often the gateway delivers it; notice goes out after the commit.

    :param account_id: of the line that sent it.
    :param kind: an `InboundKind`.
    :param from_msisdn: E.164.
    :param to_number: the service number, such as "10086".
    :param body: the text as it came, kept to 1000 characters; empty for a call.
    :param gateway_message_id: the gateway's own id, at most 64 characters; the same for a repeated delivery.
    :return: id of the stored row, also for a repeat.
    """
    inbound_id = uuid.uuid5(_INBOUND_IDS, f"{account_id}|{gateway_message_id}")
    kept_body = body.replace("\x00", "")[:_BODY_LENGTH]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [account_id, inbound_id, kind, from_msisdn, to_number, kept_body, now, gateway_message_id],
        )
        is_new = cursor.rowcount == 1
    if is_new:
        transaction.on_commit(
            partial(inbound_received.send_robust, sender=Inbound, account_id=account_id, inbound_id=inbound_id)
        )
    return inbound_id
