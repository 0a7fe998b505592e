from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings

from accounts.models import Line, LineState
from kernel.ids import PublicId
from packages_app.models import Bucket, UsageKind
from packages_app.operations.record_usage import record_usage
from partners.models import PartnerCall
from tests.factories import usage
from tests.factories.partners import Partner, make_partner
from tests.factories.usage import GB, MB, NOW

pytestmark = pytest.mark.django_db
URL = "/tmf-api/usageConsumption/v3/usageConsumptionReport"
MONTH = {"startDateTime": "2026-10-31T16:00:00Z", "endDateTime": "2026-11-30T16:00:00Z"}
AN_HOUR_AGO = datetime(2026, 11, 22, 5, 32, 0, 250_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    """A line with 10 GB and 100 texts, of which it used 1.5 GB and 105."""
    line = usage.make_line()
    usage.make_bucket(line, 10 * GB)
    usage.make_bucket(line, 100, usage_kind=UsageKind.SMS, name="短信包", name_en="Text pack")
    used = [usage.usage(line, 1536 * MB, at=AN_HOUR_AGO), usage.usage(line, 105, kind=UsageKind.SMS, at=AN_HOUR_AGO)]
    record_usage(records=used, now=NOW)
    return line


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def reports(partner: Partner, **parameters: str) -> dict[str, Any]:
    response = partner.get(URL, **parameters)
    assert response.status_code == 200, response.content
    return {report["name"].partition(" ")[0]: report for report in response.json()}


class TestUsageConsumptionReport:
    def test_says_what_was_used_and_what_is_left(self, partner: Partner, line: Line) -> None:
        data = reports(partner)["data"]
        number = line.msisdn.removeprefix("+86")
        bucket = Bucket.objects.get(account_id=line.account_id, usage_kind=UsageKind.DATA)
        of_line = PublicId(line.account_id, line.id)
        assert data == {
            "id": f"{of_line}.data",
            "href": f"{settings.PUBLIC_URL}{URL}/{of_line}.data",
            "name": f"data {number}",
            "description": "Enjoy 59",
            "effectiveDate": "2026-11-22T05:32:00.250000Z",
            "bucket": [
                {
                    "id": str(PublicId(line.account_id, bucket.id)),
                    "name": "Enjoy 59",
                    "isShared": False,
                    "usageType": "data",
                    "bucketBalance": [
                        {
                            "remainingValue": {"amount": 8704 * MB, "units": "byte"},
                            "remainingValueName": "8.5 GB",
                            "validFor": MONTH,
                        }
                    ],
                    "bucketCounter": [
                        {
                            "counterType": "used",
                            "level": "global",
                            "value": {"amount": 1536 * MB, "units": "byte"},
                            "valueName": "1.5 GB",
                            "consumptionPeriod": MONTH,
                        }
                    ],
                    "product": [
                        {
                            "id": str(of_line),
                            "publicIdentifier": number,
                            "outOfBucketCounter": [
                                {
                                    "counterType": "used",
                                    "level": "global",
                                    "value": {"amount": 0, "units": "byte"},
                                    "valueName": "0 KB",
                                    "consumptionPeriod": MONTH,
                                }
                            ],
                        }
                    ],
                }
            ],
            "relatedParty": {
                "id": str(line.account.customer_id),
                "name": "李*",
                "role": "customer",
                "@referredType": "Customer",
            },
            "@type": "UsageConsumptionReport",
        }

    def test_counts_what_no_bucket_covered(self, partner: Partner) -> None:
        [bucket] = reports(partner)["sms"]["bucket"]
        assert bucket["bucketBalance"][0]["remainingValueName"] == "0 texts"
        assert bucket["product"][0]["outOfBucketCounter"][0]["value"] == {"amount": 5, "units": "message"}

    def test_shares_no_name_and_no_bucket_with_another(self, line: Line) -> None:
        sister = usage.make_sister(line)
        usage.make_bucket(sister, 5 * GB, is_shared=True, name_en="Shared")
        usage.make_bucket(line, GB, name_en="Pack")
        found = make_partner(line).get(URL).json()
        assert len({report["name"] for report in found}) == len(found) == 3
        buckets = [bucket["id"] for report in found for bucket in report["bucket"]]
        assert len(set(buckets)) == len(buckets) == 4

    def test_is_of_what_is_in_force(self, partner: Partner, line: Line) -> None:
        usage.make_bucket(line, 60, usage_kind=UsageKind.VOICE, starts_at=datetime(2026, 9, 30, 16, tzinfo=UTC))
        assert set(reports(partner)) == {"data", "sms"}
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        assert reports(partner) == {}

    def test_is_up_to_the_latest_allowance_where_nothing_was_used(self, partner: Partner, line: Line) -> None:
        usage.make_bucket(line, 60, usage_kind=UsageKind.VOICE, name_en="Calls")
        assert reports(partner)["voice"]["effectiveDate"] == MONTH["startDateTime"]

    def test_is_found_by_what_it_says(self, partner: Partner, line: Line) -> None:
        found = reports(partner)
        [bucket] = found["sms"]["bucket"]
        wanted = [
            {"bucket.id": bucket["id"]},
            {"name": found["sms"]["name"]},
            {"href": found["sms"]["href"]},
            {"bucket.usageType": "sms", "effectiveDate": found["sms"]["effectiveDate"]},
            {"bucket.product.publicIdentifier": line.msisdn, "bucket.usageType": "sms"},
        ]
        assert [set(reports(partner, **parameters)) for parameters in wanted] == [{"sms"}] * len(wanted)
        none = [{"bucket.id": "A" * 44}, {"name": "sms 1"}, {"href": "x"}, {"@type": "Bucket"}, {"id": f"{'A' * 44}.x"}]
        assert [reports(partner, **parameters) for parameters in none] == [{}] * len(none)

    def test_is_noted_with_its_account(self, partner: Partner, line: Line) -> None:
        partner.get(f"{URL}/{PublicId(line.account_id, line.id)}.data")
        assert PartnerCall.objects.values_list("account_id", "status").get() == (line.account_id, 200)

    @pytest.mark.parametrize("more", [0, 3])
    def test_costs_the_same_queries_however_many_there_are(
        self, line: Line, more: int, django_assert_num_queries: Any
    ) -> None:
        lines = [usage.make_line() for _number in range(more)]
        for other in lines:
            usage.make_bucket(other)
        partner = make_partner(line, *lines)
        with django_assert_num_queries(8):  # token, rate, page, names, counters, buckets, notes of use and call
            assert len(partner.get(URL).json()) == 2 + more
