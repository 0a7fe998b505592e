"""What staff end for a customer who asks for it: orders that wait, services that are not wanted any more."""

import pytest
from django.test import Client

from accounts.models import Line
from kernel.clock import now
from messaging.models import Sms
from packages_app.models import EvidenceKind, Order, OrderEvidence, Recurrence, Subscription
from tests.factories.accounts import staff_client
from tests.factories.billing import make_line, wallet_of
from tests.factories.packages_app import ask_for, buy, make_offering

pytestmark = pytest.mark.django_db

ASKED = {"channel": "HOTLINE", "reason": "last four of the document, wants it no more"}


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=50_00)


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


def page_of(row: Order | Subscription) -> str:
    return f"/staff/packages_app/{row._meta.model_name}/{row.account_id},{row.id}"


class TestWithdrawing:
    def test_ends_a_waiting_order_and_says_in_its_proof_who_wrote_that_down(self, line: Line, clerk: Client) -> None:
        order, before = ask_for(line, make_offering(), now=now()), wallet_of(line.account_id)
        assert "/withdraw/" in clerk.get(f"{page_of(order)}/change/").content.decode()
        assert clerk.post(f"{page_of(order)}/withdraw/", ASKED).status_code == 302
        order.refresh_from_db()
        assert (order.state, wallet_of(line.account_id)) == ("REFUSED", before)
        step = OrderEvidence.objects.get(order_id=order.id, kind=EvidenceKind.REFUSED)
        assert (step.channel, step.actor[:12], step.detail) == ("HOTLINE", "STAFF:clerk-", {"reply": ASKED["reason"]})

    @pytest.mark.parametrize("wrong", [{"reason": " "}, {"channel": "WEB"}, {"reason": "x" * 201}])
    def test_asks_again_for_what_is_missing(self, line: Line, clerk: Client, wrong: dict[str, str]) -> None:
        order = ask_for(line, make_offering(), now=now())
        assert clerk.post(f"{page_of(order)}/withdraw/", {**ASKED, **wrong}).status_code == 200
        order.refresh_from_db()
        assert order.state == "AWAITING_CONFIRMATION"

    def test_is_not_offered_for_what_is_over(self, line: Line, clerk: Client) -> None:
        order = buy(line, make_offering())
        assert "/withdraw/" not in clerk.get(f"{page_of(order)}/change/").content.decode()
        assert clerk.post(f"{page_of(order)}/withdraw/", ASKED).status_code == 403

    @pytest.mark.parametrize("role", ["finance", "auditor", "operations"])
    def test_is_for_the_desk_alone(self, line: Line, role: str) -> None:
        order = ask_for(line, make_offering(), now=now())
        assert staff_client(role).post(f"{page_of(order)}/withdraw/", ASKED).status_code in (403, 404)
        order.refresh_from_db()
        assert order.state == "AWAITING_CONFIRMATION"


class TestCancelling:
    def test_leaves_a_service_at_the_end_of_the_month_and_tells_the_customer(self, line: Line, clerk: Client) -> None:
        order = buy(line, make_offering(recurrence=Recurrence.MONTHLY))
        service = Subscription.objects.get(account_id=line.account_id, id=order.id)
        assert clerk.post(f"{page_of(service)}/cancel/", ASKED).status_code == 302
        service.refresh_from_db()
        assert (service.cancelled_channel, service.ends_at is not None) == ("HOTLINE", True)
        assert Sms.objects.filter(account_id=line.account_id, kind="SUBSCRIPTION_CANCELLED").count() == 1
        assert clerk.post(f"{page_of(service)}/cancel/", ASKED).status_code == 403

    def test_says_what_stands_in_the_way(self, line: Line, clerk: Client) -> None:
        order = buy(line, make_offering())
        service = Subscription.objects.get(account_id=line.account_id, id=order.id)
        answer = clerk.post(f"{page_of(service)}/cancel/", ASKED)
        assert (answer.status_code, len(answer.context["form"].non_field_errors())) == (200, 1)
        service.refresh_from_db()
        assert service.cancelled_at is None
