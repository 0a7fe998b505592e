from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings

from accounts.models import Line
from billing.models import BillHead, BillRequest
from billing.operations.dues import settle_dues
from billing.operations.issue_bills import issue_bills
from kernel.clock import Month
from kernel.ids import PublicId
from tests.factories.billing import NOW, give_cash, make_charge, make_line, opened_long_ago
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
API = "/tmf-api/customerBillManagement/v4"
OCTOBER = Month(2026, 10)
OCTOBER_8 = datetime(2026, 10, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    """59 yuan of plan are paid, 20 yuan of data are owed."""
    line = opened_long_ago(make_line(cash_fen=60_00))
    make_charge(line, amount_fen=59_00, name="畅享套餐59元", now=OCTOBER_8)
    make_charge(line, amount_fen=20_00, head=BillHead.DATA, reason="USAGE", now=OCTOBER_8, may_owe=True)
    issue_bills(month=OCTOBER, now=OCTOBER.ends_at)
    return line


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def bill_of(partner: Partner) -> dict[str, Any]:
    [bill] = partner.get(f"{API}/customerBill").json()
    return dict(bill)


class TestCustomerBill:
    def test_says_what_a_month_cost_and_what_is_owed(self, partner: Partner, line: Line) -> None:
        bill = bill_of(partner)
        document = f"{bill['href']}/document"
        assert bill == {
            "id": bill["id"],
            "href": f"{settings.PUBLIC_URL}{API}/customerBill/{bill['id']}",
            "billDate": "2026-10-31T16:00:00Z",
            "lastUpdate": "2026-10-31T16:00:00Z",
            "category": "normal",
            "runType": "onCycle",
            "state": "partiallyPaid",
            "billingPeriod": {"startDateTime": "2026-09-30T16:00:00Z", "endDateTime": "2026-10-31T16:00:00Z"},
            "amountDue": {"unit": "CNY", "value": 79},
            "taxIncludedAmount": {"unit": "CNY", "value": 79},
            "remainingAmount": {"unit": "CNY", "value": 20},
            "paymentDueDate": bill["paymentDueDate"],
            "billDocument": [
                {
                    "id": bill["id"],
                    "href": document,
                    "name": "Bill of October 2026",
                    "mimeType": "application/pdf",
                    "attachmentType": "document",
                    "url": document,
                }
            ],
            "billingAccount": {"id": str(line.account_id), "@referredType": "BillingAccount"},
            "relatedParty": [{"id": str(line.account.customer_id), "role": "customer", "@referredType": "Customer"}],
            "@type": "CustomerBill",
        }

    def test_is_settled_once_what_is_owed_was_taken(self, partner: Partner, line: Line) -> None:
        assert [len(partner.get(f"{API}/customerBill", state=state).json()) for state in ("settled", "sent")] == [0, 0]
        give_cash(line, 30_00)
        settle_dues(account_id=line.account_id, now=NOW)
        assert bill_of(partner)["state"] == "settled"
        assert len(partner.get(f"{API}/customerBill", state="settled").json()) == 1

    def test_cannot_be_called_paid(self, partner: Partner) -> None:
        before = bill_of(partner)
        response = partner.patch(f"{API}/customerBill/{before['id']}", {"state": "settled"})
        assert (response.status_code, response.json()["code"]) == (409, "BILL_STATE_FOLLOWS_PAYMENTS")
        assert partner.patch(f"{API}/customerBill/{before['id']}", {"state": "partiallyPaid"}).status_code == 200
        assert bill_of(partner) == before

    @pytest.mark.parametrize("text", ["A" * 44, "x", "00"])
    def test_has_no_other_ids(self, partner: Partner, line: Line, text: str) -> None:
        for public_id in (text, str(PublicId(line.account_id, line.id))):
            assert partner.get(f"{API}/customerBill/{public_id}").status_code == 404
            assert partner.get(f"{API}/customerBill/{public_id}/document").status_code == 404


class TestTheDocument:
    def test_is_a_pdf_for_who_may_see_the_bill(self, partner: Partner) -> None:
        address = bill_of(partner)["billDocument"][0]["url"].removeprefix(settings.PUBLIC_URL)
        file = partner.get(address)
        assert (file.status_code, file["Content-Type"], file.content[:5]) == (200, "application/pdf", b"%PDF-")
        assert file["Content-Disposition"] == 'attachment; filename="bill-2026-10.pdf"'
        assert make_partner(make_line()).get(address).status_code == 404


class TestAppliedCustomerBillingRate:
    def test_leads_to_the_bill_once_there_is_one(self, partner: Partner, line: Line) -> None:
        make_charge(line, amount_fen=1_00, reason="USAGE", head=BillHead.DATA)
        bill = bill_of(partner)["id"]
        rates = partner.get(f"{API}/appliedCustomerBillingRate", sort="-taxIncludedAmount").json()
        assert [(rate["taxIncludedAmount"]["value"], rate["isBilled"]) for rate in rates] == [
            (59, True),
            (20, True),
            (1, False),
        ]
        assert {rate["bill"]["id"] for rate in rates if rate["isBilled"]} == {bill}
        on_bill = partner.get(f"{API}/appliedCustomerBillingRate", **{"bill.id": bill}).json()
        assert sorted(rate["taxIncludedAmount"]["value"] for rate in on_bill) == [20, 59]
        assert len(partner.get(f"{API}/appliedCustomerBillingRate", isBilled="false").json()) == 1

    def test_says_what_it_was_for(self, partner: Partner, line: Line) -> None:
        [plan] = partner.get(f"{API}/appliedCustomerBillingRate", name="畅享套餐59元").json()
        assert plan["product"]["name"] == "畅享套餐59元"
        assert {one["name"]: one["value"] for one in plan["characteristic"]} == {
            "head": "PLAN",
            "reason": "SUBSCRIPTION",
            "number": line.msisdn.removeprefix("+86"),
        }


class TestCustomerBillOnDemand:
    def test_answers_with_the_latest_bill(self, partner: Partner, line: Line) -> None:
        wish = {"name": "for tax", "billingAccount": {"id": str(line.account_id)}}
        response = partner.post(f"{API}/customerBillOnDemand", wish, key="one")
        assert (response.status_code, response.json()["state"], response.json()["name"]) == (201, "done", "for tax")
        assert response.json()["customerBill"]["id"] == bill_of(partner)["id"]
        assert partner.post(f"{API}/customerBillOnDemand", wish, key="one").json() == response.json()
        assert BillRequest.objects.count() == 1

    def test_takes_the_customer_for_the_account(self, partner: Partner, line: Line) -> None:
        wish = {"relatedParty": {"id": str(line.account.customer_id), "@referredType": "Customer"}}
        response = partner.post(f"{API}/customerBillOnDemand", wish, key="one")
        assert response.json()["billingAccount"]["id"] == str(line.account_id)

    def test_is_rejected_before_the_first_bill(self) -> None:
        line = make_line()
        wish = {"billingAccount": {"id": str(line.account_id)}}
        response = make_partner(line).post(f"{API}/customerBillOnDemand", wish, key="one")
        assert (response.status_code, response.json()["state"]) == (201, "rejected")
        assert "customerBill" not in response.json()

    @pytest.mark.parametrize(
        ("wish", "status", "field"),
        [
            ({}, 400, "billingAccount"),
            ({"billingAccount": {"id": "x"}}, 404, "billingAccount.id"),
            ({"relatedParty": {"id": "x", "@referredType": "Customer"}}, 404, "relatedParty.id"),
        ],
    )
    def test_must_say_whose(self, partner: Partner, wish: dict[str, Any], status: int, field: str) -> None:
        response = partner.post(f"{API}/customerBillOnDemand", wish, key="one")
        assert response.status_code == status
        assert field in response.json()["message"]
        assert BillRequest.objects.count() == 0

    def test_is_not_for_somebody_elses_account(self, partner: Partner) -> None:
        other = make_line()
        for wish in (
            {"billingAccount": {"id": str(other.account_id)}},
            {"relatedParty": {"id": str(other.account.customer_id), "@referredType": "Customer"}},
        ):
            assert partner.post(f"{API}/customerBillOnDemand", wish, key="one").status_code == 404
        assert BillRequest.objects.count() == 0
