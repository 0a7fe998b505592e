"""Accessibility of what `test_every_page` does not pass by: other versions, refusals; the keyboard alone for paying."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from kernel.clock import now
from kernel.phone import national_number
from portal.demo.people import FIXED_PEOPLE, bulk_msisdn
from tests.factories.billing import give_cash
from tests.journeys.conftest import Enter
from tests.journeys.visitors import CODE, PHONE_SCREEN, Visitor, soon, texts_of

pytestmark = pytest.mark.browser

ORDER_CODE = re.compile(r"(?:确认码|code is )(\d{4})")
EMMA = FIXED_PEOPLE[2].msisdn
Rules = dict[str, object]
ALL_RULES: Rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
ELDER_PAGES = ("/", "/top-up/", "/bill/", "/payment-methods/", "/automatic-top-up/")


def faults_of(visitor: Visitor, rules: Rules = ALL_RULES) -> list[str]:
    """Return the broken rules of the page with where they are broken."""
    found = Axe().run(visitor.page, options=rules).response["violations"]
    return [
        f"{visitor.page.url} {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def faults_of_pages(visitor: Visitor, paths: tuple[str, ...], rules: Rules = ALL_RULES) -> list[str]:
    faults = []
    for path in paths:
        visitor.page.goto(path)
        if visitor.page.locator(".dock").count():
            visitor.page.locator("#handset-panel[hx-boost]").wait_for(state="attached")
        faults += faults_of(visitor, rules)
    return faults


class TestPages:
    def test_of_the_older_peoples_version_break_no_rule(self, enter: Enter) -> None:
        visitor = enter(signed_in=EMMA, screen=PHONE_SCREEN)
        visitor.page.goto("/")
        visitor.page.locator(".header button[name=mode]").click()
        expect(visitor.page.locator("html")).to_have_attribute("data-mode", "elder")
        assert faults_of_pages(visitor, ELDER_PAGES) == []

    def test_that_refuse_a_form_break_no_rule_and_take_the_focus_to_the_reason(self, enter: Enter) -> None:
        visitor = enter(signed_in=EMMA)
        visitor.page.goto("/top-up/")
        visitor.fill("Another amount", "1.001")
        visitor.press("Go on to pay")
        expect(visitor.main.locator(".error-summary")).to_be_focused()
        assert faults_of(visitor) == []


class TestTheKeyboard:
    def test_is_enough_to_sign_in(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(screen=PHONE_SCREEN)
        visitor.page.goto("/sign-in/")
        visitor.tab_to("#id_msisdn")
        visitor.page.keyboard.type(national_number(newcomer))
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("#id_code")).to_be_visible()
        soon(lambda: texts_of(newcomer, CODE.pattern))
        [code] = CODE.findall(texts_of(newcomer, CODE.pattern)[0])
        visitor.tab_to("#id_code")
        visitor.page.keyboard.type(code)
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator(".panel")).to_be_visible()

    def test_is_enough_to_top_up(self, enter: Enter) -> None:
        visitor = enter(signed_in=bulk_msisdn(14))
        visitor.page.goto("/top-up/")
        visitor.tab_to("#id_other_amount")
        visitor.page.keyboard.type("6")
        visitor.page.keyboard.press("Enter")
        expect(visitor.main.locator(".cashier")).to_be_visible()
        visitor.tab_to("button[value=PAID]")
        visitor.page.keyboard.press("Enter")
        arrived = visitor.said("%(amount)s yuan have arrived", amount="6.00")
        expect(visitor.main.get_by_role("heading", name=arrived)).to_be_visible()

    def test_is_enough_to_order(self, enter: Enter) -> None:
        number = bulk_msisdn(14)
        give_cash(get_line_by_msisdn(number), 10_00, now=now())
        visitor = enter(signed_in=number)
        visitor.page.goto("/packages/DATA-1GB/")
        asked = len(texts_of(number, ORDER_CODE.pattern))
        visitor.tab_to("main .form__actions button:not([name])")
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("#id_code")).to_be_visible()
        soon(lambda: len(texts_of(number, ORDER_CODE.pattern)) > asked)
        [code] = ORDER_CODE.findall(texts_of(number, ORDER_CODE.pattern)[0])
        visitor.tab_to("#id_code")
        visitor.page.keyboard.type(code)
        visitor.page.keyboard.press("Enter")
        expect(visitor.main.get_by_role("heading", level=1, name=visitor.said("Ordered"))).to_be_visible()
