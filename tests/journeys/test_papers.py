"""A customer takes a bill home and asks for its e-invoice; finance has it issued; the customer is told."""

import io
import re

import pypdf
import pytest
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.models import EInvoice
from billing.queries.bills import list_bills
from kernel.ids import PublicId
from kernel.money import yuan_text
from portal.demo.people import bulk_msisdn
from tests.journeys.conftest import Enter
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visitors import PHONE_SCREEN, soon, texts_of

pytestmark = pytest.mark.browser

CUSTOMER = bulk_msisdn(10)


class TestABillOnPaper:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_is_loaded_down_and_says_what_the_page_says(self, enter: Enter, language: str) -> None:
        visitor = enter(signed_in=CUSTOMER, screen=PHONE_SCREEN, language=language)
        visitor.page.goto("/bill/")
        total = visitor.main.locator(".amount--big").inner_text()
        with visitor.page.expect_download() as loading:
            visitor.main.get_by_role("link", name=visitor.said("PDF")).click()
        paper = pypdf.PdfReader(io.BytesIO(loading.value.path().read_bytes()))
        figure = re.search(r"[\d,.]+", total)
        assert figure is not None
        assert figure[0] in paper.pages[0].extract_text()


class TestAnEInvoice:
    def test_goes_from_the_customer_to_finance_and_back(self, enter: Enter) -> None:
        account_id = get_line_by_msisdn(CUSTOMER).account_id
        bill = list_bills(account_id, 1)[0]
        customer = enter(signed_in=CUSTOMER, screen=PHONE_SCREEN)
        customer.page.goto("/bill/")
        customer.follow("E-invoice")
        assert faults_of(customer) == []
        customer.press("Ask for it")
        expect(customer.main).to_contain_text(
            customer.said("The e-invoice is asked for. A text tells you when it is issued.")
        )
        assert faults_of(customer) == []
        row = EInvoice.objects.get(account_id=account_id)
        assert (row.amount_fen, row.state) == (bill.total_fen, "REQUESTED")

        finance = enter(signed_in="finance")
        finance.page.goto("/staff/billing/einvoice/export/")
        finance.page.locator("input.default").click()
        with finance.page.expect_download() as loading:
            finance.page.locator("a[href$='/csv/']").click()
        text = loading.value.path().read_text(encoding="utf-8-sig")
        public_id = str(PublicId(row.account_id, row.id))
        assert public_id in text
        assert yuan_text(bill.total_fen) in text

        finance.page.goto("/staff/billing/einvoice/results/")
        results = f"request,result,invoice_number,reason\r\n{public_id},ISSUED,26352000000012345678,\r\n"
        finance.page.locator("input[type=file]").set_input_files(
            {"name": "results.csv", "mimeType": "text/csv", "buffer": results.encode()}
        )
        finance.page.locator("input.default").click()
        finance.page.locator("input[name=confirmed]").click()
        expect(finance.page.locator(".messagelist")).to_be_visible()

        soon(lambda: len(texts_of(CUSTOMER, "电子发票已开具|E-invoice issued")) == 1)
        customer.page.goto("/e-invoices/")
        expect(customer.main).to_contain_text("26352000000012345678")
        assert faults_of(customer) == []
