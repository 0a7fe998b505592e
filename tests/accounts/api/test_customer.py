"""TMF629: customers as partners see them, and those that they enter."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, Customer
from accounts.operations.retention import apply_retention
from accounts.queries.visible_customers import list_visible_customers
from kernel.masking import mask_msisdn, mask_name
from kernel.models import IdempotencyRecord
from kernel.sight import Sight, SightKind
from tests.factories.billing import NOW, make_line
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
CUSTOMER = "/tmf-api/customerManagement/v4/customer"


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def partner() -> Partner:
    return make_partner()


def wish(name: str = "欧阳小明", **more: Any) -> dict[str, Any]:
    return {"name": name, "engagedParty": {"id": "crm-1", "@referredType": "Individual"}, **more}


class TestList:
    def test_shows_nobody_whole(self) -> None:
        line = make_line(name="欧阳小明")
        Contact.objects.create(account_id=line.account_id, name="王五", email="wang@example.com", changed_at=NOW)
        customer = line.account.customer
        [entity] = make_partner(line).get(CUSTOMER).json()
        masked = mask_msisdn(line.msisdn)
        assert entity == {
            "id": str(customer.id),
            "href": entity["href"],
            "name": "欧**",
            "status": "active",
            "engagedParty": {"id": str(customer.id), "name": "欧**", "@referredType": "Individual"},
            "validFor": {"startDateTime": "2026-11-22T06:30:00Z"},
            "account": [{"id": str(line.account_id), "name": masked, "@referredType": "BillingAccount"}],
            "contactMedium": [
                {"mediumType": "mobile", "characteristic": {"phoneNumber": masked}, "preferred": True},
                {"mediumType": "email", "characteristic": {"emailAddress": "w***@example.com"}, "preferred": False},
            ],
            "@type": "Customer",
        }

    def test_names_only_accounts_that_the_caller_sees(self) -> None:
        seen, unseen = make_line(), make_line()
        type(unseen.account).objects.filter(id=unseen.account_id).update(customer=seen.account.customer)
        [entity] = make_partner(seen).get(CUSTOMER).json()
        assert [account["id"] for account in entity["account"]] == [str(seen.account_id)]

    def test_masks_in_the_database_as_everywhere_else(self) -> None:
        names = ["张", "张三", "欧阳小明", "A", "Al", "Ann Lee", "🙂🙂🙂"]
        for name in names:
            Customer.objects.create(name=name, created_at=NOW)
        rows: Any = list_visible_customers(sight=Sight(kind=SightKind.ALL))
        shown = dict(rows.values_list("name", "masked_name"))
        assert shown == {name: mask_name(name) for name in names}

    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"status": "initialized"}, ["欧**"]),
            ({"status": "active"}, ["张*"]),
            ({"name": "欧**"}, ["欧**"]),
            ({"name": "欧阳小明"}, []),
            ({"engagedParty.id": "crm-1"}, ["欧**"]),
            ({"sort": "-validFor"}, ["欧**", "张*"]),
        ],
    )
    def test_picks(self, parameters: dict[str, str], found: list[str]) -> None:
        partner = make_partner(make_line(name="张三"))
        with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
            partner.post(CUSTOMER, wish(), key="k")
            assert [one["name"] for one in partner.get(CUSTOMER, **parameters).json()] == found

    def test_asks_as_many_queries_for_many_as_for_one(self) -> None:
        counts = []
        for many in (1, 5):
            partner = make_partner(*(make_line() for _ in range(many)))
            with CaptureQueriesContext(connection) as queries:
                assert len(partner.get(CUSTOMER).json()) == many
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestEnter:
    def test_enters_a_prospect_that_nobody_else_with_grants_sees(self, partner: Partner) -> None:
        made = partner.post(CUSTOMER, wish(contactMedium=[
            {"mediumType": "mobile", "characteristic": {"phoneNumber": "13800138000"}}
        ]), key="k")  # fmt: skip
        entity = made.json()
        assert (made.status_code, entity["name"], entity["status"]) == (201, "欧**", "initialized")
        assert entity["engagedParty"] == {"id": "crm-1", "name": "欧**", "@referredType": "Individual"}
        assert "account" not in entity
        row = Customer.objects.get()
        assert (row.name, row.client_id, row.is_prospect) == ("欧阳小明", partner.client_id, True)
        assert partner.get(CUSTOMER).json() == [entity]
        others = [make_partner(), make_partner(sees=SightKind.PROVINCES, provinces=("CN-GD",))]
        assert [other.get(CUSTOMER).json() for other in others] == [[], []]
        assert make_partner(sees=SightKind.ALL).get(CUSTOMER).json() == [entity]

    def test_enters_one_when_the_kept_answer_is_gone(self, partner: Partner) -> None:
        first = partner.post(CUSTOMER, wish(), key="k")
        IdempotencyRecord.objects.all().delete()
        assert partner.post(CUSTOMER, wish(), key="k").json() == first.json()
        IdempotencyRecord.objects.all().delete()
        other = partner.post(CUSTOMER, wish("李四"), key="k")
        assert (other.status_code, other.json()["code"]) == (422, "CUSTOMER_KEY_REUSED")
        assert Customer.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"name": "  "}, "name"),
            ({"name": "x" * 81}, "name"),
            ({"engagedParty": {"id": "", "@referredType": "Individual"}}, "engagedParty.id"),
            ({"engagedParty": {"id": "1"}}, "engagedParty.@referredType"),
            ({"engagedParty": {"id": "1", "@referredType": " "}}, "engagedParty.@referredType"),
        ],
    )
    def test_names_what_it_refuses(self, partner: Partner, change: dict[str, Any], named: str) -> None:
        response = partner.post(CUSTOMER, wish() | change, key="k")
        assert response.status_code == 400
        assert f"“{named}”" in response.json()["message"]
        assert Customer.objects.count() == 0

    def test_is_forgotten_when_nothing_comes_of_it(self, partner: Partner) -> None:
        make_line()
        partner.post(CUSTOMER, wish(), key="k")
        apply_retention(now=NOW + timedelta(days=179))
        assert Customer.objects.count() == 2
        apply_retention(now=NOW + timedelta(days=181))
        assert [row.is_prospect for row in Customer.objects.all()] == [False]


class TestChangeAndRemove:
    def test_corrects_a_prospect(self, partner: Partner) -> None:
        path = f"{CUSTOMER}/{partner.post(CUSTOMER, wish(), key='k').json()['id']}"
        changed = partner.patch(path, {"name": "李四"}).json()
        assert (changed["name"], changed["engagedParty"]["id"]) == ("李*", "crm-1")
        changed = partner.patch(path, {"engagedParty": {"id": "crm-2", "@referredType": "Organization"}}).json()
        assert (changed["engagedParty"]["id"], changed["engagedParty"]["@referredType"]) == ("crm-2", "Organization")
        assert partner.patch(path, {"name": " "}).status_code == 400
        assert Customer.objects.get().name == "李四"

    def test_takes_back_what_it_showed_without_a_change(self) -> None:
        line = make_line(name="张三")
        partner = make_partner(line)
        [entity] = partner.get(CUSTOMER).json()
        shown = {"name": entity["name"], "engagedParty": entity["engagedParty"]}
        response = partner.patch(f"{CUSTOMER}/{entity['id']}", shown)
        assert (response.status_code, response.json()) == (200, entity)
        assert Customer.objects.get().name == "张三"

    def test_leaves_customers_with_accounts_as_they_are(self) -> None:
        line = make_line(name="张三")
        partner = make_partner(line)
        path = f"{CUSTOMER}/{line.account.customer_id}"
        answers = [partner.patch(path, {"name": "李四"}), partner.call("DELETE", path)]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
            (409, "CUSTOMER_HAS_ACCOUNTS")
        ] * 2  # fmt: skip
        assert Customer.objects.get().name == "张三"

    def test_leaves_what_another_partner_entered(self, partner: Partner) -> None:
        path = f"{CUSTOMER}/{partner.post(CUSTOMER, wish(), key='k').json()['id']}"
        other = make_partner(sees=SightKind.ALL)
        answers = [other.patch(path, {"name": "李四"}), other.call("DELETE", path)]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
            (409, "CUSTOMER_OF_ANOTHER")
        ] * 2  # fmt: skip
        assert Customer.objects.get().name == "欧阳小明"
