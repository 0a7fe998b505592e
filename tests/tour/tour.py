"""A walk through every page of a started hall."""

import uuid
from http import HTTPStatus

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from kernel.clock import now
from tests.halls import StartedHall
from tests.journeys.visitors import token_of
from tests.tour.looks import PHONE, Look
from tests.tour.stage import Stage, session_of
from tests.tour.stops import SITUATIONS, Stop, Who, list_stops

# What leads somebody who needs nothing of it elsewhere.
GOES_ON = frozenset({"/sign-in/code/", "/step-up/"})
BOTH = ("CODE", "PASSWORD")
ANY_LOOK = Look("any", PHONE, "zh-hans")

REPORT_BREACHES = """addEventListener("securitypolicyviolation", breach =>
    console.error(`Policy: ${breach.effectiveDirective} ${breach.blockedURI} on ${location.pathname}`))"""
# Pages that say that something is wrong; and tours have no service worker.
ANSWERED_SO = ("Failed to load resource: the server responded", "Service Worker registration blocked")


class Tour:
    """One window for each look and person, used again. Within `open_records` and `secrets_of`.

    :ivar complaints: what browsers said on the way: breaches of the strict policy, errors of scripts.
    """

    def __init__(self, browser: Browser, hall: StartedHall, stage: Stage) -> None:
        self.browser, self.base_url = browser, hall.base_url
        self.stage = stage
        self.sessions = _sign_in(stage)
        self.complaints: list[str] = []
        self.windows: dict[tuple[str, Who, bool], BrowserContext] = {}
        self.pages: dict[tuple[str, Who, bool], Page] = {}
        self.sessions[Who.CODE_ON_ITS_WAY] = self._ask_for_a_code()

    def list_pages(self) -> list[Stop]:
        """Return the stops that are pages: not those that only take forms, go elsewhere or give a file."""
        return [stop for stop in list_stops(self.stage) if self._is_page(stop)]

    def go(self, look: Look, stop: Stop, *, script: bool = True) -> Page:
        """Open a page and let it come to rest."""
        window = (look.name, stop.who, script)
        if window not in self.pages:
            self.pages[window] = self._window(look, stop.who, script=script).new_page()
        page = self.pages[window]
        page.goto(stop.path)
        if script and page.locator("#handset-panel[hx-get]").count():
            page.locator("#handset-panel[hx-boost]").wait_for(state="attached")
        return page

    def go_on(self, look: Look, stop: Stop) -> Page:
        """Return the page that was gone to last, as it lies there."""
        return self.pages[look.name, stop.who, True]

    def read(self, look: Look, stop: Stop) -> str:
        """Return a page as the hall sends it, without drawing it."""
        return self._window(look, stop.who, script=True).request.get(stop.path).text()

    def close(self) -> None:
        for window in self.windows.values():
            window.close()

    def _is_page(self, stop: Stop) -> bool:
        if stop in SITUATIONS:
            return True
        answer = self._window(ANY_LOOK, stop.who, script=True).request.get(stop.path, max_redirects=0)
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED or stop.path in GOES_ON:
            return False
        assert answer.status == HTTPStatus.OK, f"{stop.path} answers {answer.status}: mend tests.tour.stops"
        return "html" in answer.headers["content-type"]

    def _ask_for_a_code(self) -> str:
        """Begin to sign in with a number that nobody has: its pages are those of any number."""
        window = ANY_LOOK.open(self.browser, self.base_url)
        nobodys = f"137{uuid.uuid4().int % 10**8:08d}"
        token = token_of(window.request, "/sign-in/")
        window.request.post("/sign-in/", form={"msisdn": nobodys, "csrfmiddlewaretoken": token})
        [session] = [cookie for cookie in window.cookies() if cookie.get("name") == settings.SESSION_COOKIE_NAME]
        window.close()
        return str(session.get("value"))

    def _window(self, look: Look, who: Who, *, script: bool) -> BrowserContext:
        key = (look.name, who, script)
        if key not in self.windows:
            window = look.open(self.browser, self.base_url, session=self.sessions[who], script=script)
            window.add_init_script(REPORT_BREACHES)
            window.on("console", self._note)
            window.on("weberror", lambda error: self.complaints.append(str(error.error)))
            self.windows[key] = window
        return self.windows[key]

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ANSWERED_SO):
            self.complaints.append(message.text)


def _sign_in(stage: Stage) -> dict[Who, str]:
    moment = now()
    return {
        Who.VISITOR: "",
        Who.CUSTOMER: session_of(stage.customer, proofs=BOTH, now=moment),
        Who.UNPROVED: session_of(stage.customer, proofs=(), now=moment),
        Who.OWING: session_of(stage.owing, proofs=BOTH, now=moment),
        Who.NEWCOMER: session_of(stage.newcomer, proofs=BOTH, now=moment),
    }
