"""The resources against what the TM Forum's conformance profiles ask of each: what is mandatory, and found by."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from kernel.rest.registry import list_resources
from kernel.rest.resource import Resource
from tests.rest.conftest import Case
from tests.rest.samples import list_samples
from tests.rest.test_every_resource import tried_on, values_at

# Beside id and href: paths that stand in every answer, with something in them.
MANDATORY: Mapping[str, Sequence[str]] = {
    "bucket": ("confirmationDate", "status", "usageType"),
    "topupBalance": ("amount.amount", "status"),
    "adjustBalance": ("amount.amount", "status", "usageType"),
    "reserveBalance": ("amount.amount", "status", "relatedParty.id"),
    "accumulatedBalance": (),
    "customerBill": ("billDocument.id", "billingAccount.id", "state"),
    "customerBillOnDemand": ("billingAccount.id",),
    "appliedCustomerBillingRate": ("isBilled",),
    "usageConsumptionReport": ("name", "effectiveDate", "bucket.id"),
    "productOffering": ("name", "lastUpdate", "lifecycleStatus", "productSpecification.id"),
    "productOfferingPrice": ("name", "lastUpdate", "lifecycleStatus", "priceType"),
    "productSpecification": ("name", "lastUpdate", "lifecycleStatus"),
    "productOrder": ("orderDate", "state", "productOrderItem.id", "productOrderItem.action", "relatedParty.id"),
    "cancelProductOrder": (),
    "product": (
        *("status", "billingAccount.id", "productOffering.id", "productCharacteristic.name", "productPrice.priceType"),
        "relatedParty.id",
    ),
    "customer": ("name", "@type", "engagedParty.id", "engagedParty.@referredType"),
    "communicationMessage": ("content", "messageType", "receiver.phoneNumber", "sender.name"),
    "payment": ("account.id", "paymentMethod.id", "totalAmount.value", "amount.value", "status", "statusDate"),
    "refund": ("account.id", "paymentMethod.id", "totalAmount.value", "amount.value", "status", "statusDate"),
    "troubleTicket": ("description", "severity", "ticketType", "status"),
    "geographicSite": ("name",),
}
# Numbers within one order, and what is the same everywhere: nobody looks for an entity by them.
NOT_ASKED_BY = {"productOrderItem.id", "productOrderItem.action", "engagedParty.@referredType"}
# What a POST needs, whoever it is about.
NEEDED: Mapping[str, Sequence[str]] = {
    "bucket": ("usageType",),
    "topupBalance": ("amount",),
    "adjustBalance": ("amount",),
    "reserveBalance": ("amount",),
    "customerBillOnDemand": (),
    "productOffering": ("name",),
    "productOfferingPrice": ("name",),
    "productSpecification": ("name",),
    "productOrder": ("productOrderItem",),
    "cancelProductOrder": ("productOrder",),
    "customer": ("name", "engagedParty"),
    "communicationMessage": ("content", "messageType", "receiver", "sender"),
    "payment": ("account", "paymentMethod", "totalAmount"),
    "refund": ("account", "paymentMethod", "totalAmount"),
    "troubleTicket": ("description", "severity", "ticketType"),
    "geographicSite": ("name",),
}
# How a body says whom it is about.
ABOUT = {"logicalResource", "product", "bucket", "partyAccount", "billingAccount", "relatedParty", "relatedEntity"}


@tried_on(list_resources())
class TestMandatory:
    def test_stands_in_every_answer_and_finds_it(self, case: Case) -> None:
        [entity, *_others] = entities = case.entities()
        mandatory = ["id", "href", *MANDATORY[case.resource.name]]
        assert [
            path
            for one in entities
            for path in mandatory
            if not [value for value in values_at(one, path.split(".")) if value]
        ] == []
        found = {
            path: case.partner.get(case.path, **{path: values_at(entity, path.split("."))[0]})
            for path in set(mandatory) - NOT_ASKED_BY
        }
        lost = [
            path
            for path, answer in found.items()
            if answer.status_code != 200 or entity["id"] not in [one["id"] for one in answer.json()]
        ]
        assert lost == []


@pytest.mark.parametrize("resource", [one for one in list_resources() if one.creation], ids=lambda one: one.name)
def test_a_post_needs_what_is_mandatory_and_no_more(resource: Resource[Any]) -> None:
    assert set(resource.required_creation.body.required) == set(NEEDED[resource.name])


@pytest.mark.django_db
@tried_on(one for one in list_resources() if one.creation)
class TestNeeded:
    def test_is_enough(self, case: Case) -> None:
        assert case.sample.body is not None
        body = case.sample.body(case.lines[0])
        enough = {name: value for name, value in body.items() if name in {*NEEDED[case.resource.name], *ABOUT}}
        made = case.partner.post(case.path, enough, key="k")
        assert made.status_code == 201, made.content


def test_samples_are_of_the_contract() -> None:
    assert set(list_samples()) <= set(MANDATORY)
