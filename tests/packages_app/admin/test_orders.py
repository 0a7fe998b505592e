import pytest
from django.test import Client

from accounts.models import Line
from kernel.clock import now
from packages_app.models import Bucket, Order
from tests.factories.accounts import staff_client
from tests.factories.billing import make_line
from tests.factories.packages_app import ask_for, buy, code_of, make_offering, say_yes

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


class TestBucketPage:
    def test_writes_allowances_with_their_unit(self, line: Line, clerk: Client) -> None:
        buy(line, make_offering())
        bucket = Bucket.objects.get()
        Bucket.objects.update(used=1024**3 // 4)
        page = clerk.get(f"/staff/packages_app/bucket/{bucket.account_id},{bucket.id}/change/").content.decode()
        assert "1 GB" in page
        assert "256 MB" in page
        assert "768 MB" in page
