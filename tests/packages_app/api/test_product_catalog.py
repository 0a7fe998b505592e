"""TMF620: the catalogue is read, put together from parts, changed and retired over REST."""

import itertools
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Line
from packages_app.models import (
    CataloguePart,
    LinkKind,
    Offering,
    OfferingUnitPrice,
    OfferingVersion,
    PartKind,
    UsageKind,
)
from packages_app.operations.keep_offering import keep_offering
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import (
    GB,
    ask_for,
    buy,
    general_allowances,
    make_offering,
    make_part,
    make_plan,
    tie,
)
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
CATALOGUE = "/tmf-api/productCatalogManagement/v4"
OFFERINGS = f"{CATALOGUE}/productOffering"
PRICES = f"{CATALOGUE}/productOfferingPrice"
SPECIFICATIONS = f"{CATALOGUE}/productSpecification"
_numbers = itertools.count(1)
DATA_10GB = [{"name": "DATA", "productSpecCharacteristicValue": [{"value": "10GB"}]}]


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def partner() -> Partner:
    return make_partner()


def yuan(value: float) -> dict[str, Any]:
    return {"unit": "CNY", "value": value}


def made(partner: Partner, url: str, **body: Any) -> dict[str, Any]:
    response = partner.post(url, {"name": "Ten", **body}, key=f"key-{next(_numbers)}")
    assert response.status_code == 201, response.content
    return response.json()  # type: ignore[no-any-return]


def design(partner: Partner, *prices: dict[str, Any], **body: Any) -> dict[str, Any]:
    """Make prices and a specification, and an offering in design of them."""
    made_prices = [
        partner.post(PRICES, {"name": "Ten", **price}, key=f"key-{next(_numbers)}").json()["id"] for price in prices
    ]
    specification = made(partner, SPECIFICATIONS, productSpecCharacteristic=DATA_10GB)["id"]
    return made(
        partner,
        OFFERINGS,
        productOfferingPrice=[{"id": code} for code in made_prices],
        productSpecification={"id": specification},
        **body,
    )


class TestRead:
    def test_shows_an_offering_with_its_prices_and_specification(self, partner: Partner) -> None:
        plan = make_plan({UsageKind.DATA: 10 * GB, UsageKind.VOICE: 600}, code="PLAN-10", one_off_fen=5_00)
        beyond = OfferingUnitPrice(usage_kind=UsageKind.VOICE, price_li=155, per_amount=60)
        keep_offering(
            offering=plan,
            allowances=general_allowances({UsageKind.DATA: 10 * GB, UsageKind.VOICE: 600}),
            unit_prices=[beyond],
            author="",
            now=NOW,
        )
        tie(plan, LinkKind.EXCLUDES, make_offering(code="PACK"))
        base = f"{settings.PUBLIC_URL}{CATALOGUE}"

        def named(resource: str, kind: str, entity_id: str, name: str = "Breeze 59") -> dict[str, str]:
            return {"id": entity_id, "href": f"{base}/{resource}/{entity_id}", "name": name, "@referredType": kind}

        shared = {
            "name": "Breeze 59",
            "lifecycleStatus": "Launched",
            "lastUpdate": "2026-11-22T06:30:00Z",
            "version": "2",
            "isBundle": False,
        }
        assert partner.get(f"{OFFERINGS}/PLAN-10").json() == {
            "id": "PLAN-10",
            "href": f"{base}/productOffering/PLAN-10",
            **shared,
            "description": "1 GB for the whole country",
            "isSellable": True,
            "validFor": {"startDateTime": "2026-01-01T00:00:00Z"},
            "category": [{"id": "PLAN", "name": "plan", "@referredType": "Category"}],
            "productSpecification": named("productSpecification", "ProductSpecification", "PLAN-10"),
            "productOfferingPrice": [
                named("productOfferingPrice", "ProductOfferingPrice", f"PLAN-10.{slot}")
                for slot in ("price", "start", "beyond.VOICE.home")
            ],
            "productOfferingRelationship": [
                {
                    **named("productOffering", "ProductOffering", "PACK", "1 GB data pack"),
                    "relationshipType": "excludes",
                }
            ],
            "@type": "ProductOffering",
        }
        prices = {one["id"]: one for one in partner.get(PRICES, id="PLAN-10.price,PLAN-10.start").json()}
        assert prices["PLAN-10.price"] == {
            "id": "PLAN-10.price",
            "href": f"{base}/productOfferingPrice/PLAN-10.price",
            **shared,
            "description": "1 GB for the whole country",
            "priceType": "recurring",
            "price": yuan(59),
            "recurringChargePeriodType": "month",
            "recurringChargePeriodLength": 1,
            "@type": "ProductOfferingPrice",
        }
        assert (prices["PLAN-10.start"]["priceType"], prices["PLAN-10.start"]["price"]) == ("oneTime", yuan(5))
        use = partner.get(f"{PRICES}/PLAN-10.beyond.VOICE.home").json()
        # 0.155 yuan a minute has no whole fen; ten minutes have.
        assert (use["priceType"], use["price"], use["unitOfMeasure"]) == (
            "usage",
            yuan(1.55),
            {"amount": 600, "units": "second"},
        )
        said = partner.get(f"{SPECIFICATIONS}/PLAN-10").json()["productSpecCharacteristic"]
        assert [(one["name"], one["productSpecCharacteristicValue"][0]["value"]) for one in said] == [
            ("DATA", "10GB"),
            ("VOICE", "10min"),
        ]

    @pytest.mark.parametrize(
        ("sale", "status"),
        [({}, "Launched"), ({"on_sale_from": NOW.replace(year=2027)}, "Active"), ({"on_sale_to": NOW}, "Retired")],
    )
    def test_tells_where_an_offering_stands(self, partner: Partner, sale: dict[str, Any], status: str) -> None:
        code = make_offering(**sale).code
        make_part(PartKind.OFFERING, specification=make_part(PartKind.SPECIFICATION).code)
        assert [one["id"] for one in partner.get(OFFERINGS, lifecycleStatus=status).json()] == [code]
        found = partner.get(f"{OFFERINGS}/{code}").json()
        assert (found["lifecycleStatus"], found["isSellable"]) == (status, status == "Launched")

    @pytest.mark.parametrize("url", [OFFERINGS, PRICES, SPECIFICATIONS])
    def test_asks_as_many_queries_for_many_as_for_one(self, partner: Partner, url: str) -> None:
        counts = []
        for _ in range(2):
            for _ in range(2):
                make_offering()
            make_part(PartKind.OFFERING, specification=make_part(PartKind.SPECIFICATION).code)
            make_part(PartKind.PRICE)
            with CaptureQueriesContext(connection) as asked:
                assert partner.get(url).status_code == 200
            counts.append(len([query for query in asked if "packages_" in query["sql"]]))
        assert counts[0] == counts[1] <= 8


class TestDesign:
    def test_is_nothing_that_can_be_ordered(self, partner: Partner) -> None:
        offering = made(partner, OFFERINGS)
        assert (offering["lifecycleStatus"], offering["isSellable"], offering["version"]) == ("In design", False, "0")
        assert offering["productSpecification"]["name"] == "Ten"
        assert offering["productOfferingPrice"] == []
        assert made(partner, PRICES)["priceType"] == "oneTime"
        assert not Offering.objects.exists()

    @pytest.mark.parametrize(
        ("url", "body", "named"),
        [
            (OFFERINGS, {"isBundle": True}, "isBundle"),
            (OFFERINGS, {"category": [{"id": "CAR"}]}, "category[0].id"),
            (OFFERINGS, {"productSpecification": {"id": "N-1"}}, "productSpecification.id"),
            (OFFERINGS, {"productOfferingPrice": [{"id": "N-1"}]}, "productOfferingPrice[0].id"),
            (OFFERINGS, {"lifecycleStatus": "Sold"}, "lifecycleStatus"),
            (OFFERINGS, {"name": "x" * 61}, "name"),
            (
                OFFERINGS,
                {"productOfferingTerm": [{"duration": {"amount": 121}}]},
                "productOfferingTerm[0].duration.amount",
            ),
            (PRICES, {"price": yuan(0.001)}, "price.value"),
            (PRICES, {"recurringChargePeriodLength": 3}, "recurringChargePeriodLength"),
            (PRICES, {"priceType": "usage"}, "priceType"),
        ],
    )
    def test_refuses_what_it_cannot_be(self, partner: Partner, url: str, body: dict[str, Any], named: str) -> None:
        refused = partner.post(url, {"name": "Ten", **body}, key="k")
        assert (refused.status_code, f"“{named}”" in refused.json()["message"]) == (400, True), refused.content
        assert not CataloguePart.objects.exists()

    def test_keeps_a_part_that_is_in_use(self, partner: Partner) -> None:
        offering = design(partner, {"price": yuan(15)})
        parts = [offering["productSpecification"]["href"], offering["productOfferingPrice"][0]["href"]]
        paths = [href.removeprefix(settings.PUBLIC_URL) for href in parts]
        assert [partner.call("DELETE", path).status_code for path in paths] == [409, 409]
        assert partner.call("DELETE", f"{OFFERINGS}/{offering['id']}").status_code == 204
        assert [partner.call("DELETE", path).status_code for path in paths] == [204, 204]


class TestPublish:
    @pytest.mark.parametrize("at_once", [True, False])
    def test_puts_it_into_the_catalogue(self, partner: Partner, at_once: bool) -> None:
        prices = ({"priceType": "recurring", "price": yuan(19)}, {"priceType": "oneTime", "price": yuan(5)})
        body = {
            "description": "Ten a month",
            "category": [{"id": "VALUE_ADDED"}],
            "place": [{"id": "CN-GD"}],
            "productOfferingTerm": [{"duration": {"amount": 12, "units": "month"}}],
            "validFor": {"endDateTime": "2027-01-01T00:00:00Z"},
        }
        offering = design(partner, *prices, **body, **({"lifecycleStatus": "Active"} if at_once else {}))
        if not at_once:
            path = f"{OFFERINGS}/{offering['id']}"
            offering = partner.patch(path, {"lifecycleStatus": "Launched"}).json()
        kept = Offering.objects.get(code=offering["id"])
        assert (kept.kind, kept.head, kept.price_fen, kept.one_off_fen, kept.recurrence) == (
            *("VALUE_ADDED", "VALUE_ADDED"),
            *(19_00, 5_00, "MONTHLY"),
        )
        assert (kept.name_zh, kept.summary_en, kept.provinces, kept.commitment_months) == (
            *("Ten", "Ten a month"),
            *(["CN-GD"], 12),
        )
        assert [(part.usage_kind, part.amount) for part in kept.allowances.all()] == [("DATA", 10 * GB)]
        assert kept.on_sale_from == NOW
        assert OfferingVersion.objects.get(offering=kept).author.startswith("partner (")
        assert offering["lifecycleStatus"] == "Launched"
        assert not CataloguePart.objects.filter(kind=PartKind.OFFERING).exists()

    @pytest.mark.parametrize(
        ("prices", "body", "code"),
        [
            ([], {"category": [{"id": "DATA_PACK"}]}, "OFFERING_INCOMPLETE"),
            ([{"price": yuan(5)}], {}, "OFFERING_INCOMPLETE"),
            ([{}], {"category": [{"id": "DATA_PACK"}]}, "OFFERING_INCOMPLETE"),
            ([{"price": yuan(5)}] * 2, {"category": [{"id": "DATA_PACK"}]}, "OFFERING_INCOMPLETE"),
            # By the rules of the catalogue: a plan recurs, and provinces are known.
            ([{"price": yuan(5)}], {"category": [{"id": "PLAN"}]}, "OFFERING_INVALID"),
            ([{"price": yuan(5)}], {"category": [{"id": "DATA_PACK"}], "place": [{"id": "CN-XX"}]}, "OFFERING_INVALID"),
        ],
    )
    def test_refuses_what_the_catalogue_would_not_keep(
        self, partner: Partner, prices: list[dict[str, Any]], body: dict[str, Any], code: str
    ) -> None:
        offering = design(partner, *prices, **body)
        path = f"{OFFERINGS}/{offering['id']}"
        refused = partner.patch(path, {"lifecycleStatus": "Active", "name": "Eleven"})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert partner.get(path).json() == offering
        assert not Offering.objects.exists()


class TestChangeOfTheCatalogue:
    def test_concerns_new_orders_only(self, partner: Partner) -> None:
        line = make_line(cash_fen=100_00)
        offering = make_offering(code="PACK")
        sold = buy(line, offering)
        price = partner.patch(f"{PRICES}/PACK.price", {"price": yuan(7.5)})
        contents = partner.patch(f"{SPECIFICATIONS}/PACK", {"productSpecCharacteristic": DATA_10GB})
        assert (price.status_code, price.json()["price"], price.json()["version"]) == (200, yuan(7.5), "2")
        assert (contents.status_code, contents.json()["version"]) == (200, "3")
        sold.refresh_from_db()
        assert (sold.price_fen, sold.terms["price_fen"]) == (5_00, 5_00)
        fresh = Offering.objects.get(code="PACK")
        assert (fresh.price_fen, fresh.allowances.get().amount) == (7_50, 10 * GB)
        assert OfferingVersion.objects.filter(offering=fresh).latest("version").author.startswith("partner (")

    def test_retires_and_sells_again(self, partner: Partner) -> None:
        make_offering(code="PACK")
        path = f"{OFFERINGS}/PACK"
        for status, ends_at in (("Retired", NOW), ("Retired", NOW), ("Launched", None)):
            changed = partner.patch(path, {"lifecycleStatus": status})
            assert (changed.status_code, changed.json()["lifecycleStatus"]) == (200, status)
            assert Offering.objects.get(code="PACK").on_sale_to == ends_at
        changed = partner.patch(
            path, {"name": "Pack", "description": None, "validFor": {"endDateTime": "2027-01-01T00:00:00Z"}}
        )
        kept = Offering.objects.get(code="PACK")
        assert (kept.name_en, kept.name_zh, kept.summary_en) == ("Pack", "1GB流量包", "")
        assert changed.json()["validFor"]["endDateTime"] == "2027-01-01T00:00:00Z"

    @pytest.mark.parametrize(
        ("path", "changes", "status"),
        [
            (f"{OFFERINGS}/PACK", {"lifecycleStatus": "In design"}, 409),
            (f"{OFFERINGS}/PACK", {"category": [{"id": "PLAN"}]}, 409),
            (f"{OFFERINGS}/PACK", {"productOfferingPrice": []}, 409),
            (f"{OFFERINGS}/PACK", {"place": [{"id": "CN-XX"}]}, 422),
            (f"{OFFERINGS}/PACK", {"validFor": {"endDateTime": "2025-01-01T00:00:00Z"}}, 422),
            (f"{PRICES}/PACK.price", {"name": "Pack"}, 409),
            (f"{PRICES}/PACK.price", {"price": yuan(-1)}, 400),
            (f"{SPECIFICATIONS}/PACK", {"name": "Pack"}, 409),
            (
                f"{SPECIFICATIONS}/PACK",
                {"productSpecCharacteristic": [{"name": "SIZE", "productSpecCharacteristicValue": [{"value": "1"}]}]},
                422,
            ),
        ],
    )
    def test_refuses_what_the_catalogue_does_not_allow(
        self, partner: Partner, path: str, changes: dict[str, Any], status: int
    ) -> None:
        make_offering(code="PACK")
        before = partner.get(path).json()
        assert partner.patch(path, changes).status_code == status
        assert partner.get(path).json() == before
        assert OfferingVersion.objects.count() == 1


class TestRemove:
    @pytest.fixture
    def line(self) -> Line:
        return make_line(cash_fen=100_00)

    def test_retires_what_was_sold_instead(self, partner: Partner, line: Line) -> None:
        asked, bought = make_offering(), make_offering()
        ask_for(line, asked)
        buy(line, bought)
        for offering in (asked, bought):
            refused = partner.call("DELETE", f"{OFFERINGS}/{offering.code}")
            assert (refused.status_code, refused.json()["code"]) == (409, "OFFERING_SOLD")
            assert Offering.objects.filter(code=offering.code).exists()

    def test_keeps_what_another_names_and_the_parts_of_what_is_there(self, partner: Partner) -> None:
        needed = make_offering(code="PACK")
        tie(make_offering(code="OTHER"), LinkKind.REQUIRES, needed)
        refused = [
            partner.call("DELETE", path)
            for path in (f"{OFFERINGS}/PACK", f"{PRICES}/PACK.price", f"{SPECIFICATIONS}/PACK")
        ]
        assert [(response.status_code, response.json()["code"]) for response in refused] == [
            (409, "OFFERING_TIED"),
            *[(409, "CATALOGUE_PUBLISHED_TOGETHER")] * 2,
        ]
        assert partner.call("DELETE", f"{OFFERINGS}/OTHER").status_code == 204
        assert partner.call("DELETE", f"{OFFERINGS}/PACK").status_code == 204
        assert not Offering.objects.exists()
        assert partner.get(PRICES).json() == partner.get(SPECIFICATIONS).json() == []
