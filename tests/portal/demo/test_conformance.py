from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from kernel.rest.registry import list_resources
from partners.models import PartnerClient
from tests.portal.management.test_seed_demo import seed_demo

pytestmark = pytest.mark.django_db
Get = Callable[[str], Any]


@pytest.fixture
def get() -> Get:
    """GET with the token that the command prints."""
    said = seed_demo("--lines", "0", "--months", "1", "--profile", "conformance").splitlines()
    told = dict(line.split("=", 1) for line in said if "=" in line)
    assert set(told) == {"HALL", "TOKEN", "NUMBER", "ACCOUNT", "CUSTOMER"}
    headers = {"Authorization": f"Bearer {told['TOKEN']}"}
    return lambda path: Client().get(path.removeprefix(told["HALL"]), headers=headers)


def test_a_kit_finds_complete_things_to_look_at(get: Get) -> None:
    wanted = {
        "customerBill": 1,
        "appliedCustomerBillingRate": 1,
        "product": 2,
        "usageConsumptionReport": 2,
        "bucket": 2,
    }
    found = {}
    for resource in list_resources():
        answer = get(resource.path)
        assert answer.status_code == 200, (resource.name, answer.content)
        found[resource.name] = entities = answer.json()
        assert len(entities) >= wanted.get(resource.name, 0), resource.name
        always = {"id", "href", "@type", *(attribute.name for attribute in resource.attributes if attribute.always)}
        assert [(resource.name, name) for one in entities for name in always if one.get(name) is None] == []
    reports = found["usageConsumptionReport"]
    buckets = [bucket["id"] for report in reports for bucket in report["bucket"]]
    assert len({report["name"] for report in reports}) == len(reports)
    assert len(set(buckets)) == len(buckets) >= 2
    document = get(found["customerBill"][0]["billDocument"][0]["url"])
    assert (document.status_code, document["Content-Type"]) == (200, "application/pdf")


class TestTheClient:
    def test_is_made_once(self, get: Get) -> None:
        call_command("seed_demo", "--profile", "conformance")
        assert PartnerClient.objects.filter(client_id="conformance-kit").count() == 1

    def test_needs_no_idempotency_key(self, get: Get) -> None:
        said = seed_demo("--profile", "conformance").splitlines()
        told = dict(line.split("=", 1) for line in said if "=" in line)
        path = "/tmf-api/prepayBalanceManagement/v4/topupBalance"
        body = {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": told["NUMBER"]}}
        headers = {"Authorization": f"Bearer {told['TOKEN']}"}
        made = [Client().post(path, body, content_type="application/json", headers=headers) for _time in range(2)]
        assert [answer.status_code for answer in made] == [201, 201]
        assert made[0].json()["id"] != made[1].json()["id"]

    def test_needs_bills(self) -> None:
        with pytest.raises(CommandError, match="--months"):
            seed_demo("--months", "0", "--profile", "conformance")
