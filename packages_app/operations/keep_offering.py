"""Puts an offering into the catalogue, or changes it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from packages_app.models import Offering, OfferingAllowance, OfferingLink, OfferingUnitPrice, OfferingVersion
from packages_app.operations.offering_rules import OfferingInvalid, list_faults
from packages_app.queries.terms import get_terms, is_same_deal
from packages_app.queries.ties import get_needs, list_codes
from packages_app.sheets.draft import draft_of, fingerprint, texts_of


class OfferingChanged(DomainError):
    """Somebody changed the offering since it was read."""

    code = "OFFERING_CHANGED"
    message = _("Somebody changed this offering since you opened it.")
    cure = _("Open it anew and change it then.")
    http_status = 409


def keep_offering(
    *,
    offering: Offering,
    allowances: Sequence[OfferingAllowance],
    unit_prices: Sequence[OfferingUnitPrice] = (),
    links: Sequence[OfferingLink] = (),
    author: str,
    now: datetime,
    seen: str | None = None,
) -> int:
    """Save an offering with what it includes, replacing what it included. What was sold keeps its terms.

    A change of what binds a customer begins a new version; a corrected name does not.

    :param offering: valid, saved before or not.
    :param allowances: a cycle's, unsaved, numbered apart from each other; `unit_prices` for use beyond them and `links`
        to other offerings likewise.
    :param author: who changed it, for the history.
    :param seen: `packages_app.sheets.draft.fingerprint` of the offering that was changed; None where nobody looked.
    :return: the version that holds from now on.
    :raises OfferingChanged: it is not as it was seen any more.
    :raises OfferingInvalid: it contradicts itself or the catalogue.
    """
    with transaction.atomic():
        if seen is not None:
            _require_as_seen(offering.code, seen)
        faults = list_faults(
            offering=offering,
            allowances=allowances,
            unit_prices=unit_prices,
            links=links,
            known_codes=list_codes() if links else (),
            needs=get_needs() if links else {},
        )
        if faults:
            raise OfferingInvalid(faults=faults)
        version = write_offering(
            offering=offering, allowances=allowances, unit_prices=unit_prices, author=author, now=now
        )
        write_links(offering=offering, links=links)
    return version


def _require_as_seen(code: str, seen: str) -> None:
    """Hold the offering until the end of the transaction, if it is as it was seen."""
    held = Offering.objects.select_for_update(no_key=True).filter(code=code).first()
    if held is None or fingerprint(texts_of(draft_of(held))) != seen:
        raise OfferingChanged


def write_offering(
    *,
    offering: Offering,
    allowances: Sequence[OfferingAllowance],
    unit_prices: Sequence[OfferingUnitPrice],
    author: str,
    now: datetime,
    is_new: bool = False,
) -> int:
    """Do what `keep_offering` does, all but the links, for a caller that has found no fault.

    :param is_new: nobody may have brought this code in meanwhile.
    :return: the version that holds from now on.
    :raises IntegrityError: it was to be new and is not.
    """
    with transaction.atomic():
        last = (
            OfferingVersion.objects.select_for_update().filter(offering_id=offering.code).order_by("-version").first()
        )
        offering.version = last.version if last else 1
        offering.save(force_insert=is_new)
        _replace(OfferingAllowance, offering, allowances)
        _replace(OfferingUnitPrice, offering, unit_prices)
        terms = get_terms(Offering.objects.get(code=offering.code))
        if last is None or not is_same_deal(last.terms, terms):
            offering.version = terms["version"] = last.version + 1 if last else 1
            offering.save(update_fields=["version"])
            OfferingVersion.objects.create(
                offering=offering, version=offering.version, terms=terms, author=author, changed_at=now
            )
    return offering.version


def write_links(*, offering: Offering, links: Sequence[OfferingLink]) -> None:
    """Replace the links of an offering, for a caller that has found no fault and has written the others."""
    _replace(OfferingLink, offering, links)


def _replace(model: type[models.Model], offering: Offering, rows: Sequence[models.Model]) -> None:
    model._default_manager.filter(offering=offering).delete()
    for row in rows:
        row.offering = offering  # type: ignore[attr-defined]
    model._default_manager.bulk_create(rows)
