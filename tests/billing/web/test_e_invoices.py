"""E-invoices as a customer meets them: see, ask, take back; and what they may not."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Line
from billing.models import EInvoice
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line, make_top_up
from tests.factories.e_invoices import COMPANY, ask, billed, hand_over, issue, paid_top_up, refuse, subject_of
from tests.pages import words

pytestmark = pytest.mark.django_db

KEY = "0" * 32
PERSON = {"request_key": KEY, "buyer_kind": "PERSONAL", "buyer_name": "张三", "taxpayer_number": "", "email": ""}
BILL = "/e-invoices/ask/bill-2026-10/"


def browser_of(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


@pytest.fixture
def line() -> Line:
    return billed()


@pytest.fixture
def client(line: Line) -> Client:
    return browser_of(line)


class TestEInvoices:
    def test_offers_what_may_be_asked_for(self, line: Line, client: Client) -> None:
        top_up = paid_top_up(line, 30_00)
        make_top_up(line)
        page = client.get("/e-invoices/")
        assert page["Cache-Control"] == "private, no-store"
        content = page.content.decode()
        assert f'href="{BILL}"' in content
        assert f'href="/e-invoices/ask/{subject_of(top_up)}/"' in content
        assert content.count("/e-invoices/ask/") == 2
        assert "No e-invoice yet" in words(page)

    def test_says_how_far_each_is(self, line: Line, client: Client) -> None:
        refuse(hand_over(ask(line)))
        issue(hand_over(ask(line)))
        ask(line, subject_of(paid_top_up(line, 30_00)), buyer_name="李四")
        page = words(client.get("/e-invoices/"))
        assert "李四" in page
        assert "Invoice number 26352000000012345678" in page
        assert "Reason: 税号与抬头不符" in page
        assert [word for word in ("asked for", "issued", "could not be issued") if word not in page] == []

    def test_asks_no_more_the_more_there_are(
        self, line: Line, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client.get("/e-invoices/")  # once a minute the sign-in notes that it is used
        for _number in range(4):
            paid_top_up(line)
        with django_assert_num_queries(9):
            client.get("/e-invoices/")

    def test_shows_nothing_of_others(self, line: Line) -> None:
        ask(line)
        page = browser_of(make_line(name="李四")).get("/e-invoices/")
        assert "张三" not in words(page)
        assert "/e-invoices/ask/" not in page.content.decode()

    def test_is_for_signed_in_customers(self) -> None:
        assert Client().get("/e-invoices/").status_code == 302


class TestEInvoiceRequest:
    def test_begins_with_the_customers_name_and_the_amount_of_the_books(self, client: Client) -> None:
        page = client.get(BILL)
        assert 'value="张三"' in page.content.decode()
        assert "59.00" in words(page)

    def test_begins_with_what_was_entered_the_last_time(self, line: Line, client: Client) -> None:
        ask(line, buyer_kind="COMPANY", buyer_name="某公司", taxpayer_number=COMPANY, email="a@example.com")
        page = client.get(f"/e-invoices/ask/{subject_of(paid_top_up(line))}/").content.decode()
        assert [value for value in ("某公司", COMPANY, "a@example.com") if f'value="{value}"' not in page] == []

    def test_writes_down_one_request_however_often_it_is_sent(self, client: Client) -> None:
        for _time in range(2):
            answer = client.post(BILL, PERSON, follow=True)
            assert answer.redirect_chain == [("/e-invoices/", 302)]
            assert "The e-invoice is asked for." in words(answer)
        assert EInvoice.objects.values_list("amount_fen", "buyer_name", "state").get() == (59_00, "张三", "REQUESTED")

    def test_takes_no_amount_from_the_form(self, client: Client) -> None:
        client.post(BILL, {**PERSON, "amount_fen": "999999", "amount": "9999"})
        assert EInvoice.objects.get().amount_fen == 59_00

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"buyer_name": ""}, "Title of the invoice: This field is required."),
            ({"buyer_name": "x" * 101}, "Title of the invoice: Ensure this value has at most 100 characters"),
            ({"buyer_kind": "ALIEN"}, "Issued to: Select a valid choice."),
            ({"buyer_kind": "COMPANY"}, "invoice needs its taxpayer number."),
            ({"buyer_kind": "COMPANY", "taxpayer_number": COMPANY[:-1] + "4"}, "This is not a taxpayer number."),
            ({"email": "nobody"}, "E-mail: Enter a valid email address."),
            ({"request_key": "x"}, "This form is damaged."),
        ],
    )
    def test_says_what_is_wrong_beside_its_field(self, client: Client, changes: dict[str, str], said: str) -> None:
        page = client.post(BILL, {**PERSON, **changes})
        assert page.status_code == 422
        assert said in words(page)
        assert not EInvoice.objects.exists()

    def test_says_that_it_was_asked_for_already(self, line: Line, client: Client) -> None:
        ask(line)
        page = client.post(BILL, PERSON)
        assert page.status_code == 409
        assert "You have asked for this e-invoice already." in words(page)
        assert EInvoice.objects.count() == 1

    def test_lets_a_changed_form_be_sent_on_purpose(self, client: Client) -> None:
        client.post(BILL, PERSON)
        page = client.post(BILL, {**PERSON, "buyer_name": "李四"})
        assert "This request was already made with other details." in words(page)
        assert KEY not in page.content.decode()

    def test_offers_no_form_where_there_is_nothing_to_invoice(self) -> None:
        poor = billed(cash_fen=1_00, may_owe=True)
        page = browser_of(poor).get(BILL)
        assert "No e-invoice can be asked for here" in words(page)
        assert "<form class=" not in page.content.decode()

    @pytest.mark.parametrize(
        "subject", ["bill-2026-09", "bill-2026-13", "bill-", "top-up-x", "x", "top-up-" + "A" * 44]
    )
    def test_is_not_there_for_what_is_not(self, client: Client, subject: str) -> None:
        assert client.get(f"/e-invoices/ask/{subject}/").status_code == 404
        assert client.post(f"/e-invoices/ask/{subject}/", PERSON).status_code == 404
        assert not EInvoice.objects.exists()

    def test_is_not_there_for_others(self, line: Line) -> None:
        stranger = browser_of(make_line())
        for subject in ("bill-2026-10", str(subject_of(paid_top_up(line)))):
            assert stranger.post(f"/e-invoices/ask/{subject}/", PERSON).status_code == 404
        assert not EInvoice.objects.exists()

    def test_is_linked_from_bill_and_top_up(self, line: Line, client: Client) -> None:
        assert f'href="{BILL}"' in client.get("/bill/2026-10/").content.decode()
        top_up = paid_top_up(line)
        public_id = PublicId(top_up.account_id, top_up.id)
        assert f'href="/e-invoices/ask/top-up-{public_id}/"' in client.get(f"/top-up/{public_id}/").content.decode()


class TestEInvoiceWithdraw:
    def test_takes_a_request_back(self, line: Line, client: Client) -> None:
        e_invoice = ask(line)
        address = f"/e-invoices/{PublicId(line.account_id, e_invoice.id)}/withdraw/"
        assert f'action="{address}"' in client.get("/e-invoices/").content.decode()
        assert "The request is withdrawn." in words(client.post(address, follow=True))
        assert EInvoice.objects.get().state == "WITHDRAWN"

    def test_says_when_it_is_too_late(self, line: Line, client: Client) -> None:
        e_invoice = hand_over(ask(line))
        page = client.post(f"/e-invoices/{PublicId(line.account_id, e_invoice.id)}/withdraw/", follow=True)
        assert "cannot be withdrawn any more" in words(page)
        assert "/withdraw/" not in page.content.decode()
        assert EInvoice.objects.get().state == "EXPORTED"

    def test_is_for_its_owner_and_by_form_alone(self, line: Line, client: Client) -> None:
        e_invoice = ask(line)
        address = f"/e-invoices/{PublicId(line.account_id, e_invoice.id)}/withdraw/"
        assert browser_of(make_line()).post(address).status_code == 404
        assert client.get(address).status_code == 405
        assert client.post("/e-invoices/x/withdraw/").status_code == 404
        assert EInvoice.objects.get().state == "REQUESTED"
