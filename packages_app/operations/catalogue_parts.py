"""Offerings that partner systems put together from parts, publish, change and retire.

What is in the catalogue goes through `keep_offering`, by the rules of every other door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import BillHead
from kernel.errors import DomainError, NotFound
from kernel.ids import uuid7
from packages_app.models import CataloguePart, Offering, OfferingKind, Order, PartKind, Recurrence, Subscription
from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.catalogue_entries import ONE_TIME, RECURRING
from packages_app.queries.ties import list_ties
from packages_app.sheets.draft import Draft, draft_of
from packages_app.sheets.notation import parse_allowances

IN_DESIGN = "In design"
_HEADS = {
    OfferingKind.PLAN: BillHead.PLAN,
    OfferingKind.DATA_PACK: BillHead.DATA,
    OfferingKind.ROAMING_PASS: BillHead.DATA,
    OfferingKind.VALUE_ADDED: BillHead.VALUE_ADDED,
    OfferingKind.DEVICE_CONTRACT: BillHead.OTHER,
}


class PartUnknown(NotFound):
    """There is no such part of the catalogue."""

    code = "CATALOGUE_PART_UNKNOWN"
    message = _("The catalogue has no such part.")


class PartInUse(DomainError):
    """An offering in design is put together from it."""

    code = "CATALOGUE_PART_IN_USE"
    message = _("An offering in design is made of this.")
    cure = _("Take it out of that offering first.")
    http_status = 409


class DesignIncomplete(DomainError):
    """An offering cannot be published before it says what it is and what it costs."""

    code = "OFFERING_INCOMPLETE"
    message = _("This offering is not complete, so it cannot be published.")


class OfferingSold(DomainError):
    """Somebody ordered it: what was sold names it."""

    code = "OFFERING_SOLD"
    message = _("This offering was sold, so it cannot be taken out of the catalogue.")
    cure = _("Retire it: it is not sold any more then, and whoever has it keeps it.")
    http_status = 409


class OfferingTied(DomainError):
    """Another offering needs it, or cannot be had beside it."""

    code = "OFFERING_TIED"
    message = _("Another offering names this one, so it cannot be taken out of the catalogue.")
    cure = _("Retire it, or untie the other first.")
    http_status = 409


def make_part(
    *, kind: PartKind, name: str, description: str, status: str, content: Mapping[str, Any], author: str, now: datetime
) -> CataloguePart:
    """Keep a part from which offerings can be put together. An offering in design without a specification gets one.

    :param status: in TMF620's words.
    :param content: plain data, as `CataloguePart` says.
    """
    with transaction.atomic():
        kept = dict(content)
        if kind is PartKind.OFFERING and not kept.get("specification"):
            specification = make_part(
                kind=PartKind.SPECIFICATION,
                name=name,
                description=description,
                status=IN_DESIGN,
                content={"characteristics": []},
                author=author,
                now=now,
            )
            kept["specification"] = specification.code
        return CataloguePart.objects.create(
            code=f"N-{uuid7().hex}",
            kind=kind,
            name=name,
            description=description,
            lifecycle_status=status,
            content=kept,
            author=author,
            changed_at=now,
        )


def change_part(
    *, code: str, changes: Mapping[str, Any], content: Mapping[str, Any], author: str, now: datetime
) -> CataloguePart:
    """Change a part; what was published from it before stays as it is.

    :param changes: of name, description and lifecycle_status those that change.
    :param content: what of its content changes.
    :raises PartUnknown: there is none of this code.
    """
    with transaction.atomic():
        part = _lock_part(code)
        for name, value in changes.items():
            setattr(part, name, value)
        part.content |= content
        part.author, part.changed_at = author, now
        part.save()
    return part


def remove_part(*, code: str) -> None:
    """Take a part away.

    :raises PartUnknown: there is none of this code.
    :raises PartInUse: an offering in design is made of it.
    """
    with transaction.atomic():
        part = _lock_part(code)
        designs = CataloguePart.objects.filter(kind=PartKind.OFFERING).values_list("content", flat=True)
        if any(code == design.get("specification") or code in design.get("prices", ()) for design in designs):
            raise PartInUse
        part.delete()


def publish_design(*, code: str, author: str, now: datetime) -> Offering:
    """Put an offering in design into the catalogue, under its own code and by the rules of every other door.

    :raises PartUnknown: there is none of this code.
    :raises DesignIncomplete: it does not say what it is, or what it costs.
    :raises NotationInvalid: its specification says what cannot be read as an allowance.
    :raises OfferingInvalid: it contradicts itself or the catalogue.
    """
    with transaction.atomic():
        design = _lock_part(code)
        content = design.content
        if not content.get("kind"):
            raise DesignIncomplete(field="category", cure=_("Say what kind of offering it is."))
        specification = CataloguePart.objects.get(code=content["specification"])
        offering = Offering(
            code=code,
            kind=content["kind"],
            name_zh=design.name,
            name_en=design.name,
            summary_zh=design.description,
            summary_en=design.description,
            head=_HEADS[OfferingKind(content["kind"])],
            commitment_months=content.get("commitment_months", 0),
            provinces=content.get("provinces", []),
            on_sale_from=_instant(content.get("valid_from")) or now,
            on_sale_to=_instant(content.get("valid_to")),
            **_price_fields(content.get("prices", ())),
        )
        allowances = parse_allowances("\n".join(specification.content["characteristics"]))
        keep_offering(offering=offering, allowances=allowances, author=author, now=now)
        design.delete()
    return offering


def change_offering(*, code: str, fields: Mapping[str, Any], author: str, now: datetime) -> Offering:
    """Change fields of an offering of the catalogue. What was sold keeps its terms.

    :param fields: columns of `Offering`, and `allowances` as lines of `packages_app.sheets.notation`.
    :raises PartUnknown: there is none of this code.
    :raises NotationInvalid: an allowance cannot be read.
    :raises OfferingInvalid: it would contradict itself or the catalogue.
    """
    with transaction.atomic():
        offering = Offering.objects.select_for_update(no_key=True).filter(code=code).first()
        if offering is None:
            raise PartUnknown
        draft = _loose(draft_of(offering))
        for name, value in fields.items():
            if name == "allowances":
                draft = replace(draft, allowances=parse_allowances("\n".join(value)))
            else:
                setattr(offering, name, value)
        keep_offering(
            offering=offering,
            allowances=draft.allowances,
            unit_prices=draft.unit_prices,
            links=draft.links,
            author=author,
            now=now,
        )
    return offering


def remove_offering(*, code: str) -> None:
    """Take an offering that nobody ever ordered out of the catalogue.

    :raises PartUnknown: there is none of this code.
    :raises OfferingSold: somebody ordered it, has it or had it.
    :raises OfferingTied: another offering names it.
    """
    with transaction.atomic():
        # FOR UPDATE: an order that is being inserted holds a key share of the row, and is waited for.
        offering = Offering.objects.select_for_update().filter(code=code).first()
        if offering is None:
            raise PartUnknown
        if any(model._default_manager.filter(offering_id=code).exists() for model in (Order, Subscription)):
            raise OfferingSold
        if any(tie.other_id == code for tie in list_ties([code])):
            raise OfferingTied
        offering.delete()


def _lock_part(code: str) -> CataloguePart:
    part = CataloguePart.objects.select_for_update().filter(code=code).first()
    if part is None:
        raise PartUnknown
    return part


def _price_fields(codes: Sequence[str]) -> dict[str, Any]:
    parts = {part.code: part.content for part in CataloguePart.objects.filter(kind=PartKind.PRICE, code__in=codes)}
    prices = [parts[code] for code in codes if code in parts and parts[code].get("amount_fen") is not None]
    recurring = [price["amount_fen"] for price in prices if price["type"] == RECURRING]
    once = [price["amount_fen"] for price in prices if price["type"] == ONE_TIME]
    if not prices or len(recurring) > 1 or len(once) > 1:
        raise DesignIncomplete(
            field="productOfferingPrice", cure=_("Give one price: each month or once; or both, once at the start.")
        )
    if recurring:
        return {"recurrence": Recurrence.MONTHLY, "price_fen": recurring[0], "one_off_fen": sum(once)}
    return {"recurrence": Recurrence.ONCE, "price_fen": once[0]}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _loose(draft: Draft) -> Draft:
    """Return a draft whose rows can be inserted again: what is kept is replaced as a whole."""
    for row in (*draft.allowances, *draft.unit_prices, *draft.links):
        row._state.adding = True
    return draft
