"""What every request is held to, whatever page it is for: tokens of forms, where one is led, headers, sessions."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Line
from kernel.phone import national_number
from messaging.models import Sms
from tests.factories.accounts import PASSWORD, give_service_password, signed_in_client, staff_client
from tests.factories.billing import make_line
from tests.factories.whole_customer import make_whole_customer
from tests.settings_process import PRODUCTION, read_settings
from tests.site_map import Address, list_addresses, undone
from tests.strangers import spelled, values_of

pytestmark = pytest.mark.django_db

# Of machines: they show a signature, a secret or a token with each request, and keep no session.
MACHINES = ("tmf-api/", "payment-callback/", "sms-reports/", "oauth/", "api/")
ELSEWHERE = "evil.example"
LEADS_AWAY = (
    f"https://{ELSEWHERE}/",
    f"//{ELSEWHERE}/",
    f"/\\{ELSEWHERE}/",
    f"\t//{ELSEWHERE}/",
    f"https:{ELSEWHERE}",
    f"javascript:alert('{ELSEWHERE}')",
    f"http://testserver@{ELSEWHERE}/",
)
PROTECTS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def mine() -> Line:
    return make_whole_customer(name="令狐晓甲", yuan=2_321, email="mine@example.com")


def paths_of(line: Line, addresses: list[Address]) -> list[str]:
    """Return a path of each address, with what the customer has."""
    return [
        address.path({name: values_of(converter, name, line)[0] for converter, name in address.arguments})
        for address in addresses
        if not address.route.startswith("staff/") or not address.arguments
    ]


class TestForms:
    def test_are_taken_with_their_token_only(self, mine: Line) -> None:
        browser = signed_in_client(mine)
        browser.handler.enforce_csrf_checks = True
        paths = paths_of(mine, [one for one in list_addresses() if not one.route.startswith(MACHINES)])
        assert len(paths) > 150
        taken = {path: answer.status_code for path in paths if (answer := browser.post(path)).status_code != 403}
        assert taken == {}

    def test_of_machines_are_refused_for_what_they_lack(self, mine: Line) -> None:
        paths = paths_of(mine, [one for one in list_addresses() if one.route.startswith(MACHINES)])
        assert len(paths) >= 10
        browser = Client(enforce_csrf_checks=True)
        answers = {path: browser.post(path, b"{}", content_type="application/json").status_code for path in paths}
        assert {path: status for path, status in answers.items() if not 400 <= status < 500} == {}


class TestWhereOneIsLed:
    def test_is_never_away_from_the_hall(self, mine: Line) -> None:
        browser = signed_in_client(mine)
        pages = [one for one in list_addresses() if not one.route.startswith(("staff/", *MACHINES))]
        lead_on = [path for path in paths_of(mine, pages) if self.leads(browser, path, "/complaints/")]
        assert len(lead_on) >= 8
        faults = [(path, away) for path in lead_on for away in LEADS_AWAY if self.leads(browser, path, away)]
        assert faults == []

    def leads(self, browser: Client, path: str, wanted: str) -> bool:
        """Tell whether a page leads to where its `next` says, by itself or by what can be pressed on it."""
        shown = f'"{wanted}"'
        with undone(browser):
            answers = [browser.get(path, {"next": wanted}), browser.post(path, {"next": wanted})]
            return any(
                wanted in (answer.headers.get("Location", ""), answer.headers.get("HX-Redirect", ""))
                or (not answer.streaming and shown in answer.content.decode(errors="replace"))
                for answer in answers
            )

    @pytest.mark.parametrize("away", LEADS_AWAY)
    def test_is_home_after_signing_in_with_a_way_out(self, away: str) -> None:
        line = make_line()
        give_service_password(line)
        number = {"msisdn": national_number(line.msisdn), "next": away}
        browser = Client()
        browser.post("/sign-in/", number)
        by_code = browser.post("/sign-in/code/", {"code": Sms.objects.get(secret=True).body[-6:]})
        by_password = Client().post("/sign-in/password/", {**number, "password": PASSWORD})
        proved = signed_in_client(line, proofs=()).post(
            "/step-up/", {"need": "PASSWORD", "password": PASSWORD, "next": away}
        )
        assert [answer.headers["Location"] for answer in (by_code, by_password, proved)] == ["/"] * 3


class TestQueryStrings:
    @pytest.mark.parametrize("query", ["reason__exact=%00", "q=a&started_by__exact=1&started_by__exact=%00"])
    def test_of_the_desk_hold_no_nul(self, query: str) -> None:
        assert staff_client("clerk").get(f"/staff/accounts/bar/?{query}").status_code == 400


class TestHeaders:
    def test_of_every_page_keep_it_to_itself(self, mine: Line) -> None:
        browser = signed_in_client(mine)
        browser.raise_request_exception = False
        paths = [*paths_of(mine, list_addresses()), "/no-such-page/"]
        answers = {path: browser.get(path) for path in paths}
        assert len(answers) > 200
        assert {path: lacking for path, answer in answers.items() if (lacking := self.lacking(answer))} == {}

    def lacking(self, answer: Any) -> list[str]:
        found = [name for name, value in PROTECTS.items() if answer.headers.get(name) != value]
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy or "frame-ancestors 'none'" not in policy:
            found.append("Content-Security-Policy")
        if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
            found.append("Permissions-Policy")
        return found

    def test_of_what_somebody_signed_in_sees_let_nobody_keep_it(self, mine: Line) -> None:
        browser = signed_in_client(mine)
        pages = [one for one in list_addresses() if not one.route.startswith(MACHINES)]
        kept = {}
        for path in paths_of(mine, pages):
            answer = browser.get(path)
            policy = answer.headers.get("Cache-Control", "")
            text = "" if answer.streaming else answer.content.decode(errors="replace")
            shows = answer.streaming or any(spelling in text for spelling in spelled(mine))
            if answer.status_code == 200 and shows and "no-store" not in policy:
                kept[path] = policy
        assert kept == {}

    def test_in_production_ask_for_encryption(self) -> None:
        look = (
            "__import__('django').setup() or dict(__import__('django.test', fromlist=['Client']).Client()"
            ".get('/healthz', secure=True, headers={'host': 'hall.example.com'}).headers)"
        )
        code, shown = read_settings(PRODUCTION, look)
        assert code == 0, shown
        assert "'Strict-Transport-Security': 'max-age=31536000; includeSubDomains; preload'" in shown
        assert all(f"'{name}': '{value}'" in shown for name, value in PROTECTS.items())


class TestASession:
    """A key that was planted before, or looked at over the shoulder, is worth nothing afterwards."""

    def sign_in_by_code(self, browser: Client, line: Line) -> None:
        browser.post("/sign-in/", {"msisdn": national_number(line.msisdn)})
        self.enter_code(browser, "/sign-in/code/")

    def sign_in_by_password(self, browser: Client, line: Line) -> None:
        browser.post("/sign-in/password/", {"msisdn": national_number(line.msisdn), "password": PASSWORD})

    def show_a_code(self, browser: Client, line: Line) -> None:
        browser.post("/step-up/code/", {"need": "CODE"})
        self.enter_code(browser, "/step-up/", need="CODE")

    def show_the_password(self, browser: Client, line: Line) -> None:
        browser.post("/step-up/", {"need": "PASSWORD", "password": PASSWORD})

    def enter_code(self, browser: Client, path: str, **more: str) -> None:
        browser.post(path, {"code": Sms.objects.filter(secret=True).order_by("-queued_at")[0].body[-6:], **more})

    @pytest.mark.parametrize(
        ("act", "is_signed_in"),
        [(sign_in_by_code, False), (sign_in_by_password, False), (show_a_code, True), (show_the_password, True)],
    )
    def test_gets_another_key_and_another_token(
        self, act: Callable[[object, Client, Line], None], is_signed_in: bool
    ) -> None:
        line = make_line()
        give_service_password(line)
        browser = signed_in_client(line, proofs=()) if is_signed_in else Client()
        if not is_signed_in:
            # What somebody else got from the hall and planted here.
            browser.post("/sign-in/", {"msisdn": "13900000000"})
        browser.get("/sign-in/")
        planted, token = browser.cookies["sessionid"].value, browser.cookies["csrftoken"].value
        act(self, browser, line)
        assert browser.cookies["sessionid"].value != planted
        assert browser.cookies["csrftoken"].value != token
        assert browser.get("/bills/").status_code == 200
        stranger = Client()
        stranger.cookies["sessionid"] = planted
        assert stranger.get("/bills/").status_code == 302

    def test_is_gone_after_signing_out(self) -> None:
        browser = signed_in_client(make_line())
        key = browser.cookies["sessionid"].value
        browser.post("/sign-out/")
        stranger = Client()
        stranger.cookies["sessionid"] = key
        assert stranger.get("/bills/").status_code == 302

    def test_is_kept_by_a_cookie_that_scripts_and_other_sites_do_not_get(self, settings: Settings) -> None:
        browser = Client()
        browser.get("/sign-in/")
        browser.post("/sign-in/", {"msisdn": "13900000000"})
        cookies = {name: browser.cookies[name] for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)}
        assert {(cookie["httponly"], cookie["samesite"], cookie["path"]) for cookie in cookies.values()} == {
            (True, "Lax", "/")
        }
