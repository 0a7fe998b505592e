"""From a word that people use to what binds in an offer, with and without script."""

import pytest
from playwright.sync_api import expect

from portal.demo.people import FIXED_PEOPLE
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN

pytestmark = pytest.mark.browser

WANG = FIXED_PEOPLE[3].msisdn
NIGHT_PACK = "30GB夜间流量月包"


@pytest.mark.parametrize("script", [True, False])
class TestTheCatalogue:
    def test_finds_by_everyday_words_and_says_what_binds(self, script: bool, enter: Enter) -> None:
        visitor = enter(signed_in=WANG, script=script, screen=PHONE_SCREEN)
        visitor.page.goto("/packages/")
        visitor.fill("What are you looking for?", "晚上 流量包")
        visitor.main.get_by_role("button", name=visitor.said("Search"), exact=True).click()
        expect(visitor.main.locator("article")).to_have_count(1)
        offer = visitor.main.locator("article", has_text=NIGHT_PACK)
        offer.get_by_role("link").click()
        expect(visitor.main.get_by_role("heading", level=1)).to_have_text(NIGHT_PACK)
        facts = visitor.main.locator(".facts")
        expect(facts).to_contain_text("23:00")
        expect(facts).to_contain_text(visitor.said("How to leave"))
        visitor.follow("Go on to the order")
        expect(visitor.main.get_by_role("button").first).to_be_visible()

    def test_filters_and_says_why_something_cannot_be_had(self, script: bool, enter: Enter) -> None:
        visitor = enter(signed_in=WANG, script=script, screen=PHONE_SCREEN)
        visitor.page.goto("/packages/")
        visitor.main.locator(".finder summary").click()
        visitor.main.get_by_label(visitor.said("Kind"), exact=True).select_option("PLAN")
        if not script:
            visitor.press("Show")
        expect(visitor.main.locator("article")).to_have_count(8)
        campus = visitor.main.locator("article", has_text="岭南校园套餐39元")
        expect(campus).to_contain_text(visitor.said("This is not sold in your province."))

    def test_sets_plans_side_by_side(self, script: bool, enter: Enter) -> None:
        visitor = enter(signed_in=WANG, script=script, screen=PHONE_SCREEN)
        visitor.page.goto("/packages/?kind=PLAN")
        for name in ("畅享套餐59元", "和睦家庭套餐169元"):
            visitor.main.locator("article", has_text=name).get_by_role("checkbox").check()
        visitor.main.locator("form#compare").get_by_role("button").click()
        table = visitor.main.get_by_role("table")
        expect(table.get_by_role("columnheader")).to_have_text(["畅享套餐59元", "和睦家庭套餐169元"])
        expect(table).to_contain_text("120 GB")
