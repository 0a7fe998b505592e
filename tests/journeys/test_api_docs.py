"""The description of the REST API, as a partner's engineer opens it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Enter

pytestmark = pytest.mark.browser


def test_the_docs_open_under_the_strict_policy_and_name_every_operation(enter: Enter) -> None:
    page = enter(language="en").page
    page.goto("/api/docs/")
    expect(page.locator(".opblock-summary-path", has_text="/bucket").first).to_be_visible()
    expect(page.locator(".opblock-summary-path", has_text="/topupBalance").first).to_be_visible()
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
