"""One started hall, and a browser, for all journeys of a run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.halls import StartedHall, open_hall
from tests.servers import REDIS_DATABASE_OF_THE_HALL, database_url, redis_url, worker_number

HERE = Path(__file__).parent
CHROMIUM_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PHONE_SCREEN: ViewportSize = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker of pytest-xdist run all journeys, so that only one hall is started."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedHall]:
    """The whole hall with small demo data: web server, worker and scheduler on a database of its own, no simulator."""
    name = f"hall_journeys_{worker_number()}"
    connection = psycopg2.connect(database_url("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    with open_hall(
        tmp_path_factory.mktemp("hall"),
        DATABASE_URL=database_url(name),
        REDIS_URL=redis_url(database=REDIS_DATABASE_OF_THE_HALL + worker_number()),
        HALL_SIMULATE="0",
    ) as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser, hall: StartedHall) -> Iterator[Page]:
    """A fresh page in Chinese on a wide screen, whose relative addresses lead to the started hall."""
    context = browser.new_context(base_url=hall.base_url, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone_page(browser: Browser, hall: StartedHall) -> Iterator[Page]:
    """The same on the screen of a phone."""
    context = browser.new_context(
        base_url=hall.base_url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=PHONE_SCREEN, has_touch=True
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
