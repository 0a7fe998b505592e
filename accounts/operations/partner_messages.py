"""Messages of partners to customers: through the hall's outbox, in the partner's name, as the customer wants them."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.models import Line, PartnerMessage
from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.operations.message_rules import checked_content
from accounts.texts import PARTNER_MESSAGE
from kernel.errors import DomainError, NotFound
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.operations.withdraw_sms import withdraw_sms

_DAY = timedelta(days=1)


class MessagesSpent(BudgetSpent):
    """The number has heard enough of partners today, or this partner has said enough."""

    code = "MESSAGES_SPENT"
    message = _("No more messages of partners can be sent now.")


class MessageKeyReused(DomainError):
    """The partner sent something else with this key before."""

    code = "MESSAGE_KEY_REUSED"
    message = _("Something else was sent with this Idempotency-Key.")
    cure = _("Send a new key for a new message.")


class MessageHasLeft(DomainError):
    """It is on its way or was sent, or will not be sent any more."""

    code = "MESSAGE_HAS_LEFT"
    message = _("This message does not wait any more: it cannot be taken back.")
    http_status = 409


class MessageOfAnother(DomainError):
    """Another partner sent this message."""

    code = "MESSAGE_OF_ANOTHER"
    message = _("This message was sent by another partner.")
    http_status = 409


def send_partner_message(
    *, line: Line, content: str, client_id: str, idempotency_key: str, now: datetime
) -> PartnerMessage:
    """Queue a message to a line, once per client and key. It names its sender as staff have named the partner.

    It waits for the end of the quiet hours, and is not sent to who has switched messages of partners off.

    :param line: in use, of an account that the partner may see.
    :param content: the partner's words.
    :param client_id: the partner's OAuth client; `idempotency_key` is the partner's own.
    :raises ContentInvalid, ContentNotAllowed: partners do not say this.
    :raises MessagesSpent: PARTNER_MESSAGES_PER_NUMBER_DAY or PARTNER_MESSAGES_PER_CLIENT_DAY is reached.
    :raises MessageKeyReused: the key was used for something else.
    """
    words = checked_content(content=content)
    with transaction.atomic():
        sender = _name_of(client_id)
        request = SmsRequest(
            account_id=line.account_id,
            msisdn=line.msisdn,
            template=PARTNER_MESSAGE,
            language=line.language,
            values={"sender": sender, "words": words},
            dedup_key=f"partner-message:{uuid.uuid5(line.account_id, f'{client_id}|{idempotency_key}')}",
        )
        known = PartnerMessage.objects.filter(account_id=line.account_id, id=request.sms_id).first()
        if known is None:
            _count(line.msisdn, client_id, now)
            queue_sms_batch(requests=[request], now=now)
            return PartnerMessage.objects.create(
                account_id=line.account_id,
                id=request.sms_id,
                line_id=line.id,
                msisdn=line.msisdn,
                client_id=client_id,
                sender_name=sender,
                words=words,
                sent_at=now,
            )
    if (known.msisdn, known.words) != (line.msisdn, words):
        raise MessageKeyReused
    return known


def withdraw_partner_message(*, account_id: uuid.UUID, message_id: uuid.UUID, client_id: str) -> None:
    """Take back a message that still waits; nothing is left of it.

    :param client_id: the partner that sent it.
    :raises NotFound: the account has no such message.
    :raises MessageOfAnother: another partner sent it.
    :raises MessageHasLeft: it does not wait any more.
    """
    with transaction.atomic():
        rows = PartnerMessage.objects.filter(account_id=account_id, id=message_id)
        message = rows.first()
        if message is None:
            raise NotFound
        if message.client_id != client_id:
            raise MessageOfAnother
        if not withdraw_sms(account_id=account_id, sms_id=message_id):
            raise MessageHasLeft
        rows.delete()


def _name_of(client_id: str) -> str:
    # The floor above knows; it maps client ids to names.
    return str(import_string(settings.PARTNER_NAMES)([client_id]).get(client_id, client_id))


def _count(msisdn: str, client_id: str, now: datetime) -> None:
    """Count a message for its number first, then for its sender: always in this order."""
    for key, limit in (
        (f"partner-message:number:{msisdn}", settings.PARTNER_MESSAGES_PER_NUMBER_DAY),
        (f"partner-message:client:{client_id}", settings.PARTNER_MESSAGES_PER_CLIENT_DAY),
    ):
        try:
            take_from_budget(key=key, limit=limit, period=_DAY, now=now)
        except BudgetSpent as spent:
            raise MessagesSpent(next_at=spent.next_at, now=now) from None
