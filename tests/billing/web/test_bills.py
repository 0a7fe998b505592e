import uuid
from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import travel

from accounts.models import Line
from billing.models import BillHead, ChargeReason
from billing.operations.adjustments import approve_adjustment
from billing.operations.issue_bills import issue_bills
from billing.operations.one_off_fees import approve_one_off_fee
from kernel.clock import SHANGHAI, Month
from kernel.ids import PublicId
from kernel.phone import grouped_number
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_charge, make_line, opened_long_ago, propose, propose_fee
from tests.pages import words

pytestmark = pytest.mark.django_db

PLAN_ORDER = uuid.uuid4()
NOVEMBER_1 = datetime(2026, 11, 1, 3, tzinfo=SHANGHAI)
NOON = datetime(2026, 11, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture
def line() -> Line:
    """A line with bills for September and October 2026."""
    line = opened_long_ago(make_line(cash_fen=1_000_00))
    make_charge(
        line, amount_fen=59_00, now=datetime(2026, 10, 1, tzinfo=SHANGHAI), name="畅享套餐", reason_id=PLAN_ORDER
    )
    make_charge(
        line, amount_fen=6_01, now=datetime(2026, 10, 9, tzinfo=SHANGHAI), head=BillHead.THIRD_PARTY, name="视频会员"
    )
    for month in (Month(2026, 9), Month(2026, 10)):
        issue_bills(month=month, now=NOVEMBER_1)
    return line


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


class TestBill:
    def test_shows_the_seven_heads_in_order_and_their_sum(self, client: Client) -> None:
        page = words(client.get("/bill/2026-10/"))
        assert "Bill of October 2026" in page
        assert (
            "Plan and fixed fees 59.00 Voice 0.00 Data 0.00 Texts and picture messages 0.00"
            " Value-added services 0.00 Collected for others 6.01 Other 0.00 Together 65.01"
        ) in page

    def test_shows_every_line_and_for_whom_it_is_collected(self, client: Client, line: Line) -> None:
        page = words(client.get("/bill/2026-10/"))
        assert "畅享套餐 Why am I charged? 畅享套餐 59.00" in page
        assert "视频会员 Collected for 某公司 Why am I charged? 视频会员 6.01" in page
        assert f"This number together {grouped_number(line.msisdn)} 65.01" in page

    def test_names_the_number_of_every_line_where_there_are_several(self) -> None:
        line, other = opened_long_ago(make_line(cash_fen=100_00)), "+8613912345678"
        make_charge(line, amount_fen=59_00, now=datetime(2026, 10, 1, tzinfo=SHANGHAI), name="畅享套餐")
        make_charge(line, amount_fen=5_00, now=datetime(2026, 10, 9, tzinfo=SHANGHAI), name="流量包", msisdn=other)
        issue_bills(month=Month(2026, 10), now=NOVEMBER_1)
        browser = signed_in_client(line)
        browser.cookies["django_language"] = "en"
        page = words(browser.get("/bill/2026-10/"))
        number = grouped_number(line.msisdn)
        assert f"畅享套餐 {number} Why am I charged? 畅享套餐 59.00" in page
        assert "流量包 139 1234 5678 Why am I charged? 流量包 5.00" in page
        assert f"This number together {number} 59.00 This number together 139 1234 5678 5.00" in page

    def test_leads_from_a_fee_for_use_to_its_records(self) -> None:
        line = opened_long_ago(make_line(cash_fen=100_00))
        charge = make_charge(
            line,
            amount_fen=3_00,
            head=BillHead.MESSAGES,
            reason=ChargeReason.USAGE,
            now=datetime(2026, 10, 9, tzinfo=SHANGHAI),
        )
        issue_bills(month=Month(2026, 10), now=NOVEMBER_1)
        page = signed_in_client(line).get("/bill/2026-10/").content.decode()
        fee = PublicId(line.account_id, charge.reason_id)
        assert f'href="/usage/details/?fee={fee}"' in page

    def test_leads_from_a_line_to_the_proof_of_its_order(self, client: Client, line: Line) -> None:
        order_id = str(PublicId(line.account_id, PLAN_ORDER))
        assert f'href="/orders/{order_id}/evidence/"' in client.get("/bill/2026-10/").content.decode()

    def test_names_the_reason_where_there_is_no_order(self, client: Client, line: Line) -> None:
        make_charge(
            line, amount_fen=30, now=datetime(2026, 11, 9, tzinfo=SHANGHAI), reason=ChargeReason.USAGE, name="语音"
        )
        issue_bills(month=Month(2026, 11), now=datetime(2026, 12, 1, tzinfo=SHANGHAI))
        assert "语音 use beyond the plan" in words(client.get("/bill/2026-11/"))

    def test_leads_to_no_proof_of_a_number_that_is_not_signed_in(self, line: Line) -> None:
        second = Line.objects.create(account_id=line.account_id, msisdn="+8613000000001", activated_at=NOVEMBER_1)
        browser = signed_in_client(second)
        page = browser.get("/bill/2026-10/").content.decode()
        assert "畅享套餐" in page
        assert "/evidence/" not in page

    def test_says_first_how_much_more_it_is_and_then_why(self, client: Client) -> None:
        page = words(client.get("/bill/2026-10/"))
        assert "65.01 yuan more than the 0.00 yuan of the month before." in page
        assert (
            "Plan and fixed fees 0.00 59.00 +59.00 畅享套餐 new: charged every month until you cancel it"
            " 0.00 59.00 +59.00"
        ) in page
        assert "Together 0.00 65.01 +65.01" in page

    def test_says_how_much_less_it_is(self, client: Client) -> None:
        issue_bills(month=Month(2026, 11), now=datetime(2026, 12, 1, tzinfo=SHANGHAI))
        assert "65.01 yuan less than the 65.01 yuan of the month before." in words(client.get("/bill/2026-11/"))

    def test_compares_the_first_bill_with_nothing(self, client: Client) -> None:
        assert "Compared with" not in words(client.get("/bill/2026-09/"))

    def test_warns_of_a_bill_five_times_as_dear_as_the_three_before(self, line: Line, client: Client) -> None:
        for month in (Month(2026, 8), Month(2026, 11)):
            make_charge(line, amount_fen=65_00, now=month.starts_at)
        make_charge(line, amount_fen=651_70, now=Month(2026, 12).starts_at)
        for month in (Month(2026, 8), Month(2026, 11), Month(2026, 12)):
            issue_bills(month=month, now=Month(2027, 1).starts_at)
        warning = "This bill is unusually high"
        assert warning not in words(client.get("/bill/2026-11/"))
        assert warning in words(client.get("/bill/2026-12/"))

    def test_draws_the_heads_as_a_ring(self, client: Client) -> None:
        page = client.get("/bill/2026-10/").content.decode()
        assert 'pathLength="6501" stroke-dasharray="5900 6501" stroke-dashoffset="-0"' in page
        assert 'pathLength="6501" stroke-dasharray="601 6501" stroke-dashoffset="-5900"' in page

    def test_says_what_of_it_is_paid_and_what_is_owed_until_when(self, line: Line, client: Client) -> None:
        assert "¥ 65.01 Paid" in words(client.get("/bill/2026-10/"))
        make_charge(line, amount_fen=2_000_00, may_owe=True, name="畅享套餐", now=NOVEMBER_1, reason=ChargeReason.USAGE)
        make_charge(line, amount_fen=1_00, name="语音", now=NOON, reason=ChargeReason.USAGE)
        issue_bills(month=Month(2026, 11), now=Month(2026, 12).starts_at)
        page = words(client.get("/bill/2026-11/"))
        assert (
            "2,000.00 yuan of this bill are owed Top up until Dec. 30, 2026: it is then paid by itself. Top up" in page
        )
        assert "畅享套餐 use beyond the plan owed 2,000.00 语音 use beyond the plan 1.00" in page
        assert "Paid" not in page

    def test_says_why_staff_charged_a_fee_and_what_was_paid_late(self, line: Line, client: Client) -> None:
        fee = propose_fee(line)
        approve_one_off_fee(account_id=line.account_id, fee_id=fee.id, checked_by=2, now=NOVEMBER_1)
        late = make_charge(line, name="畅享套餐", now=NOVEMBER_1)
        make_charge(line, amount_fen=1_55, reason=ChargeReason.LATE_FEE, reason_id=late.id, name="违约金", now=NOON)
        issue_bills(month=Month(2026, 11), now=Month(2026, 12).starts_at)
        page = words(client.get("/bill/2026-11/"))
        assert "补卡工本费 a fee that is paid once: 客户遗失SIM卡 20.00" in page
        assert "违约金 paid late: 畅享套餐 1.55" in page

    def test_shows_corrections_with_their_reason_and_a_total_below_zero(self, line: Line, client: Client) -> None:
        adjustment = propose(line, 5_00)
        approve_adjustment(account_id=line.account_id, adjustment_id=adjustment.id, checked_by=2, now=NOVEMBER_1)
        issue_bills(month=Month(2026, 11), now=Month(2026, 12).starts_at)
        answer = client.get("/bill/2026-11/")
        assert "十月套餐费重复 a correction: charged wrongly -5.00" in words(answer)
        assert "Other 0.00 -5.00 -5.00 十月套餐费重复 correction or refund 0.00 -5.00 -5.00" in words(answer)
        assert answer.context["slices"] == {"whole": 0, "parts": []}
        assert '<progress class="bar" max="6501" value="0"' in client.get("/bills/").content.decode()

    def test_shows_the_newest_without_being_asked_for_a_month(self, client: Client) -> None:
        assert "Bill of October 2026" in words(client.get("/bill/"))

    def test_shows_a_bill_of_nothing(self, client: Client) -> None:
        page = words(client.get("/bill/2026-09/"))
        assert "Together 0.00" in page

    @pytest.mark.parametrize(
        "month", ["2026-08", "2026-11", "2026-13", "2026-00", "26-10", "2026-1", "x", "０２６-10", "2026-10-01", "%00"]
    )
    def test_is_not_found_for_any_other_month(self, client: Client, month: str) -> None:
        assert client.get(f"/bill/{month}/").status_code == 404

    def test_belongs_to_its_account_alone(self) -> None:
        stranger = signed_in_client(make_line())
        assert stranger.get("/bill/2026-10/").status_code == 404

    def test_sends_visitors_to_sign_in(self) -> None:
        assert Client().get("/bill/2026-10/")["Location"] == "/sign-in/?next=%2Fbill%2F2026-10%2F"

    @pytest.mark.parametrize("path", ["/bill/", "/bill/2026-10/", "/bills/", "/statement/"])
    def test_answers_whoever_only_asks_for_the_headers(self, client: Client, path: str) -> None:
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")

    def test_costs_few_queries(self, client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        client.get("/bill/2026-10/")
        # Session, line, the bill's header and lines, the three before, whether there is a last one, the lines
        # of both months, and the interaction that is noted.
        with django_assert_num_queries(8):
            client.get("/bill/2026-10/")


class TestBills:
    def test_lists_the_months(self, client: Client) -> None:
        with travel(NOVEMBER_1, tick=False):
            page = words(client.get("/bills/"))
        assert page.index("October 2026") < page.index("¥ 65.01") < page.index("September 2026")

    def test_begins_with_the_month_that_is_running(self, client: Client, line: Line) -> None:
        make_charge(line, amount_fen=7_00, now=NOVEMBER_1)
        make_charge(line, amount_fen=9_00, now=Month(2026, 12).starts_at)
        with travel(NOVEMBER_1, tick=False):
            page = words(client.get("/bills/"))
        assert "November 2026 so far Its bill is made after the end of the month. ¥ 7.00 October 2026 ¥ 65.01" in page

    def test_shows_what_is_owed_and_how_it_is_paid(self, client: Client, line: Line) -> None:
        assert "You owe" not in words(client.get("/bills/"))
        make_charge(line, amount_fen=2_000_00, may_owe=True, name="畅享套餐", now=NOVEMBER_1)
        page = words(client.get("/bills/"))
        assert "You owe 2,000.00 yuan Top up at least 1,065.01 yuan: it is then paid by itself. Top up" in page
        number = grouped_number(line.msisdn)
        assert f"What you owe 畅享套餐 Nov. 1, 2026 · {number} · a subscription&#x27;s fee 2,000.00" in page

    def test_says_so_when_there_is_none(self) -> None:
        browser = signed_in_client(make_line())
        browser.cookies["django_language"] = "en"
        assert "No bill yet" in words(browser.get("/bills/"))
        assert "No bill yet" in words(browser.get("/bill/"))


class TestBillPdf:
    def test_gives_the_bill_as_a_file_that_nothing_keeps(self, client: Client) -> None:
        answer = client.get("/bill/2026-10/pdf/")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Disposition"] == (
            "attachment; filename=\"bill-2026-10.pdf\"; filename*=UTF-8''Bill%20of%20October%202026.pdf"
        )
        assert answer.content.startswith(b"%PDF-1.7")

    def test_is_called_in_the_language_of_the_page(self, line: Line) -> None:
        answer = signed_in_client(line).get("/bill/2026-10/pdf/")
        assert answer["Content-Disposition"].endswith("filename*=UTF-8''2026%E5%B9%B410%E6%9C%88%E8%B4%A6%E5%8D%95.pdf")

    def test_is_linked_from_the_page(self, client: Client) -> None:
        assert 'href="/bill/2026-10/pdf/"' in client.get("/bill/2026-10/").content.decode()

    @pytest.mark.parametrize("month", ["2026-08", "2026-13", "2026", "x", "2026-1O"])
    def test_is_not_there_for_a_month_without_a_bill(self, client: Client, month: str) -> None:
        assert client.get(f"/bill/{month}/pdf/").status_code == 404

    def test_is_not_there_for_another_customer(self, line: Line) -> None:
        assert signed_in_client(make_line()).get("/bill/2026-10/pdf/").status_code == 404

    def test_is_for_signed_in_customers(self, line: Line) -> None:
        answer = Client().get("/bill/2026-10/pdf/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")

    def test_says_on_the_page_when_it_cannot_be_made(self, client: Client, settings: Settings) -> None:
        settings.BILL_PAPER_LINES = 1
        page = client.get("/bill/2026-10/pdf/", follow=True)
        assert page.redirect_chain == [("/bill/2026-10/", 302)]
        assert "This bill has too many lines for a PDF file." in words(page)
