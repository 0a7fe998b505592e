from typing import Any

import pytest

from accounts.models import Customer, Line, PartnerGrant
from accounts.operations.partner_customers import enter_prospect
from messaging.models import Sms
from packages_app.models import Subscription
from tests.factories.accounts import staff_client
from tests.factories.billing import NOW
from tests.factories.packages_app import make_plan

pytestmark = pytest.mark.django_db

ADDRESS = "/staff/packages_app/subscription/open-line/"


def entered(code: str, **changes: Any) -> dict[str, Any]:
    who = {
        "customer_name": "韩梅",
        "document_kind": "PASSPORT",
        "document_number": "E1234 5678",
        "msisdn": "139 1234 5678",
        "province": "CN-GD",
        "language": "zh-hans",
    }
    return {**who, "offering": code, **changes}


class TestOpenView:
    def test_opens_a_number_and_says_so(self) -> None:
        page = staff_client("clerk").post(ADDRESS, entered(make_plan().code), follow=True)
        assert page.redirect_chain == [("/staff/packages_app/subscription/", 302)]
        line = Line.objects.get()
        assert (line.msisdn, Subscription.objects.get().line_id) == ("+8613912345678", line.id)
        assert Sms.objects.filter(kind="WELCOME").count() == 1

    def test_opens_it_for_whom_a_partner_entered(self) -> None:
        prospect = enter_prospect(
            name="韩小姐", party_id="1", party_type="Individual", client_id="shop", idempotency_key="k", now=NOW
        )
        clerk, code = staff_client("clerk"), make_plan().code
        clerk.post(ADDRESS, entered(code, prospect_id=str(prospect.id)))
        line = Line.objects.get()
        customer = Customer.objects.get()
        assert (line.account.customer_id, customer.name, customer.is_prospect) == (prospect.id, "韩梅", False)
        assert PartnerGrant.objects.get(account_id=line.account_id).client_id == "shop"
        again = clerk.post(ADDRESS, entered(code, prospect_id=str(prospect.id), msisdn="13912345679"))
        assert "errorlist" in again.content.decode()
        assert (Line.objects.count(), Customer.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        "wrong",
        [
            *({"msisdn": "123"}, {"province": "XX"}, {"customer_name": ""}, {"offering": "NO-SUCH"}),
            *({"document_number": ""}, {"document_number": "E1"}, {"document_kind": "XX"}, {"prospect_id": "x"}),
            *({"iccid": "89860012345678901234", "puk": "12345678"}, {"puk": "12345678"}),
        ],
    )
    def test_refuses_beside_the_field_and_makes_nothing(self, wrong: dict[str, str]) -> None:
        page = staff_client("clerk").post(ADDRESS, entered(make_plan().code, **wrong))
        assert page.status_code == 200
        assert "errorlist" in page.content.decode()
        assert Line.objects.count() == 0

    def test_says_that_a_number_is_taken(self) -> None:
        clerk, code = staff_client("clerk"), make_plan().code
        clerk.post(ADDRESS, entered(code))
        page = clerk.post(ADDRESS, entered(code, customer_name="李雷"))
        assert "errorlist" in page.content.decode()
        assert Line.objects.count() == 1

    def test_is_not_for_the_product_team(self) -> None:
        assert staff_client("product").get(ADDRESS).status_code == 403
