"""A clerk at the staff desk: finds everything of a number, and can change none of its money."""

import pytest
from playwright.sync_api import expect

from accounts.models import Line, StaffTrace, TraceKind
from accounts.queries.lines import get_line_by_msisdn
from billing.models import Charge, ChargeReason, LedgerEntry, TopUp, Wallet
from kernel.ids import PublicId
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from kernel.phone import grouped_number, national_number
from portal.demo.people import MAIN_MSISDN
from tests.halls import StartedHall
from tests.journeys.conftest import Enter
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visitors import CODE, PHONE_SCREEN, Form, Visitor, password_of, texts_of

pytestmark = pytest.mark.browser


def sign_in(visitor: Visitor, password: str) -> None:
    visitor.page.goto("/staff/")
    visitor.page.get_by_label("用户名").fill("clerk")
    visitor.page.get_by_label("密码").fill(password)
    visitor.page.get_by_role("button", name="登录").click()


def look_up(clerk: Visitor, table: str, msisdn: str) -> None:
    """Find a table's rows of a number and open the newest of them."""
    clerk.page.goto("/staff/")
    clerk.page.locator("#content-main tr th").get_by_role("link", name=table, exact=True).click()
    clerk.page.locator("#searchbar").fill(national_number(msisdn))
    clerk.page.locator("#searchbar").press("Enter")
    clerk.page.locator("#result_list tbody a").first.click()
    expect(clerk.page.get_by_role("link", name="关闭")).to_be_visible()


class TestTheClerk:
    def test_comes_in_with_the_password_of_the_demo(self, enter: Enter, hall: StartedHall) -> None:
        visitor = enter()
        sign_in(visitor, password_of(hall, "clerk"))
        expect(visitor.page.get_by_role("heading", name="今日")).to_be_visible()
        expect(visitor.page.locator("html")).to_have_attribute("lang", "zh-hans")

    def test_does_not_come_in_with_another_password(self, enter: Enter) -> None:
        visitor = enter()
        sign_in(visitor, "clerk")
        expect(visitor.page.locator(".errornote")).to_be_visible()
        assert visitor.page.request.get("/staff/billing/wallet/", max_redirects=0).status == 302

    def test_finds_line_wallet_and_texts_by_the_number_but_no_code(self, enter: Enter, newcomer: str) -> None:
        enter(signed_in=newcomer)
        [code] = CODE.findall(texts_of(newcomer, CODE.pattern)[0])
        clerk = enter(signed_in="clerk")
        content = clerk.page.locator("#content")
        look_up(clerk, "号码", newcomer)
        expect(content).to_contain_text(grouped_number(newcomer))
        expect(content).to_contain_text("正常使用")

        content.locator(".record-links summary").click()
        content.get_by_role("link", name="钱包").click()
        clerk.page.locator("#result_list tbody a").first.click()
        wallet = Wallet.objects.get(account_id=get_line_by_msisdn(newcomer).account_id)
        expect(content).to_contain_text(f"{yuan_text(wallet.cash_fen)} 元")

        look_up(clerk, "短信", newcomer)
        expect(content).to_contain_text("SIGN_IN_CODE")
        expect(content).not_to_contain_text(code)

    def test_finds_everything_of_a_number_on_one_page(self, enter: Enter) -> None:
        clerk = enter(signed_in="clerk", screen=PHONE_SCREEN)
        clerk.page.goto("/staff/")
        clerk.page.locator("#desk-search").fill(grouped_number(MAIN_MSISDN))
        clerk.page.locator("#desk-search").press("Enter")
        clerk.page.wait_for_url("**/staff/line/**")
        line = get_line_by_msisdn(MAIN_MSISDN)
        wallet = Wallet.objects.get(account_id=line.account_id)
        expect(clerk.page.locator("#wallet")).to_contain_text(f"{yuan_text(wallet.cash_fen)} 元")
        who = clerk.page.locator(".line-card--who")
        expect(who).to_contain_text(mask_msisdn(MAIN_MSISDN))
        assert clerk.page.evaluate("document.documentElement.scrollWidth") == PHONE_SCREEN["width"]
        assert faults_of(clerk) == []
        who.locator("summary").click()
        who.locator("input[name=reason]").fill("核对来电号码")
        who.locator("input[type=submit]").click()
        expect(who).to_contain_text(grouped_number(MAIN_MSISDN))
        assert StaffTrace.objects.filter(kind=TraceKind.REVEAL, account_id=line.account_id).count() == 1

    def test_sees_every_step_of_an_order_with_its_evidence_and_its_charge(self, enter: Enter) -> None:
        clerk = enter(signed_in="clerk")
        charge = Charge.objects.filter(reason=ChargeReason.ORDER).earliest("charged_at")
        clerk.page.goto(f"/staff/packages_app/order/?q={PublicId(charge.account_id, charge.reason_id)}")
        clerk.page.locator("#result_list tbody a").click()
        evidence = clerk.page.locator("table", has_text="原文").locator("tbody tr")
        expect(evidence).to_have_count(3)
        steps = [row.locator("td").nth(1).inner_text() for row in evidence.all()]
        assert steps == ["已展示产品", "客户回复", "已确认"]
        charged = clerk.page.locator("table", has_text="扣费时间").locator("tbody tr")
        expect(charged).to_have_count(1)
        expect(charged).to_contain_text(charge.name)
        expect(charged).to_contain_text(f"{yuan_text(charge.amount_fen)} 元")

    @pytest.mark.parametrize("model", [Wallet, LedgerEntry, TopUp])
    def test_changes_no_money(self, enter: Enter, model: type[Wallet | LedgerEntry | TopUp]) -> None:
        clerk = enter(signed_in="clerk")
        before = Wallet.objects.get(account_id=get_line_by_msisdn(MAIN_MSISDN).account_id)
        rows = f"/staff/{model._meta.app_label}/{model._meta.model_name}"
        clerk.page.goto(f"{rows}/?q={national_number(MAIN_MSISDN)}")
        expect(clerk.page.locator(".addlink")).to_have_count(0)
        clerk.page.locator("#result_list tbody a").first.click()
        content = clerk.page.locator("#content-main")
        expect(content.get_by_role("link", name="关闭")).to_be_visible()
        expect(content.locator("input:visible, textarea, select, button")).to_have_count(0)
        token = clerk.page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
        form: Form = {"csrfmiddlewaretoken": token, "cash_fen": "1", "amount_fen": "1"}
        row = clerk.page.url.partition("?")[0]
        request = clerk.page.request
        addresses = (row, row.replace("/change/", "/delete/"), f"{rows}/add/")
        assert [request.post(address, form=form).status for address in addresses] == [403, 403, 403]
        after = Wallet.objects.get(account_id=before.account_id)
        assert (after.cash_fen, after.version) == (before.cash_fen, before.version)

    def test_changes_no_line_either(self, enter: Enter) -> None:
        clerk = enter(signed_in="clerk")
        look_up(clerk, "号码", MAIN_MSISDN)
        token = clerk.page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
        form: Form = {"csrfmiddlewaretoken": token, "state": "CLOSED"}
        assert clerk.page.request.post(clerk.page.url, form=form).status == 403
        assert Line.objects.get(msisdn=MAIN_MSISDN).state == "ACTIVE"
