"""What a phone shows and keeps without a network: the page that says so and its looks, nothing of an account."""

import pytest
from playwright.sync_api import expect

from portal.demo.people import FIXED_PEOPLE
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PATIENCE_SECONDS, PHONE_SCREEN

pytestmark = pytest.mark.browser

KEPT = """async () => (await Promise.all((await caches.keys()).map(async name =>
    (await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname)))).flat()"""


class TestAPhoneWithoutANetwork:
    def test_is_told_so_and_has_kept_nothing_of_the_account(self, enter: Enter) -> None:
        visitor = enter(signed_in=FIXED_PEOPLE[2].msisdn, screen=PHONE_SCREEN)
        page = visitor.page
        for path in ("/", "/bill/", "/statement/"):
            page.goto(path)
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_function("navigator.serviceWorker.controller !== null", timeout=PATIENCE_SECONDS * 1000)
        page.goto("/bill/")

        page.context.set_offline(True)
        page.goto("/statement/")
        expect(page.get_by_role("heading", level=1)).to_have_text(visitor.said("There is no network just now"))
        expect(page.locator(".mishap__kite")).to_be_visible()
        kept = page.evaluate(KEPT)
        assert "/offline/" in kept
        assert [path for path in kept if path != "/offline/" and not path.startswith("/static/")] == []

        page.context.set_offline(False)
        page.locator(".mishap__actions .button").first.click()
        expect(page.locator(".panel")).to_be_visible()
