"""Every page of the hall: accessible in each look, light to load, never wider than its screen, wholly translated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django import DjangoDbBlocker

from kernel.clock import now
from portal.demo.people import bulk_msisdn
from tests.hall_records import open_records
from tests.halls import StartedHall
from tests.tour.looks import DESK, PHONE, Look
from tests.tour.stage import secrets_of, set_stage
from tests.tour.stops import Stop
from tests.tour.tour import Tour

pytestmark = pytest.mark.browser

CUSTOMER, OWING = bulk_msisdn(6), bulk_msisdn(7)
CHINESE, ENGLISH = Look("zh", PHONE, "zh-hans"), Look("en", DESK, "en")
NARROWEST: ViewportSize = {"width": 320, "height": 640}

ALL_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# The same page in other colours, or on another screen, can break these alone.
RULES_OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
RULES_OF_SCREENS = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}

# What a phone loads before it can read: pictures come after, the demo's handset is no part of the hall.
WEIGH = """() => {
    const parts = performance.getEntriesByType("resource").filter(part => !part.name.includes("/handset/"));
    const [page] = performance.getEntriesByType("navigation");
    const read = parts.filter(part => !/\\.(svg|png|ico)/.test(part.name));
    return [page.encodedBodySize + read.reduce((sum, part) => sum + part.encodedBodySize, 0), parts.length + 1];
}"""
MOST_BYTES, MOST_REQUESTS = 60_000, 15

SMALL_PRINT = """() => [...document.querySelectorAll("body *")]
    .filter(part => !part.closest(".dock, .visually-hidden, .skip-link, [hidden]")
        && [...part.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
        && part.checkVisibility() && parseFloat(getComputedStyle(part).fontSize) < 18)
    .map(part => `${part.tagName}.${part.className}: ${part.textContent.trim().slice(0, 20)}`)"""
SMALL_TARGETS = """() => [...document.querySelectorAll(".button, .tile, .nav__link, .chip, .tabs__tab, .choice,"
        + "summary, select, .field input:not([type=radio], [type=checkbox])")]
    .filter(part => !part.closest(".dock, [hidden]") && part.checkVisibility())
    .filter(part => part.getBoundingClientRect().height < 59.5)
    .map(part => `${part.tagName}.${part.className}: ${part.textContent.trim().slice(0, 20)}`)"""

# Languages, units, files, commands by text, and devices are called so in both languages.
AT_HOME_IN_BOTH = {"EN", "English", "GB", "MB", "KB", "CSV", "PDF", "WCAG", "AA", "CXYE", "CXLL", "CZ"}
AT_HOME_IN_BOTH |= {"CXJF", "ZIP", "JSON"}
AT_HOME_IN_BOTH |= {"PUK", "SIM", "Firefox", "Chrome", "Linux", "Web", "yhssglxt", "miit", "gov", "cn"}
ENGLISH_WORD = re.compile(r"(?<![\w-])[A-Za-z]{2,}(?![\w-])")
CHINESE_WORDS = re.compile(r"[\u4e00-\u9fff]+")


@dataclass
class Seen:
    """What was wrong on the way, by page."""

    pages: int = 0
    faults: list[str] = field(default_factory=list)
    heavy: dict[str, Any] = field(default_factory=dict)
    wide: dict[str, Any] = field(default_factory=dict)
    small: dict[str, Any] = field(default_factory=dict)
    untranslated: dict[str, Any] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def tour(hall: StartedHall, browser: Browser, django_db_blocker: DjangoDbBlocker) -> Tour:
    with django_db_blocker.unblock(), open_records(hall), secrets_of(hall):
        return Tour(browser, hall, set_stage(customer=CUSTOMER, owing=OWING, now=now()))


@pytest.fixture(scope="module")
def seen(tour: Tour) -> Iterator[Seen]:
    seen = Seen()
    for stop in tour.list_pages():
        if stop.path.startswith("/styleguide/") and stop.path != "/styleguide/components/":
            continue  # samples of pages that are stops themselves
        seen.pages += 1
        _look_closely(tour, stop, seen)
        _look_in_english(tour, stop, seen)
    yield seen
    tour.close()


def _look_closely(tour: Tour, stop: Stop, seen: Seen) -> None:
    page = tour.go(CHINESE, stop)
    seen.faults += _faults(page, stop, "phone", ALL_RULES)
    weight, requests = page.evaluate(WEIGH)
    if weight > MOST_BYTES or requests > MOST_REQUESTS:
        seen.heavy[stop.name] = (weight, requests)
    if "styleguide" not in stop.name and (
        english := {*ENGLISH_WORD.findall(_said_by_the_hall(page))} - AT_HOME_IN_BOTH
    ):
        seen.untranslated[stop.name] = english
    page.emulate_media(color_scheme="dark")
    seen.faults += _faults(page, stop, "dark phone", RULES_OF_COLOURS)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROWEST)
    _measure_width(page, stop, "narrow", seen)
    page.evaluate("document.documentElement.dataset.mode = 'elder'")
    _measure_width(page, stop, "narrow, for older people", seen)
    page.set_viewport_size(CHINESE.screen)
    if small := page.evaluate(SMALL_PRINT) + page.evaluate(SMALL_TARGETS):
        seen.small[stop.name] = small


def _look_in_english(tour: Tour, stop: Stop, seen: Seen) -> None:
    page = tour.go(ENGLISH, stop)
    seen.faults += _faults(page, stop, "desk", RULES_OF_SCREENS)
    _measure_width(page, stop, "desk", seen)
    if chinese := {*CHINESE_WORDS.findall(page.evaluate("document.title"))}:
        seen.untranslated[f"{stop.name} in English"] = chinese


def _faults(page: Page, stop: Stop, look: str, rules: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options={**rules, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{stop.name} ({look}) {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def _measure_width(page: Page, stop: Stop, look: str, seen: Seen) -> None:
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if too_wide > 0:
        seen.wide[f"{stop.name} ({look})"] = too_wide


def _said_by_the_hall(page: Page) -> str:
    """Return the words of the page without the handset, on which people write what they like."""
    return str(
        page.evaluate("""() => [...document.querySelectorAll("header, main, footer")]
        .map(part => part.innerText).join(" ")""")
    )


class TestEveryPage:
    def test_is_there(self, seen: Seen) -> None:
        assert seen.pages > 60

    def test_breaks_no_rule_of_accessibility_in_any_look(self, seen: Seen) -> None:
        assert seen.faults == []

    def test_is_no_wider_than_the_narrowest_phone(self, seen: Seen) -> None:
        assert seen.wide == {}

    def test_is_light_to_load(self, seen: Seen) -> None:
        assert seen.heavy == {}

    def test_has_large_print_and_large_targets_for_older_people(self, seen: Seen) -> None:
        assert seen.small == {}

    def test_is_wholly_translated(self, seen: Seen) -> None:
        assert seen.untranslated == {}
