"""TMF681 communicationMessage: what partners tell customers through the hall, as texts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.operations.partner_messages import send_partner_message, withdraw_partner_message
from accounts.queries.visible_lines import get_visible_line_by_msisdn
from accounts.queries.visible_messages import list_visible_messages
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.phone import NumberInvalid, national_number, parse_msisdn
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Api, Attribute, Caller, Column, Creation, Removal, Resource, by_public_id
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text, Whole
from kernel.rest.structures import RELATED_PARTY
from messaging.models import SmsState

API = Api(
    title="Communication",
    base_path="/tmf-api/communicationManagement/v4",
    scope="communication",
    name="communication-management",
)

_SMS = "SMS"
_INITIAL, _IN_PROGRESS, _COMPLETED, _CANCELLED, _FAILED = (
    "initial", "inProgress", "completed", "cancelled", "failed",
)  # fmt: skip
_STATES = {
    SmsState.QUEUED: _INITIAL,
    SmsState.SENDING: _IN_PROGRESS,
    SmsState.SENT: _COMPLETED,
    SmsState.DELIVERED: _COMPLETED,
    SmsState.UNDELIVERED: _FAILED,
    SmsState.PARKED: _FAILED,
    SmsState.EXPIRED: _FAILED,
    SmsState.SUPPRESSED: _CANCELLED,
}
_RECEIVER = Structure(
    "Receiver",
    {
        "id": Text(),
        "appUserId": Text(),
        "email": Text(),
        "ip": Text(),
        "name": Text(),
        "phoneNumber": Text(),
        "party": RELATED_PARTY,
    },
)
_SENDER = Structure(
    "Sender", {"id": Text(), "email": Text(), "name": Text(), "phoneNumber": Text(), "party": RELATED_PARTY}
)
_CHARACTERISTIC = Structure(
    "MessageCharacteristic",
    {"id": Text(), "name": Text(), "valueType": Text(), "value": Text()},
    required=("name", "value"),
)


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> Any:
    receivers = wanted["receiver"]
    if len(receivers) != 1:
        raise AttributeInvalid(field="receiver", cure=_("Give exactly one: each message goes to one number."))
    if "phoneNumber" not in receivers[0]:
        raise AttributeInvalid(field="receiver[0].phoneNumber", cure=_("It must be given."))
    try:
        line = get_visible_line_by_msisdn(sight=caller.sight, msisdn=parse_msisdn(receivers[0]["phoneNumber"]))
    except (NotFound, NumberInvalid) as refusal:
        refusal.field = "receiver[0].phoneNumber"
        raise
    message = send_partner_message(
        line=line, content=wanted["content"], client_id=caller.client_id, idempotency_key=key, now=caller.now
    )
    return list_visible_messages(sight=caller.sight).get(account_id=message.account_id, id=message.id)


def _remove(message: Any, caller: Caller) -> None:
    withdraw_partner_message(account_id=message.account_id, message_id=message.id, client_id=caller.client_id)


def _by_state(texts: Sequence[str]) -> Q:
    return Q(state__in=[state for state, told in _STATES.items() if told in texts])


def _by_number(texts: Sequence[str]) -> Q:
    return Q(msisdn__in=[parse_msisdn(text) for text in texts])


def _by_type(texts: Sequence[str]) -> Q | None:
    return Q() if _SMS in texts else None


COMMUNICATION_MESSAGE: Resource[Any] = Resource(
    api=API,
    name="communicationMessage",
    type_name="CommunicationMessage",
    summary="What partners told customers of the accounts that the caller sees, by text.",
    rows=lambda caller: [list_visible_messages(sight=caller.sight)],
    complete=lambda messages, _caller: messages,
    public_id=lambda message: str(PublicId(message.account_id, message.id)),
    find=by_public_id("id"),
    order=("account_id", "sent_at", "id"),
    attributes=(
        Attribute(
            name="content",
            shape=Text(max_length=300),
            read=lambda message: message.words,
            always=True,
            filters={"": Column("words")},
            description="The partner's own words. The text also names the operator and the sender.",
        ),
        Attribute(
            name="messageType",
            shape=Text(choices=(_SMS,)),
            read=lambda _message: _SMS,
            always=True,
            filters={"": _by_type},
        ),
        Attribute(
            name="receiver",
            shape=ListOf(_RECEIVER),
            read=lambda message: [
                {"id": national_number(message.msisdn), "phoneNumber": national_number(message.msisdn)}
            ],
            always=True,
            filters={"id": _by_number, "phoneNumber": _by_number},
        ),
        Attribute(
            name="sender",
            shape=_SENDER,
            read=lambda message: {"id": message.client_id, "name": message.sender_name},
            always=True,
            filters={"id": Column("client_id"), "name": Column("sender_name")},
            description="The partner, as the text names it.",
        ),
        Attribute(
            name="state",
            shape=Text(choices=(_INITIAL, _IN_PROGRESS, _COMPLETED, _CANCELLED, _FAILED)),
            read=lambda message: _STATES[SmsState(message.state)],
            always=True,
            filters={"": _by_state},
            description="cancelled: the customer wants no messages of partners.",
        ),
        Attribute(
            name="scheduledSendTime",
            shape=Instant(),
            read=lambda message: message.due_at,
            always=True,
            filters={"": Column("due_at", Instant())},
            sort="due_at",
            description="Not before: after the quiet hours.",
        ),
        Attribute(
            name="sendTime",
            shape=Instant(),
            read=lambda message: message.left_at,
            filters={"": Column("left_at", Instant())},
        ),
        Attribute(
            name="sendTimeComplete",
            shape=Instant(),
            read=lambda message: message.delivered_at,
            filters={"": Column("delivered_at", Instant())},
            description="When the network had delivered it.",
        ),
    ),
    creation=Creation(
        body=Structure(
            "CommunicationMessage_Create",
            {
                "content": Text(max_length=300),
                "messageType": Text(choices=(_SMS,)),
                "receiver": ListOf(_RECEIVER),
                "sender": _SENDER,
                "subject": Text(),
                "description": Text(max_length=500),
                "priority": Text(),
                "logFlag": Flag(),
                "tryTimes": Whole(),
                "characteristic": ListOf(_CHARACTERISTIC),
            },
            required=("content", "messageType", "receiver", "sender"),
            description=(
                "One receiver, named by phoneNumber. The text names the partner as the hall knows it, whatever sender "
                "says. content carries no codes, no advertising, no links and asks for no reply. All else is taken and "
                "not kept."
            ),
        ),
        create=_create,
        summary=(
            "Tells a customer something by text, after the quiet hours and unless the customer wants none of it. "
            "Messages to a number and of a partner are counted by day (429)."
        ),
        example={
            "content": "您的包裹已到达取件点。",
            "messageType": _SMS,
            "receiver": [{"phoneNumber": "13800138000"}],
            "sender": {"name": "和风商城"},
        },
    ),
    removal=Removal(
        remove=_remove,
        summary="Takes back a message of the partner's own that still waits; what has left stays (409).",
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAACR",
        "href": "https://hall.example.com/tmf-api/communicationManagement/v4/communicationMessage/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAACR",
        "content": "您的包裹已到达取件点。",
        "messageType": _SMS,
        "receiver": [{"id": "13800138000", "phoneNumber": "13800138000"}],
        "sender": {"id": "market", "name": "和风商城"},
        "state": _INITIAL,
        "scheduledSendTime": "2026-11-22T23:00:00Z",
        "@type": "CommunicationMessage",
    },
)
