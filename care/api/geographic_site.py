"""TMF674 geographicSite: shops and WLAN hotspots."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from care.models import CLOSED, Site, SiteKind, SiteState
from care.operations.keep_sites import SiteCodeTaken, SiteInvalid, add_site
from care.queries.sites import list_all_sites
from kernel.regions import region_name
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Api, Attribute, Caller, Column, Creation, Resource, by_uuid
from kernel.rest.shapes import ListOf, Number, Structure, Text

API = Api(
    title="Geographic site",
    base_path="/tmf-api/geographicSiteManagement/v4",
    scope="site",
    name="geographic-site",
)

_STATUSES: Mapping[str, str] = {
    SiteState.PLANNED: "planned",
    SiteState.UNDER_CONSTRUCTION: "underConstruction",
    SiteState.CANCELLED: "cancelled",
    SiteState.ACTIVE: "active",
    SiteState.INACTIVE: "inactive",
    SiteState.FORMER: "former",
}
_STATES = {name: state for state, name in _STATUSES.items()}
_CATEGORIES: Mapping[str, str] = {SiteKind.OUTLET: "outlet", SiteKind.HOTSPOT: "wlanHotspot"}
_KINDS = {name: kind for kind, name in _CATEGORIES.items()}
_ADDRESS, _POINT = "GeographicAddress", "GeographicPoint"
_WEEKDAYS, _WEEKEND, _ALL_WEEK = "weekdays", "weekend", "all week"
_DAYS: Mapping[str, tuple[str, ...]] = {
    _WEEKDAYS: ("weekday_hours",),
    "mon-to-fri": ("weekday_hours",),
    _WEEKEND: ("weekend_hours",),
    _ALL_WEEK: ("weekday_hours", "weekend_hours"),
}
_OPEN, _SHUT = "open", "closed"
_TIME_ZONE = "Asia/Shanghai"

_HOUR_PERIOD = Structure("HourPeriod", {"startHour": Text(max_length=5), "endHour": Text(max_length=5)})
_CALENDAR_PERIOD = Structure(
    "CalendarPeriod",
    {
        "day": Text(choices=tuple(_DAYS)),
        "status": Text(choices=(_OPEN, _SHUT)),
        "timeZone": Text(),
        "hourPeriod": ListOf(_HOUR_PERIOD, max_length=1),
    },
    required=("status",),
)
_PLACE = Structure(
    "PlaceRefOrValue",
    {
        "id": Text(),
        "href": Text(),
        "name": Text(),
        "stateOrProvince": Text(max_length=6),
        "city": Text(max_length=40),
        "locality": Text(max_length=40),
        "streetName": Text(max_length=160),
        "x": Number(),
        "y": Number(),
        "@type": Text(choices=(_ADDRESS, _POINT)),
    },
    description=f"A {_ADDRESS} with the code of its province, or a {_POINT}: x is longitude, y latitude (WGS 84).",
)
# Column of a site → attribute that a refusal names.
_ATTRIBUTES = {
    "name_zh": "name",
    "province": "place[0].stateOrProvince",
    "address": "place",
    "longitude": "place",
    "latitude": "place",
    "weekday_hours": "calendar",
    "weekend_hours": "calendar",
}


def _calendar(site: Site) -> list[dict[str, Any]] | None:
    days = ((_WEEKDAYS, site.weekday_hours), (_WEEKEND, site.weekend_hours))
    return [_period(day, hours) for day, hours in days if hours] or None


def _period(day: str, hours: str) -> dict[str, Any]:
    if hours == CLOSED:
        return {"day": day, "status": _SHUT, "timeZone": _TIME_ZONE}
    opens, closes = hours.split("-")
    periods = [{"startHour": opens, "endHour": closes}]
    return {"day": day, "status": _OPEN, "timeZone": _TIME_ZONE, "hourPeriod": periods}


def _places(site: Site) -> list[dict[str, Any]] | None:
    parts = {
        "stateOrProvince": site.province,
        "city": site.city,
        "locality": site.district,
        "streetName": site.address,
    }
    given = {name: text for name, text in parts.items() if text}
    places: list[dict[str, Any]] = []
    if given:
        province = region_name(site.province, "zh-hans") if site.province else ""
        name = f"{province}{site.city}{site.district}{site.address}"
        places.append({"name": name, **given, "@type": _ADDRESS})
    if site.longitude is not None and site.latitude is not None:
        places.append({"x": site.longitude, "y": site.latitude, "@type": _POINT})
    return places or None


def _facts(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that a body means."""
    facts: dict[str, Any] = {
        "name_zh": wanted["name"],
        "code": wanted.get("code", ""),
        "description": wanted.get("description", ""),
        "state": _STATES[wanted.get("status", _STATUSES[SiteState.PLANNED])],
        "kind": _KINDS[wanted.get("category", _CATEGORIES[SiteKind.OUTLET])],
    }
    for at, period in enumerate(wanted.get("calendar", ())):
        hours = _hours(period, f"calendar[{at}]")
        facts |= dict.fromkeys(_DAYS[period.get("day", _ALL_WEEK)], hours)
    for at, place in enumerate(wanted.get("place", ())):
        facts |= _place(place, f"place[{at}]")
    return facts


def _hours(period: dict[str, Any], path: str) -> str:
    if period["status"] == _SHUT:
        return CLOSED
    [hours] = period.get("hourPeriod") or [{}]
    if not {"startHour", "endHour"} <= hours.keys():
        raise AttributeInvalid(field=f"{path}.hourPeriod", cure=_("Give startHour and endHour."))
    return f"{hours['startHour']}-{hours['endHour']}"


def _place(place: dict[str, Any], path: str) -> dict[str, Any]:
    if place.get("@type", _ADDRESS) == _POINT:
        return {"longitude": _degrees(place, "x", path), "latitude": _degrees(place, "y", path)}
    return {
        "province": place.get("stateOrProvince", ""),
        "city": place.get("city", ""),
        "district": place.get("locality", ""),
        # An address in one piece is one too.
        "address": place.get("streetName") or place.get("name", "")[:160],
    }


def _degrees(place: dict[str, Any], name: str, path: str) -> Any:
    degrees = place.get(name)
    if degrees is not None and degrees != round(degrees, 6):
        raise AttributeInvalid(field=f"{path}.{name}", cure=_("Give six decimals at most."))
    return degrees


def _create(wanted: dict[str, Any], caller: Caller, _key: str) -> Site:
    try:
        return add_site(facts=_facts(wanted), author=caller.client_id, now=caller.now)
    except (SiteInvalid, SiteCodeTaken) as refusal:
        refusal.field = _ATTRIBUTES.get(refusal.field, refusal.field)
        raise


def _by_status(texts: Sequence[str]) -> Q:
    return Q(state__in=[_STATES[text] for text in texts if text in _STATES])


def _by_category(texts: Sequence[str]) -> Q:
    return Q(kind__in=[_KINDS[text] for text in texts if text in _KINDS])


GEOGRAPHIC_SITE: Resource[Site] = Resource(
    api=API,
    name="geographicSite",
    type_name="GeographicSite",
    summary="Shops and WLAN hotspots. They belong to no account: every caller sees the same.",
    rows=lambda _caller: [list_all_sites()],
    complete=lambda sites, _caller: sites,
    public_id=lambda site: str(site.id),
    find=by_uuid("id"),
    order=("id",),
    attributes=(
        Attribute(
            name="name",
            shape=Text(),
            read=lambda site: site.name_zh,
            always=True,
            filters={"": Column("name_zh")},
            sort="name_zh",
        ),
        Attribute(
            name="code", shape=Text(), read=lambda site: site.code or None, filters={"": Column("code")}, sort="code"
        ),
        Attribute(name="description", shape=Text(max_length=300), read=lambda site: site.description or None),
        Attribute(
            name="status",
            shape=Text(choices=tuple(_STATUSES.values())),
            read=lambda site: _STATUSES[site.state],
            always=True,
            filters={"": _by_status},
        ),
        Attribute(
            name="category",
            shape=Text(choices=tuple(_CATEGORIES.values())),
            read=lambda site: _CATEGORIES[site.kind],
            always=True,
            filters={"": _by_category},
            description="What it is; an attribute of this house beside those of TMF674.",
        ),
        Attribute(
            name="calendar",
            shape=ListOf(_CALENDAR_PERIOD),
            read=_calendar,
            description="When it is open; absent where nobody said.",
        ),
        Attribute(
            name="place",
            shape=ListOf(_PLACE),
            read=_places,
            filters={
                "stateOrProvince": Column("province"),
                "city": Column("city"),
                "locality": Column("district"),
            },
        ),
    ),
    creation=Creation(
        body=Structure(
            "GeographicSite_Create",
            {
                "name": Text(max_length=80),
                "code": Text(max_length=40),
                "description": Text(max_length=300),
                "status": Text(choices=tuple(_STATUSES.values())),
                "category": Text(choices=tuple(_CATEGORIES.values())),
                "calendar": ListOf(_CALENDAR_PERIOD, max_length=2),
                "place": ListOf(_PLACE, max_length=2),
            },
            required=("name",),
            description=(
                "Without a status it is planned, which no customer sees; what is active needs a city and an address."
                " Hours are for weekdays, weekend or all week."
            ),
        ),
        create=_create,
        summary="Adds a shop or a hotspot.",
        example={
            "name": "和风营业厅（示例路店）",
            "code": "GZ-0042",
            "status": "active",
            "calendar": [
                {"day": _ALL_WEEK, "status": _OPEN, "hourPeriod": [{"startHour": "09:00", "endHour": "18:00"}]}
            ],
            "place": [
                {
                    "stateOrProvince": "CN-GD",
                    "city": "广州市",
                    "locality": "天河区",
                    "streetName": "示例路42号",
                    "@type": _ADDRESS,
                }
            ],
        },
    ),
    example={
        "id": "019aaf00-0000-7000-8000-000000000674",
        "href": "https://hall.example.com/tmf-api/geographicSiteManagement/v4/geographicSite/"
        "019aaf00-0000-7000-8000-000000000674",
        "name": "和风营业厅（示例路店）",
        "code": "GZ-0042",
        "status": "active",
        "category": "outlet",
        "calendar": [
            {
                "day": _WEEKDAYS,
                "status": _OPEN,
                "timeZone": _TIME_ZONE,
                "hourPeriod": [{"startHour": "09:00", "endHour": "18:00"}],
            },
            {"day": _WEEKEND, "status": _SHUT, "timeZone": _TIME_ZONE},
        ],
        "place": [
            {
                "name": "广东广州市天河区示例路42号",
                "stateOrProvince": "CN-GD",
                "city": "广州市",
                "locality": "天河区",
                "streetName": "示例路42号",
                "@type": _ADDRESS,
            },
            {"x": 113.32, "y": 23.13, "@type": _POINT},
        ],
        "@type": "GeographicSite",
    },
)
