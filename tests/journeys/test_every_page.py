"""Every page of the hall: accessible in each look, light to load, never wider than its screen, wholly translated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django import DjangoDbBlocker

from kernel.clock import now
from portal.demo.people import bulk_msisdn
from tests.hall_records import open_records
from tests.halls import StartedHall
from tests.tour.axe import ALL_BUT_COLOURS, RULES_OF_SCREENS, faults_of, faults_of_colours
from tests.tour.looks import DESK, PHONE, Look
from tests.tour.stage import secrets_of, set_stage
from tests.tour.stops import Stop
from tests.tour.tour import Tour

pytestmark = pytest.mark.browser

CUSTOMER, OWING = bulk_msisdn(6), bulk_msisdn(7)
CHINESE, ENGLISH = Look("zh", PHONE, "zh-hans"), Look("en", DESK, "en")
NARROWEST: ViewportSize = {"width": 320, "height": 640}

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
# The handset stays, for what stands on it was asked for after the page came.
PUT_IN = """html => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of ["header", ".line-switcher", "main", "footer"]) {
        const there = document.querySelector(part), here = page.querySelector(part);
        if (there && here) there.replaceWith(document.adoptNode(here));
    }
    return page.title;
}"""
ENGLISH_WORD = re.compile(r"(?<![\w-])[A-Za-z]{2,}(?![\w-])")
CHINESE_WORDS = re.compile(r"[\u4e00-\u9fff]+")


@dataclass
class Seen:
    """What was wrong on the way, by page."""

    pages: int = 0
    pairings: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    heavy: dict[str, Any] = field(default_factory=dict)
    wide: dict[str, Any] = field(default_factory=dict)
    small: dict[str, Any] = field(default_factory=dict)
    untranslated: dict[str, Any] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def note(self, stop: Stop, look: str, faults: list[str]) -> None:
        self.faults += [f"{stop.name} ({look}) {fault}" for fault in faults]


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
    seen.complaints = tour.complaints
    yield seen
    tour.close()


def _look_closely(tour: Tour, stop: Stop, seen: Seen) -> None:
    """Load a page once on a phone, then change its colours, its width and its print as it lies there."""
    page = tour.go(CHINESE, stop)
    seen.note(stop, "phone", faults_of(page, ALL_BUT_COLOURS) + faults_of_colours(page, seen.pairings))
    weight, requests = page.evaluate(WEIGH)
    if weight > MOST_BYTES or requests > MOST_REQUESTS:
        seen.heavy[stop.name] = (weight, requests)
    if "styleguide" not in stop.name and (
        english := {*ENGLISH_WORD.findall(_said_by_the_hall(page))} - AT_HOME_IN_BOTH
    ):
        seen.untranslated[stop.name] = english
    page.emulate_media(color_scheme="dark")
    seen.note(stop, "dark phone", faults_of_colours(page, seen.pairings))
    page.emulate_media(color_scheme="light")
    _look_at_the_narrowest(page, stop, "narrow", seen)
    if small := page.evaluate(SMALL_PRINT) + page.evaluate(SMALL_TARGETS):
        seen.small[stop.name] = small


def _look_in_english(tour: Tour, stop: Stop, seen: Seen) -> None:
    """Put the English words into the page that is open: styles, scripts and the handset are there already."""
    page = tour.go_on(CHINESE, stop)
    title = page.evaluate(PUT_IN, tour.read(ENGLISH, stop))
    if chinese := {*CHINESE_WORDS.findall(title)}:
        seen.untranslated[f"{stop.name} in English"] = chinese
    _look_at_the_narrowest(page, stop, "narrow, in English", seen)
    page.evaluate("document.documentElement.dataset.mode = 'standard'")
    page.set_viewport_size(DESK)
    seen.note(stop, "desk", faults_of(page, RULES_OF_SCREENS))
    _measure_width(page, stop, "desk", seen)
    page.set_viewport_size(PHONE)


def _look_at_the_narrowest(page: Page, stop: Stop, look: str, seen: Seen) -> None:
    page.set_viewport_size(NARROWEST)
    _measure_width(page, stop, look, seen)
    page.evaluate("document.documentElement.dataset.mode = 'elder'")
    _measure_width(page, stop, f"{look}, for older people", seen)
    page.set_viewport_size(PHONE)


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

    def test_breaks_neither_the_strict_policy_nor_its_own_script(self, seen: Seen) -> None:
        assert seen.complaints == []
