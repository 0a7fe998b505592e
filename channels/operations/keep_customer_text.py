"""Takes a customer's text from the network to the line it came from; the hall of texts answers it."""

import uuid
from datetime import datetime

import structlog

from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from kernel.phone import NumberInvalid, parse_msisdn
from messaging.models import InboundKind
from messaging.operations.receive_inbound import receive_inbound

log = structlog.get_logger(__name__)


def keep_customer_text(
    *, source: str, to: str, words: str, gateway: str, message_id: str, now: datetime
) -> uuid.UUID | None:
    """Store a text from the network, to be answered after the commit.

    :param source: number it came from, as the network writes it.
    :param to: the service number.
    :param gateway: name of the gateway it came by.
    :param message_id: the gateway's id of the text, the same when it is delivered again; empty if it gives none.
    :return: id of what was stored; None when no line of ours has the number, and there is nobody to answer.
    """
    try:
        line = get_line_by_msisdn(parse_msisdn(source))
    except (NumberInvalid, NumberUnknown):
        log.info("text_from_elsewhere", gateway=gateway)
        return None
    return receive_inbound(
        account_id=line.account_id,
        kind=InboundKind.SMS,
        from_msisdn=line.msisdn,
        to_number=to[:16],
        body=words,
        gateway_message_id=f"{gateway}:{message_id or uuid.uuid4()}"[:64],
        now=now,
    )
