from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings

from accounts.models import Line, LineState
from kernel.ids import PublicId
from packages_app.models import OfferingKind, Recurrence, Subscription
from tests.factories import usage
from tests.factories.partners import PREPAY, Partner, make_partner
from tests.factories.usage import GB, NOW

pytestmark = pytest.mark.django_db
URL = "/tmf-api/productInventory/v4/product"
DECEMBER = datetime(2026, 11, 30, 16, tzinfo=UTC)
MANDATORY = (
    *("id", "href", "status", "billingAccount", "productOffering", "productCharacteristic", "productPrice"),
    "relatedParty",
)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    return usage.make_line()


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def only(partner: Partner) -> dict[str, Any]:
    [product] = partner.get(URL).json()
    return dict(product)


class TestProduct:
    def test_is_what_was_sold(self, partner: Partner, line: Line) -> None:
        plan = usage.make_subscription(
            line, allowances={"DATA": 10 * GB, "SMS": 100}, one_off_fen=5_00, summary_en="Ten GB", price_fen=59_90
        )
        number = line.msisdn.removeprefix("+86")
        public_id = str(PublicId(line.account_id, plan.id))
        assert only(partner) == {
            "id": public_id,
            "href": f"{settings.PUBLIC_URL}{URL}/{public_id}",
            "name": "Enjoy 59",
            "description": "Ten GB",
            "status": "active",
            "isBundle": False,
            "isCustomerVisible": True,
            "startDate": "2026-10-31T16:00:00Z",
            "billingAccount": {"id": str(line.account_id), "@referredType": "BillingAccount"},
            "productOffering": {
                "id": "TEST-ENJOY-59",
                "href": f"{settings.PUBLIC_URL}/tmf-api/productCatalogManagement/v4/productOffering/TEST-ENJOY-59",
                "name": "Enjoy 59",
                "@referredType": "ProductOffering",
            },
            "productCharacteristic": [
                {"name": "kind", "valueType": "string", "value": "PLAN"},
                {"name": "number", "valueType": "string", "value": number},
                {"name": "charged", "valueType": "string", "value": "MONTHLY"},
                {"name": "dataAllowance", "valueType": "string", "value": "10737418240 byte"},
                {"name": "smsAllowance", "valueType": "string", "value": "100 message"},
            ],
            "productPrice": [
                {
                    "name": "recurring",
                    "priceType": "recurring",
                    "recurringChargePeriod": "month",
                    "price": {"taxIncludedAmount": {"unit": "CNY", "value": 59.9}},
                },
                {
                    "name": "oneTime",
                    "priceType": "oneTime",
                    "price": {"taxIncludedAmount": {"unit": "CNY", "value": 5}},
                },
            ],
            "realizingResource": [{"id": number, "value": number, "@referredType": "LogicalResource"}],
            "relatedParty": [
                {
                    "id": str(line.account.customer_id),
                    "name": "李*",
                    "role": "customer",
                    "@referredType": "Customer",
                }
            ],
            "@type": "Product",
        }

    def test_had_for_points_or_of_another_provider_is_complete_too(self, partner: Partner, line: Line) -> None:
        usage.make_subscription(
            line,
            kind=OfferingKind.DATA_PACK,
            recurrence=Recurrence.ONCE,
            price_fen=0,
            points_price=300,
            provider_name="好影视",
            scope="APP",
            scope_value="video",
            ends_at=DECEMBER,
        )
        product = only(partner)
        assert [name for name in MANDATORY if not product.get(name)] == []
        said = {one["name"]: one["value"] for one in product["productCharacteristic"]}
        assert (said["pointsPrice"], said["collectedFor"]) == ("300", "好影视")
        assert said["dataAllowance"] == "10737418240 byte, APP video"
        [price] = product["productPrice"]
        assert (price["priceType"], price["price"]["taxIncludedAmount"]["value"]) == ("oneTime", 0)
        assert product["terminationDate"] == "2026-11-30T16:00:00Z"

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({}, "active"),
            ({"ends_at": DECEMBER}, "active"),
            ({"ends_at": DECEMBER, "cancelled_at": NOW}, "pendingTerminate"),
            ({"ends_at": NOW}, "terminated"),
            ({"started_at": DECEMBER}, "pendingActive"),
            ({"started_at": DECEMBER, "ends_at": DECEMBER, "state": "WITHDRAWN"}, "cancelled"),
        ],
    )
    def test_stands_as_its_subscription_does_now(
        self, partner: Partner, line: Line, changes: dict[str, Any], status: str
    ) -> None:
        usage.make_subscription(line)
        Subscription.objects.filter(account_id=line.account_id).update(**changes)
        assert only(partner)["status"] == status
        assert len(partner.get(URL, status=status).json()) == 1

    @pytest.mark.parametrize(("state", "status"), [("SUSPENDED", "suspended"), ("CLOSED", "terminated")])
    def test_stands_as_its_line_does(self, partner: Partner, line: Line, state: LineState, status: str) -> None:
        usage.make_subscription(line)
        Line.objects.filter(account_id=line.account_id).update(state=state)
        assert only(partner)["status"] == status

    def test_says_until_when_it_binds_and_what_it_replaced(self, partner: Partner, line: Line) -> None:
        old = usage.make_subscription(line, ends_at=NOW)
        new = usage.make_subscription(line, name_en="New", started_at=NOW, commitment_months=12)
        Subscription.objects.filter(account_id=line.account_id, id=new.id).update(
            committed_until=datetime(2027, 10, 31, 16, tzinfo=UTC), replaces_id=old.id
        )
        [product] = partner.get(URL, status="active").json()
        assert product["productTerm"] == [
            {
                "name": "commitment",
                "duration": {"amount": 12, "units": "month"},
                "validFor": {"startDateTime": "2026-11-22T06:32:00Z", "endDateTime": "2027-10-31T16:00:00Z"},
            }
        ]
        [relation] = product["productRelationship"]
        address = relation["product"]["href"].removeprefix(settings.PUBLIC_URL)
        assert (relation["relationshipType"], partner.get(address).json()["name"]) == ("replaces", "Enjoy 59")

    def test_is_led_to_by_its_bucket_and_found_by_its_number(self, partner: Partner, line: Line) -> None:
        usage.make_bucket(line)
        [bucket] = partner.get(f"{PREPAY}/bucket", usageType="data").json()
        product = partner.get(bucket["product"][0]["href"].removeprefix(settings.PUBLIC_URL)).json()
        assert partner.get(URL, **{"realizingResource.value": line.msisdn}).json() == [product]

    @pytest.mark.parametrize("more", [0, 3])
    def test_costs_the_same_queries_however_many_there_are(
        self, line: Line, more: int, django_assert_num_queries: Any
    ) -> None:
        lines = [line, *(usage.make_line() for _number in range(more))]
        for one in lines:
            usage.make_subscription(one)
        partner = make_partner(*lines)
        with django_assert_num_queries(6):  # token, rate, page, names, notes of use and call
            assert len(partner.get(URL).json()) == 1 + more
