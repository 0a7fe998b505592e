from typing import Any

import pytest

from care.models import Site
from tests.factories.billing import make_line
from tests.factories.care import make_site
from tests.factories.partners import make_partner

pytestmark = pytest.mark.django_db
PATH = "/tmf-api/geographicSiteManagement/v4/geographicSite"
ADDRESS = {
    "stateOrProvince": "CN-ZJ",
    "city": "杭州市",
    "locality": "西湖区",
    "streetName": "示例路8号",
    "@type": "GeographicAddress",
}
NINE_TO_SIX = [{"startHour": "09:00", "endHour": "18:00"}]


class TestPost:
    def test_needs_a_name_and_shows_no_customer_what_is_only_planned(self) -> None:
        partner = make_partner(make_line())
        answer = partner.post(PATH, {"name": "东站店"}, key="1")
        assert answer.status_code == 201
        body = answer.json()
        assert (body["name"], body["status"], body["category"]) == ("东站店", "planned", "outlet")
        assert partner.post(PATH, {}, key="2").status_code == 400
        assert Site.objects.count() == 1

    def test_keeps_place_and_hours(self) -> None:
        partner = make_partner(make_line())
        point = {"x": 120.15, "y": 30.28, "@type": "GeographicPoint"}
        body = {
            "name": "西湖店",
            "code": "HZ-1",
            "status": "active",
            "category": "wlanHotspot",
            "calendar": [
                {"day": "all week", "status": "open", "hourPeriod": NINE_TO_SIX},
                {"day": "weekend", "status": "closed"},
            ],
            "place": [ADDRESS, point],
        }
        answer = partner.post(PATH, body, key="1").json()
        assert answer["place"] == [{**ADDRESS, "name": "浙江杭州市西湖区示例路8号"}, point]
        assert [(one["day"], one["status"], one.get("hourPeriod")) for one in answer["calendar"]] == [
            ("weekdays", "open", NINE_TO_SIX),
            ("weekend", "closed", None),
        ]
        site = Site.objects.get()
        assert (site.kind, site.weekday_hours, site.weekend_hours) == ("HOTSPOT", "09:00-18:00", "CLOSED")
        assert site.changed_by == partner.client_id
        taken = partner.post(PATH, {"name": "另一家", "code": "HZ-1"}, key="2")
        assert (taken.status_code, taken.json()["code"]) == (409, "SITE_CODE_TAKEN")
        assert Site.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"status": "active"}, "place"),
            ({"status": "haunted"}, "status"),
            ({"place": [{**ADDRESS, "stateOrProvince": "CN-XX"}]}, "stateOrProvince"),
            ({"place": [{"x": 120.15, "@type": "GeographicPoint"}]}, "place"),
            ({"place": [{"x": 2.35, "y": 48.86, "@type": "GeographicPoint"}]}, "place"),
            ({"place": [{"x": 120.1234567, "y": 30, "@type": "GeographicPoint"}]}, "place[0].x"),
            ({"calendar": [{"status": "open", "hourPeriod": [{"startHour": "9", "endHour": "18:00"}]}]}, "calendar"),
            (
                {"calendar": [{"status": "open", "hourPeriod": [{"startHour": "19:00", "endHour": "18:00"}]}]},
                "calendar",
            ),
            ({"calendar": [{"status": "open"}]}, "calendar[0].hourPeriod"),
            ({"calendar": [{"day": "monday", "status": "open"}]}, "calendar[0].day"),
        ],
    )
    def test_names_what_does_not_fit(self, wrong: dict[str, Any], field: str) -> None:
        answer = make_partner(make_line()).post(PATH, {"name": "店", **wrong}, key="1")
        assert answer.status_code == 400
        assert field in answer.json()["message"]
        assert not Site.objects.exists()


class TestGet:
    def test_is_filtered_by_place_and_category(self) -> None:
        here, _there = make_site(), make_site(city="深圳市", kind="HOTSPOT")
        partner = make_partner(make_line())
        for wanted in ({"place.city": "广州市"}, {"category": "outlet"}):
            assert [one["id"] for one in partner.get(PATH, **wanted).json()] == [str(here.id)]
