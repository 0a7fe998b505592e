import pytest
from django.test import Client

from accounts.models import Line, StaffUser
from billing.models import Charge, ChargeReason
from billing.operations.issue_bills import issue_bills
from kernel.clock import month_of, now
from kernel.masking import mask_msisdn
from messaging.models import Sms
from packages_app.models import Bucket, Offering, Order, OrderEvidence
from tests.factories.accounts import staff_client
from tests.factories.billing import NOW, make_charge, make_line, wallet_of
from tests.factories.packages_app import (
    ask_for,
    buy,
    code_of,
    give_plan,
    make_offering,
    make_service,
    say_yes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=50_00)


def page_of(order: Order, clerk: Client) -> str:
    return clerk.get(f"/staff/packages_app/order/{order.account_id},{order.id}/change/").content.decode()


class TestOrderPage:
    def test_shows_every_step_of_the_proof_and_the_charge(self, line: Line, clerk: Client) -> None:
        order = ask_for(line, make_offering())
        code = code_of(order)
        say_yes(order)
        page = page_of(order, clerk)
        assert page.count("<tr>") >= 5
        assert "1GB流量包<br>1 GB data pack<br>5.00" in page
        assert f"确认码{code}" in page
        assert ("<td>本机</td>" in page, "<td>营业厅</td>" in page, "<td>HALL</td>" in page) == (True, True, False)
        assert "/staff/billing/charge/" in page

    def test_hides_the_code_of_an_order_that_waits(self, line: Line, clerk: Client) -> None:
        order = ask_for(line, make_offering(), now=now())
        code = code_of(order)
        page = page_of(order, clerk)
        assert "确认码****" in page
        assert f"确认码{code}" not in page
        assert f"是 {code}" not in page


class TestProofSheet:
    def test_holds_the_quote_every_step_and_every_charge(self, line: Line, clerk: Client) -> None:
        order = say_yes(ask_for(line, make_offering()))
        page = clerk.get(f"/staff/packages_app/order/{order.account_id},{order.id}/proof/").content.decode()
        for words in (str(order.id), "5.00", code_of(order), "/staff/billing/charge/", mask_msisdn(line.msisdn)):
            assert words in page
        assert line.msisdn[3:] not in page.split("</h1>")[1].split("<div")[0]

    def test_is_reached_from_the_order(self, line: Line, clerk: Client) -> None:
        order = ask_for(line, make_offering())
        assert f"{order.id}/proof/" in page_of(order, clerk)

    def test_exists_for_orders_only(self, line: Line, clerk: Client) -> None:
        assert clerk.get(f"/staff/packages_app/order/{line.account_id},{line.id}/proof/").status_code == 404

    def test_is_not_for_the_product_team(self, line: Line) -> None:
        order = ask_for(line, make_offering())
        page = staff_client("product").get(f"/staff/packages_app/order/{order.account_id},{order.id}/proof/")
        assert page.status_code == 403


class TestFromABillToItsProof:
    def test_each_page_leads_to_the_next(self, line: Line, clerk: Client) -> None:
        order = say_yes(ask_for(line, make_service()))
        charge = Charge.objects.get(account_id=line.account_id)
        issue_bills(month=month_of(NOW), now=month_of(NOW).ends_at)
        month = month_of(NOW).first_date
        bill = clerk.get(f"/staff/billing/bill/{line.account_id},{month}/change/").content.decode()
        charge_url = f"/staff/billing/charge/{line.account_id}_2C{charge.id}/change/"
        assert charge_url in bill
        order_url = f"/staff/packages_app/order/{line.account_id}_2C{order.id}/change/"
        assert order_url in clerk.get(charge_url).content.decode()
        assert "确认码" in clerk.get(order_url).content.decode()

    def test_a_fee_leads_over_its_subscription(self, line: Line, clerk: Client) -> None:
        order = say_yes(ask_for(line, make_service()))
        fee = make_charge(line, reason=ChargeReason.SUBSCRIPTION, reason_id=order.id)
        subscription_url = f"/staff/packages_app/subscription/{line.account_id}_2C{order.id}/change/"
        page = clerk.get(f"/staff/billing/charge/{line.account_id},{fee.id}/change/").content.decode()
        assert subscription_url in page
        assert (
            f"/staff/packages_app/order/{line.account_id}_2C{order.id}/change/"
            in clerk.get(subscription_url).content.decode()
        )

    def test_a_plan_of_the_contract_says_so(self, line: Line, clerk: Client) -> None:
        plan = give_plan(line)
        page = clerk.get(f"/staff/packages_app/subscription/{line.account_id},{plan.id}/change/").content.decode()
        assert "随入网合约办理" in page


class TestStartingAnOrderForACustomer:
    URL = "/staff/packages_app/order/start/"

    @staticmethod
    def form(line: Line, offering: Offering, **changes: str) -> dict[str, str]:
        return {
            "msisdn": line.msisdn,
            "offering": offering.code,
            "start": "",
            "channel": "HOTLINE",
            "request_key": "0190f3a4-0000-7000-8000-000000000001",
        } | changes

    def test_shows_the_quote_first_and_sends_nothing(self, line: Line, clerk: Client) -> None:
        page = clerk.post(self.URL, self.form(line, make_service())).content.decode()
        assert "9.90" in page
        assert 'name="confirmed"' in page
        assert (Order.objects.count(), Sms.objects.count()) == (0, 0)

    def test_then_sends_the_code_to_the_number_and_names_who_asked(self, line: Line, clerk: Client) -> None:
        wanted = self.form(line, make_service(), confirmed="yes")
        response = clerk.post(self.URL, wanted)
        clerk.post(self.URL, wanted)
        order = Order.objects.get(account_id=line.account_id)
        assert (response.status_code, order.state, order.channel) == (302, "AWAITING_CONFIRMATION", "HOTLINE")
        offered = OrderEvidence.objects.get(account_id=line.account_id, kind="OFFERED")
        username = StaffUser.objects.get(groups__name="clerk").username
        assert offered.actor == f"STAFF:{username}"
        page = page_of(order, clerk)
        assert f"<td>{username}</td>" in page
        assert code_of(order) not in page
        assert wallet_of(line.account_id) == (50_00, 0, 1)

    def test_only_the_customer_completes_it(self, line: Line, clerk: Client) -> None:
        clerk.post(self.URL, self.form(line, make_service(), confirmed="yes"))
        order = Order.objects.get(account_id=line.account_id)
        confirmed = say_yes(order, now=now())
        assert confirmed.state == "COMPLETED"
        yes = OrderEvidence.objects.get(account_id=line.account_id, kind="CONFIRMED")
        assert yes.actor == "LINE"

    def test_says_why_the_line_may_not_have_it(self, line: Line, clerk: Client) -> None:
        page = clerk.post(self.URL, self.form(line, make_service(provinces=["CN-SC"]), confirmed="yes"))
        assert page.status_code == 200
        assert Order.objects.count() == 0
        assert "errorlist" in page.content.decode()

    def test_knows_no_number_that_is_not_in_use(self, line: Line, clerk: Client) -> None:
        page = clerk.post(self.URL, self.form(line, make_service(), msisdn="13700000000"))
        assert "errorlist" in page.content.decode()

    @pytest.mark.parametrize("role", ["product", "finance"])
    def test_is_not_for_other_roles(self, role: str) -> None:
        assert staff_client(role).get(self.URL).status_code == 403

    def test_is_offered_above_the_list(self, clerk: Client) -> None:
        assert self.URL in clerk.get("/staff/packages_app/order/").content.decode()


class TestBucketPage:
    def test_writes_allowances_with_their_unit(self, line: Line, clerk: Client) -> None:
        buy(line, make_offering())
        bucket = Bucket.objects.get()
        Bucket.objects.update(used=1024**3 // 4)
        page = clerk.get(f"/staff/packages_app/bucket/{bucket.account_id},{bucket.id}/change/").content.decode()
        assert "1 GB" in page
        assert "256 MB" in page
        assert "768 MB" in page
