"""What belongs to a customer, said so generally that a new table is covered: names in addresses, words, rows."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import CharField, Model, TextField

from accounts.models import Account, Line
from billing.models import TopUp
from kernel.account_owned import Placement
from kernel.ids import PublicId
from kernel.masking import mask_msisdn, mask_name
from kernel.money import yuan_text
from kernel.phone import grouped_number, national_number
from packages_app.models import Offering
from tests.factories.whole_customer import last_month

# Shorter ones stand on many a page.
_SHORTEST_WORD = 5
_LONG_NUMBER = 12
_LARGE_FEN = 100_00


def list_owned_models() -> list[type[Model]]:
    """Return the tables of customers: all that the house keeps by account."""
    return [
        model
        for model in apps.get_models()
        if model._meta.managed and getattr(model, "placement", None) is Placement.ACCOUNT
    ]


def row_ids(model: type[Model], account_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of an account's rows of a table, the oldest first; none where rows have no id of their own."""
    fields = {field.name for field in model._meta.concrete_fields}
    if "id" not in fields or "account" not in fields:
        return []
    return list(model._default_manager.filter(account_id=account_id).order_by("id").values_list("id", flat=True))


def _a_row_of_each(account_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the account's oldest row of each table: doors ask whose it is before they ask how it is."""
    return [account_id, *(row_id for model in list_owned_models() for row_id in row_ids(model, account_id)[:1])]


def _public_ids(line: Line) -> list[str]:
    return [str(PublicId(line.account_id, row_id)) for row_id in _a_row_of_each(line.account_id)]


def _uuids(line: Line) -> list[str]:
    return [str(row_id) for row_id in _a_row_of_each(line.account_id)]


def _payment_numbers(line: Line) -> list[str]:
    return list(TopUp.objects.filter(account_id=line.account_id).values_list("payment_number", flat=True))


def _subjects(line: Line) -> list[str]:
    top_ups = row_ids(TopUp, line.account_id)
    # A bill is named by its month, and a month is everybody's.
    return [f"top-up-{PublicId(line.account_id, top_up_id)}" for top_up_id in top_ups]


# Arguments of paths that name what a customer has: all that could stand there of somebody else.
OWNED_ARGUMENTS: dict[str, Callable[[Line], list[str]]] = {
    "public_id": _public_ids,
    "id": lambda line: [*_public_ids(line), str(line.account_id), str(line.id), line.msisdn[1:], line.msisdn],
    "subject": _subjects,
    "payment_number": _payment_numbers,
}
# Arguments that name nothing of a customer: a page with them shows the visitor's own, or what is open to all.
OPEN_ARGUMENTS: dict[str, Callable[[], list[str]]] = {
    "code": lambda: list(Offering.objects.order_by("code").values_list("code", flat=True)[:1]),
    "month": lambda: [str(last_month())],
    "page": lambda: ["forms"],
    "provider": lambda: ["sandbox"],
}


def values_of(converter: str, argument: str, line: Line) -> list[str]:
    """Return what of a customer could stand in an argument of a path.

    :raises AssertionError: nobody has said yet what the argument names.
    """
    if argument in OWNED_ARGUMENTS:
        return OWNED_ARGUMENTS[argument](line)
    if argument in OPEN_ARGUMENTS:
        return OPEN_ARGUMENTS[argument]()
    if converter == "uuid":
        return _uuids(line)
    raise AssertionError(
        f"Nobody has said what <{converter}:{argument}> of a path names. If it names something of a customer, add to"
        " OWNED_ARGUMENTS in tests/strangers.py what another customer's would be; if it does not, add an example to"
        " OPEN_ARGUMENTS."
    )


def snapshot(account_id: uuid.UUID) -> dict[str, tuple[int, str]]:
    """Return count and fingerprint of an account's rows by table: of every table that names an account."""
    columns = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields}
        for model in apps.get_models()
        if model._meta.managed
    }
    held = {table: "account_id" for table, names in columns.items() if "account_id" in names}
    looks = [
        f"SELECT '{table}', count(*), md5(string_agg(held::text, ',' ORDER BY held::text)) FROM {table} held"  # noqa: S608
        f" WHERE {column} = %(account_id)s"
        for table, column in {**held, Account._meta.db_table: "id"}.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks), {"account_id": account_id})
        return {table: (count, fingerprint) for table, count, fingerprint in cursor.fetchall()}


def words_of(line: Line, *, beside: Line) -> re.Pattern[str]:
    """Return what finds any text of a customer's in a page: words of the rows that the other customer's have not, and
    the number and the balance as people write them.
    """
    found = _words(line.account_id) - _words(beside.account_id)
    found |= {line.account.customer.name, *spelled(line)}
    found |= _amounts(line.account_id) - _amounts(beside.account_id)
    return re.compile("|".join(re.escape(word) for word in sorted(found, key=len, reverse=True)))


def spelled(line: Line) -> list[str]:
    """Return a line's number in every way in which pages write it, and its customer's masked name."""
    number = national_number(line.msisdn)
    grouped = grouped_number(line.msisdn)
    return [line.msisdn, number, grouped, mask_msisdn(line.msisdn), mask_name(line.account.customer.name)]


def _words(account_id: uuid.UUID) -> set[str]:
    """Return the texts of an account's rows that say something to a person: words of people, addresses, numbers."""
    kinds = (CharField, TextField)
    return {
        value
        for model in list_owned_models()
        for field in model._meta.concrete_fields
        if isinstance(field, kinds) and not field.choices
        for value in _column(model, field.name, account_id)
        if len(value) >= _SHORTEST_WORD
        and (not value.isascii() or "@" in value or (value.isdigit() and len(value) >= _LONG_NUMBER))
    }


def _amounts(account_id: uuid.UUID) -> set[str]:
    """Return the amounts of an account's rows as pages write them, those with odd fen."""
    return {
        yuan_text(amount)
        for model in list_owned_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_fen")
        for amount in _column(model, field.name, account_id)
        if amount and amount > _LARGE_FEN and amount % 10
    }


def _column(model: type[Model], name: str, account_id: uuid.UUID) -> list[Any]:
    if model is Account:
        return []
    return list(model._default_manager.filter(account_id=account_id).values_list(name, flat=True))
