"""E-invoices at the desk: finance hands requests over and writes down what came of them; others look."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from billing.models import EInvoice, EInvoiceBatch
from kernel.ids import PublicId
from messaging.models import Sms
from tests.factories.accounts import make_staff, staff_client
from tests.factories.e_invoices import COMPANY, ask, billed, hand_over, issue
from tests.pages import words

pytestmark = pytest.mark.django_db

LIST = "/staff/billing/einvoice/"
HEADER = "request,result,invoice_number,reason\r\n"


@pytest.fixture
def finance() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_staff("finance"))
    return client


def public_id(row: EInvoice) -> str:
    return str(PublicId(row.account_id, row.id))


def record(row: EInvoice) -> str:
    return f"{LIST}{row.account_id},{row.id}/"


def file_of(text: str, encoding: str = "utf-8-sig") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("results.csv", text.encode(encoding))}


class TestExport:
    def test_asks_before_it_hands_over(self, finance: Client) -> None:
        ask(billed())
        assert "1 request waits." in words(finance.get(f"{LIST}export/"))
        assert EInvoice.objects.get().state == "REQUESTED"

    def test_makes_a_file_that_may_be_fetched_again_and_holds_no_formula(self, finance: Client) -> None:
        row = ask(billed(), buyer_kind="COMPANY", buyer_name="=1+1", taxpayer_number=COMPANY, email="a@example.com")
        page = finance.post(f"{LIST}export/", follow=True)
        batch = EInvoiceBatch.objects.get()
        address = f"/staff/billing/einvoicebatch/{batch.pk}/csv/"
        assert address in page.content.decode()
        for _time in range(2):
            answer = finance.get(address)
            assert "no-store" in answer["Cache-Control"]
            text = answer.getvalue().decode("utf-8-sig")
            assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
                [
                    *(public_id(row), "2026-11-22 14:30:00", "bill:2026-10", "59.00", "COMPANY", "'=1+1", COMPANY),
                    "a@example.com",
                ]
            ]
        assert EInvoice.objects.get().state == "EXPORTED"

    def test_says_when_nothing_waits(self, finance: Client) -> None:
        assert "No request waits to be handed over." in words(finance.post(f"{LIST}export/", follow=True))
        assert not EInvoiceBatch.objects.exists()

    @pytest.mark.parametrize("role", ["clerk", "supervisor"])
    def test_is_for_finance(self, role: str) -> None:
        hand_over(ask(billed()))
        ask(billed())
        client = staff_client(role)
        batch = EInvoiceBatch.objects.get()
        assert client.get(LIST).status_code == 200
        assert f"{LIST}export/" not in client.get(LIST).content.decode()
        assert client.post(f"{LIST}export/").status_code == 403
        assert client.post(f"{LIST}results/").status_code == 403
        assert client.get(f"/staff/billing/einvoicebatch/{batch.pk}/csv/").status_code == 404
        assert EInvoiceBatch.objects.count() == 1


class TestList:
    def test_is_filtered_by_state(self, finance: Client) -> None:
        hand_over(ask(billed()))
        ask(billed())
        found = finance.get(LIST, {"state__exact": "EXPORTED"}).context["cl"].result_list
        assert [row.state for row in found] == ["EXPORTED"]


class TestOneOutcome:
    def test_is_written_down_with_its_number(self, finance: Client) -> None:
        row = hand_over(ask(billed()))
        assert "59.00 yuan" in words(finance.get(f"{record(row)}issued/"))
        page = finance.post(f"{record(row)}issued/", {"invoice_number": "12345678"}, follow=True)
        assert "the customer is told by text" in words(page)
        row.refresh_from_db()
        assert (row.state, row.invoice_number) == ("ISSUED", "12345678")
        assert finance.post(f"{record(row)}refused/", {"reason": "x"}).status_code == 403

    def test_is_written_down_with_its_reason(self, finance: Client) -> None:
        row = hand_over(ask(billed()))
        finance.post(f"{record(row)}refused/", {"reason": "抬头不符"})
        row.refresh_from_db()
        assert (row.state, row.refusal) == ("REFUSED", "抬头不符")
        assert Sms.objects.filter(kind="E_INVOICE").count() == 1

    @pytest.mark.parametrize("number", ["", "1", "abcdefgh", "1" * 21])
    def test_is_refused_with_a_wrong_number(self, finance: Client, number: str) -> None:
        row = hand_over(ask(billed()))
        assert finance.post(f"{record(row)}issued/", {"invoice_number": number}).status_code == 422
        row.refresh_from_db()
        assert row.state == "EXPORTED"

    def test_is_offered_to_nobody_before_the_request_is_handed_over(self, finance: Client) -> None:
        row = ask(billed())
        assert finance.post(f"{record(row)}issued/", {"invoice_number": "12345678"}).status_code == 403
        assert staff_client("clerk").post(f"{record(row)}issued/", {"invoice_number": "12345678"}).status_code == 403


class TestResults:
    def test_are_shown_before_they_are_written_down(self, finance: Client) -> None:
        first, second = ask(billed()), ask(billed())
        hand_over(first)
        text = f"{HEADER}{public_id(first)},ISSUED,12345678,\r\n{public_id(second)},REFUSED,,抬头不符\r\n"
        page = finance.post(f"{LIST}results/", file_of(text))
        assert "Issued: 1. Refused: 1. Written down before: 0." in words(page)
        assert set(EInvoice.objects.values_list("state", flat=True)) == {"EXPORTED"}
        content = page.context["content"]
        done = finance.post(f"{LIST}results/", {"content": content, "confirmed": "1"}, follow=True)
        assert "Written down: 1 issued, 1 refused, 0 as before." in words(done)
        assert set(EInvoice.objects.values_list("state", "invoice_number", "refusal")) == {
            ("ISSUED", "12345678", ""),
            ("REFUSED", "", "抬头不符"),
        }

    def test_say_which_lines_are_wrong(self, finance: Client) -> None:
        row = hand_over(ask(billed()))
        text = f"{HEADER}{public_id(row)},ISSUED,12345678,\r\nnobody,ISSUED,87654321,\r\n"
        for sent in (file_of(text), {"content": text, "confirmed": "1"}):
            page = finance.post(f"{LIST}results/", sent)
            assert page.status_code == 422
            assert "Nothing was written down: 1 line is wrong." in words(page)
            assert "3 nobody there is no such request" in words(page)
        row.refresh_from_db()
        assert row.state == "EXPORTED"

    def test_are_read_as_spreadsheets_write_them(self, finance: Client) -> None:
        row = hand_over(ask(billed()))
        text = f"reason,x,Result,INVOICE_NUMBER,request\r\n,ignored, ISSUED ,'12345678,{public_id(row)}\r\n"
        assert "Issued: 1." in words(finance.post(f"{LIST}results/", file_of(text)))

    def test_may_be_read_in_again(self, finance: Client) -> None:
        row = issue(hand_over(ask(billed())), "12345678")
        page = finance.post(f"{LIST}results/", file_of(f"{HEADER}{public_id(row)},ISSUED,12345678,\r\n"))
        assert "Issued: 0. Refused: 0. Written down before: 1." in words(page)

    @pytest.mark.parametrize(
        ("text", "encoding", "said"),
        [
            ("", "utf-8", "Choose a file."),
            ("a,b\r\n1,2\r\n", "utf-8", "The first line has to name the columns"),
            (HEADER, "utf-8", "The file has no lines."),
            (f"{HEADER}x,REFUSED,,抬头不符\r\n", "gb18030", "The file is not in UTF-8."),
            (f'{HEADER}"x', "utf-8", "unexpected end of data"),
            (HEADER + "x,ISSUED,1,\r\n" * 5_001, "utf-8", "The file has more than 5000 lines."),
            (HEADER + "x" * (2 * 1024**2), "utf-8", "The file is larger than 2 MB."),
        ],
    )
    def test_refuse_a_file_that_is_none(self, finance: Client, text: str, encoding: str, said: str) -> None:
        page = finance.post(f"{LIST}results/", file_of(text, encoding))
        assert page.status_code == 422
        assert said in words(page)
