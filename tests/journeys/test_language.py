"""Chinese is complete: whoever reads it meets no English but the way to the English pages and names of units."""

import re

import pytest
from playwright.sync_api import Page

from portal.demo.people import FIXED_PEOPLE
from tests.journeys.conftest import Enter

pytestmark = pytest.mark.browser

LIN = FIXED_PEOPLE[1].msisdn
AT_HOME_IN_BOTH = {"EN", "English", "GB", "MB", "KB", "CSV", "PDF", "CXYE", "CXLL", "CZ"}
PAGES = (
    *(
        "/",
        "/packages/",
        "/packages/DATA-1GB/",
        "/packages/PLAN-JOY-99/?start=NOW",
        "/cart/",
        "/orders/",
        "/subscriptions/",
        "/top-up/",
        "/top-up/other/",
    ),
    *("/packages/PLAN-FAMILY-169/about/", "/packages/compare/?code=PLAN-JOY-59&code=PLAN-JOY-199"),
    *("/payment-methods/", "/payment-methods/link/", "/automatic-top-up/"),
    *("/bill/", "/bills/", "/statement/", "/handset/", "/sign-in/"),
)


def test_chinese_pages_speak_no_english(enter: Enter) -> None:
    page = enter(signed_in=LIN, script=False).page
    english = {}
    for path in PAGES:
        page.goto(path)
        if words := set(re.findall("[A-Za-z]{2,}", said_by_the_hall(page))) - AT_HOME_IN_BOTH:
            english[path] = words
    assert english == {}


def said_by_the_hall(page: Page) -> str:
    """Return what stands on the page but for the texts of the visitor, who may write what they like."""
    said: str = page.locator("body").inner_text()
    for bubble in page.locator(".bubble--out").all():
        said = said.replace(bubble.inner_text(), "", 1)
    return said
