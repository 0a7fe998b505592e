"""What must hold of a site before it is kept."""

import re

from django.utils.translation import gettext_lazy as _

from care.models import HOURS, Site, SiteState
from kernel.errors import Text
from kernel.regions import PROVINCE_CODES

# East and north of these: nowhere in the country is beyond.
_EAST, _NORTH = (73, 136), (3, 54)


def list_site_faults(*, site: Site) -> list[tuple[str, Text]]:
    """Return what does not fit: column and sentence of each."""
    faults: list[tuple[str, Text]] = []
    if not site.name_zh.strip():
        faults.append(("name_zh", _("Name it.")))
    if site.province and site.province not in PROVINCE_CODES:
        faults.append(("province", _("Write the code of a province, such as CN-GD.")))
    for column in ("weekday_hours", "weekend_hours"):
        hours = getattr(site, column)
        if not re.match(HOURS, hours):
            faults.append((column, _("Write hours as 09:00-18:00, or CLOSED.")))
        elif "-" in hours and hours[:5] >= hours[6:]:
            faults.append((column, _("It must close after it opens.")))
    if (site.longitude is None) != (site.latitude is None):
        faults.append(("longitude", _("Give both longitude and latitude, or neither.")))
    if site.longitude is not None and not _EAST[0] <= site.longitude <= _EAST[1]:
        faults.append(("longitude", _("This is outside the country.")))
    if site.latitude is not None and not _NORTH[0] <= site.latitude <= _NORTH[1]:
        faults.append(("latitude", _("This is outside the country.")))
    if site.state == SiteState.ACTIVE and not (site.city and site.address):
        faults.append(("address", _("What is open needs a city and an address, so that people find it.")))
    return faults
