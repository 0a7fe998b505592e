"""Which line an order over REST is for: its number, a product that it has, or the only line of the account named."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Line
from accounts.queries.lines import list_lines
from accounts.queries.visible_accounts import (
    is_account_visible,
    list_visible_account_ids,
    list_visible_accounts_of_customer,
)
from kernel.errors import NotFound
from kernel.phone import NumberInvalid
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Caller
from packages_app.api.target import line_named_by

_CUSTOMER = "Customer"


def line_of_order(wanted: dict[str, Any], caller: Caller) -> Line:
    """Return the one line that an order is for.

    :raises AttributeInvalid: several are named, none where the caller sees several, or the account named is another.
    :raises NotFound: there is no such line, account or customer, or the caller may not see it.
    """
    lines = {line.id: line for line in _lines_named_by_items(wanted, caller)}
    accounts = list(_accounts_named(wanted, caller))
    if len(lines) > 1:
        raise AttributeInvalid(field="productOrderItem", cure=_("One order is for one number."))
    if not lines:
        return _only_line(accounts, caller)
    (line,) = lines.values()
    for field, account_ids in accounts:
        if line.account_id not in account_ids:
            raise AttributeInvalid(field=field, cure=_("The number is not of this account."))
    return line


def _lines_named_by_items(wanted: dict[str, Any], caller: Caller) -> Iterator[Line]:
    for index, item in enumerate(wanted["productOrderItem"]):
        product = item.get("product", {})
        field = f"productOrderItem[{index}].product"
        if product.get("realizingResource"):
            named = {"logicalResource": product["realizingResource"][0]}
            yield _found(named, f"{field}.realizingResource[0]", caller)
        elif product.get("id"):
            yield _found({"product": {"id": product["id"]}}, f"{field}.id", caller)


def _found(named: dict[str, Any], field: str, caller: Caller) -> Line:
    try:
        return line_named_by(named, caller)
    except (NotFound, NumberInvalid) as refusal:
        refusal.field = field
        raise


def _accounts_named(wanted: dict[str, Any], caller: Caller) -> Iterator[tuple[str, list[uuid.UUID]]]:
    """Yield what each attribute that names an account or customer leads to."""
    items = enumerate(wanted["productOrderItem"])
    named = {f"productOrderItem[{index}].billingAccount": item.get("billingAccount") for index, item in items}
    for attribute, account in {"billingAccount": wanted.get("billingAccount"), **named}.items():
        if account is not None:
            account_id = _uuid(account["id"], f"{attribute}.id")
            if not is_account_visible(sight=caller.sight, account_id=account_id):
                raise NotFound(field=f"{attribute}.id")
            yield attribute, [account_id]
    for index, party in enumerate(wanted.get("relatedParty", ())):
        if party["@referredType"] == _CUSTOMER:
            field = f"relatedParty[{index}]"
            customer_id = _uuid(party["id"], f"{field}.id")
            accounts = list_visible_accounts_of_customer(sight=caller.sight, customer_id=customer_id)
            if not accounts:
                raise NotFound(field=f"{field}.id")
            yield field, accounts


def _only_line(named: list[tuple[str, list[uuid.UUID]]], caller: Caller) -> Line:
    wanted = {account_id for _field, account_ids in named[:1] for account_id in account_ids}
    for _field, account_ids in named[1:]:
        wanted &= set(account_ids)
    accounts = wanted if named else set(list_visible_account_ids(sight=caller.sight, limit=2))
    lines = list_lines(account_id=next(iter(accounts))) if len(accounts) == 1 else []
    if len(lines) != 1:
        raise AttributeInvalid(
            field="productOrderItem[0].product.realizingResource", cure=_("Say for which number it is.")
        )
    return lines[0]


def _uuid(text: str, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(field=field) from None
