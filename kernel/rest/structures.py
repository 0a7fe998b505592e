"""Structures that the TM Forum APIs share, and the values that fill them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.money import FEN_PER_YUAN
from kernel.rest.renderers import instant_text
from kernel.rest.shapes import Instant, Number, Shape, Structure, Text, Yuan

CURRENCY = "CNY"

QUANTITY = Structure("Quantity", {"amount": Number(), "units": Text()}, required=("amount", "units"))
YUAN_QUANTITY = Structure(
    "YuanQuantity",
    {"amount": Yuan(), "units": Text(choices=(CURRENCY,))},
    required=("amount", "units"),
    result=lambda values: values["amount"],
)
MONEY = Structure(
    "Money",
    {"unit": Text(choices=(CURRENCY,)), "value": Yuan()},
    required=("unit", "value"),
    result=lambda values: values["value"],
)
TIME_PERIOD = Structure("TimePeriod", {"startDateTime": Instant(), "endDateTime": Instant()})
ERROR = Structure(
    "Error",
    {"code": Text(), "reason": Text(), "message": Text(), "status": Text(), "referenceError": Text(format="uri")},
    required=("code", "reason"),
    description="What was refused: `code` is stable, `reason` and `message` are in the language of Accept-Language.",
)


def reference_shape(name: str, *, required: tuple[str, ...] = ("id",), **more: Shape) -> Structure:
    """Return the structure of a reference to an entity of another resource: `<name>Ref`.

    :param more: attributes beside id, href, name and @referredType.
    """
    attributes: dict[str, Shape] = {
        "id": Text(),
        "href": Text(),
        "name": Text(),
        **more,
        "@type": Text(),
        "@referredType": Text(),
    }
    return Structure(f"{name}Ref", attributes, required=required)


RELATED_PARTY = Structure(
    "RelatedParty",
    {"id": Text(), "href": Text(), "name": Text(), "role": Text(), "@referredType": Text()},
    required=("id", "@referredType"),
)

# An account as TMF676 and TMF629 name it.
ACCOUNT = reference_shape("Account", description=Text(max_length=500))


def quantity(amount: int | Decimal, units: str) -> dict[str, Any]:
    """Return a TMF Quantity."""
    return {"amount": amount, "units": units}


def yuan_quantity(amount_fen: int) -> dict[str, Any]:
    """Return an amount of money as a TMF Quantity in yuan."""
    return quantity(Decimal(amount_fen) / FEN_PER_YUAN, CURRENCY)


def money(amount_fen: int) -> dict[str, Any]:
    """Return an amount as a TMF Money in yuan; the shape `MONEY` reads one as fen."""
    return {"unit": CURRENCY, "value": Decimal(amount_fen) / FEN_PER_YUAN}


def time_period(starts_at: datetime, ends_at: datetime | None = None) -> dict[str, str]:
    """Return a TMF TimePeriod; without `ends_at` it is open."""
    period = {"startDateTime": instant_text(starts_at)}
    return period if ends_at is None else {**period, "endDateTime": instant_text(ends_at)}


def reference(entity_id: object, referred_type: str, **more: str) -> dict[str, str]:
    """Return a reference to an entity; `more` may name it (`name`) and its address (`href`)."""
    return {"id": str(entity_id), **more, "@referredType": referred_type}
