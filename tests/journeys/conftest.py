"""One started hall, a browser, and visitors with windows of their own, for all journeys of a run."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import psycopg2
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import (
    APIRequestContext,
    Browser,
    BrowserContext,
    ConsoleMessage,
    StorageState,
    expect,
    sync_playwright,
)
from pytest_django import DjangoDbBlocker

from accounts.web.signed_in import SESSION_KEY, Proof
from portal.demo.people import bulk_msisdn
from tests.hall_records import open_records
from tests.halls import StartedHall, open_hall
from tests.journeys.visitors import (
    PATIENCE_SECONDS,
    WIDE_SCREEN,
    Screen,
    Visitor,
    password_of,
    sign_in_at_the_desk_by_http,
    sign_in_by_http,
)
from tests.servers import REDIS_DATABASE_OF_THE_HALL, database_url, redis_url, worker_number
from tests.tour.stage import secrets_of

HERE = Path(__file__).parent
CHROMIUM_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

# The first ones are for journeys to name; the others go to newcomers.
DEMO_LINES, NAMED_LINES = 48, 16

Keys = dict[str, StorageState]
Enter = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker of pytest-xdist run all journeys, so that only one hall is started."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[StartedHall]:
    """The whole hall with small demo data: web server, worker and scheduler on a database of its own, no simulator.

    All visitors come from one address, so that its budget of sign-in codes is larger. In the end the books must agree.
    """
    name = f"hall_journeys_{worker_number()}"
    connection = psycopg2.connect(database_url("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    with open_hall(
        tmp_path_factory.mktemp("hall"),
        DATABASE_URL=database_url(name),
        REDIS_URL=redis_url(database=REDIS_DATABASE_OF_THE_HALL + worker_number()),
        HALL_DEMO_LINES=str(DEMO_LINES),
        HALL_SIGN_IN_CODES_PER_ADDRESS_HOUR="1000",
        HALL_SIMULATE="0",
    ) as started:
        yield started
        with django_db_blocker.unblock(), open_records(started):
            call_command("audit_books")


@pytest.fixture
def records(hall: StartedHall, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The hall's books: within the test Django's models are the hall's."""
    with django_db_blocker.unblock(), open_records(hall):
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would take every query of a test for one made in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def keys() -> Keys:
    """The cookies of numbers and staff that signed in before: a number may ask for few codes an hour."""
    return {}


@pytest.fixture(scope="session")
def _newcomers() -> Iterator[str]:
    return map(bulk_msisdn, range(NAMED_LINES, DEMO_LINES))


@pytest.fixture
def newcomer(_newcomers: Iterator[str]) -> str:
    """The number of somebody who has not signed in yet."""
    return next(_newcomers)


@pytest.fixture
def enter(browser: Browser, hall: StartedHall, records: None, keys: Keys) -> Iterator[Enter]:
    """Lets visitors in, each into a fresh window, `signed_in` with a number or as staff if so wished.

    Whatever they do, no page breaks the strict policy or its own script.
    """
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    with ExitStack() as windows:

        def enter(
            *,
            signed_in: str = "",
            language: str = "zh-hans",
            screen: Screen = WIDE_SCREEN,
            script: bool = True,
            colours: Literal["light", "dark"] = "light",
        ) -> Visitor:
            context = browser.new_context(
                base_url=hall.base_url,
                locale="en-US" if language == "en" else "zh-CN",
                timezone_id="Asia/Shanghai",
                viewport=screen,
                java_script_enabled=script,
                storage_state=keys.get(signed_in),
                color_scheme=colours,
            )
            windows.callback(context.close)
            context.set_default_timeout(PATIENCE_SECONDS * 1000)
            context.on("console", note)
            context.on("weberror", lambda error: complaints.append(str(error.error)))
            if signed_in and signed_in not in keys:
                _sign_in(context.request, signed_in, hall)
                keys[signed_in] = context.storage_state()
            if signed_in.startswith("+"):
                with secrets_of(hall):
                    _show_both_proofs(context)
            return Visitor(context.new_page(), language, script=script)

        yield enter
    assert complaints == []


def _show_both_proofs(context: BrowserContext) -> None:
    """As if code and service password had been shown just now: test_service_password.py shows them at the door."""
    key = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "sessionid")
    session = SessionStore(key)
    for entry in session[SESSION_KEY]:
        entry["proofs"] = {proof.value: timezone.now().isoformat() for proof in Proof}
    session.modified = True
    session.save()


def _sign_in(request: APIRequestContext, who: str, hall: StartedHall) -> None:
    if who.startswith("+"):
        sign_in_by_http(request, who)
    else:
        sign_in_at_the_desk_by_http(request, who, password_of(hall, who))
