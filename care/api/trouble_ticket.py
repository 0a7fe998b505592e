"""TMF621 troubleTicket: enquiries and complaints of accounts."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from care.api.target import ABOUT_TYPES, ENTITY_TYPES, target_named_by
from care.api.trouble_ticket_parts import (
    NOTE,
    PRIORITIES,
    RELATED_ENTITY,
    STATES,
    STATUS_CHANGE,
    STATUSES,
    TicketFile,
    kind_called,
    list_ticket_files,
    notes,
    related_entities,
    status_changes,
    type_called,
)
from care.models import AboutKind, EntryAuthor, TicketKind
from care.operations.open_ticket import DEFAULT_SEVERITY, TicketWish, open_ticket
from care.operations.ticket_steps import LONGEST_WORDS, Author
from care.operations.ticket_wishes import change_as_partner
from care.queries.visible_tickets import list_visible_tickets
from kernel.channel import Channel
from kernel.ids import PublicId
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.rest.resource import Api, Attribute, Caller, Change, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Instant, ListOf, Structure, Text
from kernel.rest.structures import RELATED_PARTY, reference, reference_shape

API = Api(title="Trouble ticket", base_path="/tmf-api/troubleTicket/v4", scope="ticket", name="trouble-ticket")

_CHANNEL = reference_shape("Channel")
_WORDS = Text(max_length=LONGEST_WORDS)
_KEPT = {
    "name": Text(max_length=100),
    "description": _WORDS,
    "severity": Text(max_length=40),
    "ticketType": Text(max_length=100),
    "externalId": Text(max_length=100),
    "requestedResolutionDate": Instant(),
    "note": ListOf(NOTE),
    "status": Text(choices=tuple(STATUSES.values())),
    "statusChangeReason": _WORDS,
}
# Attribute of a PATCH → column.
_COLUMNS = {
    "name": "title",
    "description": "words",
    "severity": "severity",
    "ticketType": "partner_type",
    "externalId": "external_id",
    "requestedResolutionDate": "wanted_by_at",
}


def _create(wanted: dict[str, Any], caller: Caller, key: str) -> TicketFile:
    target = target_named_by(wanted, caller)
    author = Author(EntryAuthor.PARTNER, Channel.PARTNER, client_id=caller.client_id)
    ticket = open_ticket(
        account_id=target.account_id,
        wish=TicketWish(
            kind=kind_called(wanted["ticketType"]),
            words=wanted["description"],
            line_id=target.line_id,
            about=target.about,
            title=wanted.get("name", ""),
            severity=wanted["severity"] or DEFAULT_SEVERITY,
            partner_type=wanted["ticketType"],
            external_id=wanted.get("externalId", ""),
            wanted_by_at=wanted.get("requestedResolutionDate"),
        ),
        author=author,
        request_key=f"{caller.client_id}:{key}",
        language=caller.language,
        now=caller.now,
    )
    said = [note["text"] for note in wanted.get("note", ()) if "text" in note]
    if said:
        change_as_partner(
            account_id=ticket.account_id, ticket_id=ticket.id, client_id=caller.client_id, notes=said, now=caller.now
        )
    return _seen(ticket.account_id, ticket.id, caller)


def _change(row: TicketFile, changes: dict[str, Any], caller: Caller) -> TicketFile:
    ticket = row.ticket
    status = changes.get("status")
    change_as_partner(
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        client_id=caller.client_id,
        state=STATES[status] if status else None,
        reason=changes.get("statusChangeReason") or "",
        # A list is sent whole: the notes that have an id are there already.
        notes=[note.get("text", "") for note in changes.get("note") or () if "id" not in note],
        changes={
            column: "" if changes[name] is None and column != "wanted_by_at" else changes[name]
            for name, column in _COLUMNS.items()
            if name in changes
        },
        now=caller.now,
    )
    return _seen(ticket.account_id, ticket.id, caller)


def _seen(account_id: Any, ticket_id: Any, caller: Caller) -> TicketFile:
    tickets = list_visible_tickets(sight=caller.sight).filter(account_id=account_id, id=ticket_id)
    return list_ticket_files(list(tickets))[0]


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[STATES[text] for text in texts if text in STATES])


def _by_type(texts: Sequence[str]) -> Q:
    kinds = [kind for kind in TicketKind if type_called(kind) in texts]
    return Q(partner_type__in=texts) | Q(partner_type="", kind__in=kinds)


def _by_entity(texts: Sequence[str]) -> Q | None:
    found = Q()
    for text in texts:
        found |= by_uuid("account_id")([text]) or by_public_id("about_id")([text]) or _by_number(text)
    return found or None


def _by_number(text: str) -> Q:
    try:
        return Q(line__msisdn=parse_msisdn(text))
    except NumberInvalid:
        return Q(pk__in=[])


TROUBLE_TICKET: Resource[TicketFile] = Resource(
    api=API,
    name="troubleTicket",
    type_name="TroubleTicket",
    summary="Enquiries and complaints of accounts, with what was said and done about them.",
    rows=lambda caller: [list_visible_tickets(sight=caller.sight)],
    complete=lambda tickets, _caller: list_ticket_files(tickets),
    public_id=lambda row: str(PublicId(row.ticket.account_id, row.ticket.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="description",
            shape=_WORDS,
            read=lambda row: row.ticket.words,
            always=True,
            filters={"": Column("words")},
        ),
        Attribute(
            name="severity",
            shape=Text(),
            read=lambda row: row.ticket.severity,
            always=True,
            filters={"": Column("severity")},
            sort="severity",
        ),
        Attribute(
            name="ticketType",
            shape=Text(),
            read=lambda row: row.ticket.partner_type or type_called(row.ticket.kind),
            always=True,
            filters={"": _by_type},
            description="As its opener calls it; of tickets opened elsewhere: enquiry, complaint, fault, suggestion.",
        ),
        Attribute(
            name="status",
            shape=Text(choices=tuple(STATUSES.values())),
            read=lambda row: STATUSES[row.ticket.state],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(name="name", shape=Text(), read=lambda row: row.ticket.title or None, filters={"": Column("title")}),
        Attribute(
            name="externalId",
            shape=Text(),
            read=lambda row: row.ticket.external_id or None,
            filters={"": Column("external_id")},
        ),
        Attribute(
            name="priority",
            shape=Text(choices=tuple(sorted(set(PRIORITIES.values())))),
            read=lambda row: PRIORITIES[row.ticket.kind],
            always=True,
        ),
        Attribute(
            name="creationDate",
            shape=Instant(),
            read=lambda row: row.ticket.opened_at,
            always=True,
            filters={"": Column("opened_at", Instant())},
            sort="opened_at",
        ),
        Attribute(
            name="lastUpdate",
            shape=Instant(),
            read=lambda row: row.ticket.changed_at,
            always=True,
            filters={"": Column("changed_at", Instant())},
            sort="changed_at",
        ),
        Attribute(
            name="expectedResolutionDate",
            shape=Instant(),
            read=lambda row: row.ticket.solve_due_at,
            always=True,
            filters={"": Column("solve_due_at", Instant())},
            sort="solve_due_at",
        ),
        Attribute(name="requestedResolutionDate", shape=Instant(), read=lambda row: row.ticket.wanted_by_at),
        Attribute(name="resolutionDate", shape=Instant(), read=lambda row: row.ticket.solved_at),
        Attribute(name="statusChangeDate", shape=Instant(), read=lambda row: row.ticket.state_at, always=True),
        Attribute(
            name="statusChangeReason",
            shape=_WORDS,
            read=lambda row: next((step.words for step in reversed(row.steps) if step.words), None),
        ),
        Attribute(name="statusChange", shape=ListOf(STATUS_CHANGE), read=status_changes, always=True),
        Attribute(name="note", shape=ListOf(NOTE), read=notes, always=True),
        Attribute(
            name="channel",
            shape=_CHANNEL,
            read=lambda row: reference(row.ticket.channel, "Channel", name=str(Channel(row.ticket.channel).label)),
            always=True,
            filters={"id": Column("channel")},
        ),
        Attribute(
            name="relatedEntity",
            shape=ListOf(RELATED_ENTITY),
            read=related_entities,
            always=True,
            filters={"id": _by_entity},
            description="The account; the number; and what of the account it came from, where it came from anything.",
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=lambda row: [reference(row.customer_id, "Customer", role="customer")],
            always=True,
            filters={"id": by_uuid("account__customer_id")},
        ),
    ),
    creation=Creation(
        body=Structure(
            "TroubleTicket_Create",
            {
                **_KEPT,
                "relatedEntity": ListOf(RELATED_ENTITY, max_length=3),
                "relatedParty": ListOf(RELATED_PARTY, max_length=10),
                "channel": _CHANNEL,
                "priority": Text(),
                "creationDate": Instant(),
                "lastUpdate": Instant(),
                "expectedResolutionDate": Instant(),
                "resolutionDate": Instant(),
                "statusChangeDate": Instant(),
            },
            required=("description", "severity", "ticketType"),
            description=(
                f"relatedEntity names what it is about by @referredType ({', '.join(ENTITY_TYPES)}), or relatedParty"
                " the Customer; without either it is about the only account that the token sees, or where it sees"
                " several about nobody but you. The customer is told the ticket's number by text. channel, priority,"
                " status and the dates but requestedResolutionDate are taken and not kept: they follow."
            ),
        ),
        create=_create,
        summary="Opens a ticket for a customer, who is told its number by text.",
        example={
            "description": "The bill of October has a service on it that was never ordered.",
            "severity": "Minor",
            "ticketType": "complaint",
            "externalId": "CASE-2026-118",
            "relatedEntity": [{"id": "13800138000", "role": "number", "@referredType": "LogicalResource"}],
        },
    ),
    change=Change(
        body=Structure(
            "TroubleTicket_Update",
            _KEPT,
            description=(
                "Notes without an id are added, to any ticket that you see. The rest is for tickets that you opened:"
                " status goes acknowledged → inProgress | rejected | cancelled; inProgress → pending | held | resolved"
                " | cancelled; pending, held → inProgress | cancelled; resolved → closed | inProgress. Any other step"
                " is a 409."
            ),
        ),
        change=_change,
        clearable=("name", "externalId", "requestedResolutionDate"),
        summary="Adds notes, moves a ticket on, or words it anew.",
        example={"note": [{"text": "The customer sent a photograph of the letter."}]},
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAB7",
        "href": "https://hall.example.com/tmf-api/troubleTicket/v4/troubleTicket/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAB7",
        "description": "The bill of October has a service on it that was never ordered.",
        "severity": "Minor",
        "ticketType": "complaint",
        "status": "acknowledged",
        "externalId": "CASE-2026-118",
        "priority": "High",
        "creationDate": "2026-11-22T06:30:00Z",
        "lastUpdate": "2026-11-22T06:30:00Z",
        "expectedResolutionDate": "2026-11-25T06:30:00Z",
        "statusChangeDate": "2026-11-22T06:30:00Z",
        "statusChange": [{"status": "acknowledged", "changeDate": "2026-11-22T06:30:00Z"}],
        "note": [],
        "channel": {"id": "PARTNER", "name": "partner system", "@referredType": "Channel"},
        "relatedEntity": [
            {"id": "019aaf00-0000-7000-8000-000000000001", "role": "account", "@referredType": "BillingAccount"},
            {"id": "13800138000", "role": "number", "@referredType": "LogicalResource"},
            {
                "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
                "name": "2026-10",
                "role": str(AboutKind.BILL).lower(),
                "@referredType": ABOUT_TYPES[AboutKind.BILL],
            },
        ],
        "relatedParty": [
            {"id": "019aaf00-0000-7000-8000-000000000004", "role": "customer", "@referredType": "Customer"}
        ],
        "@type": "TroubleTicket",
    },
)
