"""Reads the catalogue: what is on sale. Reference data, the same for every customer."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.errors import NotFound
from packages_app.models import Offering

_CONTENTS = ("allowances", "unit_prices")


class OfferingUnknown(NotFound):
    """The catalogue has never had this code."""

    code = "OFFERING_UNKNOWN"
    message = _("We have no such offer.")
    cure = _("Choose from what is on sale.")
    field = "offering"


def list_offerings(*, now: datetime) -> list[Offering]:
    """Return what is on sale at `now` in the order of the catalogue, with `allowances`
    and `unit_prices`; three queries."""
    offerings = Offering.objects.filter(Q(on_sale_to__isnull=True) | Q(on_sale_to__gt=now), on_sale_from__lte=now)
    return list(offerings.order_by("kind", "position", "code").prefetch_related(*_CONTENTS))


def list_all_offerings() -> list[Offering]:
    """Return what was ever in the catalogue, with `allowances` and `unit_prices`; three queries."""
    return list(Offering.objects.prefetch_related(*_CONTENTS))


def list_whole_catalogue() -> list[Offering]:
    """Return what was ever in the catalogue by code, with `allowances`, `unit_prices` and `links`; four queries."""
    return list(Offering.objects.order_by("code").prefetch_related(*_CONTENTS, "links"))


def get_offering(*, code: str) -> Offering:
    """Return an offering, on sale or not, with `allowances` and `unit_prices`.

    :raises OfferingUnknown: there is none of this code.
    """
    offering = Offering.objects.filter(code=code).prefetch_related(*_CONTENTS).first()
    if offering is None:
        raise OfferingUnknown
    return offering


def is_on_sale(offering: Offering, now: datetime) -> bool:
    """Tell whether an offering can be ordered at `now`: from its first instant up to, not including, its last."""
    return offering.on_sale_from <= now and (offering.on_sale_to is None or now < offering.on_sale_to)
