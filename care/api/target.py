"""What a trouble ticket's body is about: the account, the line, and what of the account it came from."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from accounts.queries.visible_accounts import is_account_visible, list_visible_account_ids
from care.models import AboutKind
from care.operations.partner_account import open_partner_account
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Caller

# TMF names of what a ticket can be about.
ABOUT_TYPES: Mapping[AboutKind, str] = {
    AboutKind.BILL: "CustomerBill",
    AboutKind.CHARGE: "AppliedCustomerBillingRate",
    AboutKind.ORDER: "ProductOrder",
    AboutKind.TOP_UP: "TopupBalance",
}
ACCOUNT, CUSTOMER, NUMBER = "BillingAccount", "Customer", "LogicalResource"
ENTITY_TYPES = (ACCOUNT, NUMBER, *ABOUT_TYPES.values())
_ABOUT_KINDS = {name: kind for kind, name in ABOUT_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Target:
    """Account, line and kind and id of what a body is about."""

    account_id: uuid.UUID
    line_id: uuid.UUID | None = None
    about: tuple[AboutKind, uuid.UUID] | None = None


def target_named_by(wanted: dict[str, Any], caller: Caller) -> Target:
    """Return what a body's `relatedEntity` and `relatedParty` name; where they name nothing, the only account that the
    caller sees, or the partner's own where it sees several: a ticket must not fall to a customer by chance.

    :raises AttributeInvalid: they name different accounts, or a kind of entity that a ticket cannot be about.
    :raises NotFound: there is no such thing, or the caller may not see it.
    """
    targets = [
        *(_entity(entity, caller, f"relatedEntity[{at}]") for at, entity in enumerate(wanted.get("relatedEntity", ()))),
        *_parties(wanted.get("relatedParty", ()), caller),
    ]
    accounts = {target.account_id for target in targets}
    if len(accounts) > 1:
        raise AttributeInvalid(field="relatedEntity", cure=_("Name one account only."))
    if not accounts:
        accounts = set(list_visible_account_ids(sight=caller.sight, limit=2))
    if len(accounts) != 1:
        accounts = {open_partner_account(client_id=caller.client_id, sight=caller.sight, now=caller.now)}
    lines = [target.line_id for target in targets if target.line_id]
    subjects = [target.about for target in targets if target.about]
    if len(lines) > 1 or len(subjects) > 1:
        raise AttributeInvalid(field="relatedEntity", cure=_("Name one number and one thing that it is about."))
    return Target(accounts.pop(), next(iter(lines), None), next(iter(subjects), None))


def _entity(entity: dict[str, Any], caller: Caller, path: str) -> Target:
    kind, text = entity["@referredType"], entity["id"]
    if kind not in ENTITY_TYPES:
        raise AttributeInvalid(
            field=f"{path}.@referredType",
            cure=_("It must be one of: %(choices)s.") % {"choices": ", ".join(ENTITY_TYPES)},
        )
    try:
        target = _read(kind, text)
    except (NotFound, ValueError):
        raise NotFound(field=f"{path}.id") from None
    except NumberInvalid as refusal:
        refusal.field = f"{path}.id"
        raise
    if not is_account_visible(sight=caller.sight, account_id=target.account_id):
        raise NotFound(field=f"{path}.id")
    return target


def _read(kind: str, text: str) -> Target:
    """:raises ValueError: it is no id of its kind."""
    if kind == ACCOUNT:
        return Target(uuid.UUID(text))
    if kind == NUMBER:
        try:
            line = get_line_by_msisdn(parse_msisdn(text))
        except NumberUnknown:
            raise NotFound from None
        return Target(line.account_id, line.id)
    named = PublicId.parse(text)
    return Target(named.account_id, None, (_ABOUT_KINDS[kind], named.row_id))


def _parties(parties: Sequence[dict[str, Any]], caller: Caller) -> list[Target]:
    """Return the account of each party that is a customer; others are about nobody's account."""
    targets = []
    for at, party in enumerate(parties):
        if party.get("@referredType") != CUSTOMER:
            continue
        try:
            customer_id = uuid.UUID(party["id"])
        except ValueError:
            raise NotFound(field=f"relatedParty[{at}].id") from None
        seen = list_visible_account_ids(sight=caller.sight, customer_id=customer_id, limit=2)
        if not seen:
            raise NotFound(field=f"relatedParty[{at}].id")
        if len(seen) > 1:
            raise AttributeInvalid(field="relatedEntity", cure=_("This customer has several accounts: name one."))
        targets.append(Target(seen[0]))
    return targets
