"""A service password where it is first missed, what it opens, where one is signed in, and many codes in a day."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Budget
from kernel.phone import national_number
from tests.journeys.conftest import Enter
from tests.journeys.visitors import CODE, PHONE_SCREEN, Visitor, soon, texts_of

pytestmark = pytest.mark.browser

PASSWORD = "seven kites over Suzhou"


def newest_code(msisdn: str, *, texts: int) -> str:
    """Return the code of the newest text, once so many texts with one have come."""
    soon(lambda: len(texts_of(msisdn, CODE.pattern)) == texts)
    return str(CODE.findall(texts_of(msisdn, CODE.pattern)[0])[0])


def sign_in(visitor: Visitor, msisdn: str, *, page: str = "/") -> None:
    visitor.page.goto(f"/sign-in/?next={page}")
    visitor.fill("Phone number", national_number(msisdn))
    visitor.press("Send me the code")
    visitor.fill("Code from the text message", newest_code(msisdn, texts=1))
    visitor.press("Sign in")


def sign_in_with_password(visitor: Visitor, msisdn: str, password: str) -> None:
    visitor.page.goto("/sign-in/password/")
    visitor.fill("Phone number", national_number(msisdn))
    visitor.fill("Service password", password)
    visitor.press("Sign in")


class TestTheServicePassword:
    @pytest.mark.parametrize("script", [True, False])
    def test_is_set_where_it_is_missing_and_leads_on_and_tells_the_number(
        self, enter: Enter, newcomer: str, script: bool
    ) -> None:
        visitor = enter(script=script, screen=PHONE_SCREEN)
        sign_in(visitor, newcomer, page="/usage/details/")
        expect(visitor.main.get_by_role("heading", level=1)).to_have_text(visitor.said("Service password"))
        visitor.press("Send me the code")
        code = newest_code(newcomer, texts=2)
        for password, again, field in (("12345678", "12345678", "password"), (PASSWORD, "another one", "again")):
            visitor.fill("Code from the text message", code)
            visitor.fill("New service password", password)
            visitor.fill("The same once more", again)
            visitor.press("Set the service password")
            assert visitor.error_beside(field) != ""
            expect(visitor.page.locator("#id_password")).to_have_value("")
        visitor.fill("Code from the text message", code)
        visitor.fill("New service password", PASSWORD)
        visitor.fill("The same once more", PASSWORD)
        visitor.press("Set the service password")
        expect(visitor.page).to_have_url(re.compile(r"/usage/details/$"))
        other = enter(script=script, screen=PHONE_SCREEN)
        sign_in_with_password(other, newcomer, "not this one at all")
        assert other.error_beside("password") != ""
        sign_in_with_password(other, newcomer, PASSWORD)
        expect(other.page).to_have_url(re.compile(r"/$"))
        # What the password alone does not open asks for a code first.
        other.page.goto("/usage/details/")
        expect(other.main.get_by_role("heading", level=1)).to_have_text(other.said("Show that it is you"))
        visitor.page.goto("/sign-ins/")
        visitor.press("Sign out everywhere else")
        other.page.goto("/bills/")
        expect(other.page).to_have_url(re.compile(r"/sign-in/\?next="))


class TestTheThirdCodeOfADay:
    @pytest.fixture
    def busy(self, newcomer: str, records: None) -> str:
        """A number that was sent two codes today, the last one just now."""
        ends_at = timezone.now() + timedelta(minutes=5)
        for name, count in (("day", 2), ("wait", 1)):
            Budget.objects.create(key=f"code:number:{name}:{newcomer}", count=count, ends_at=ends_at)
        return newcomer

    def test_comes_by_itself_when_the_browser_has_done_a_sum(self, enter: Enter, busy: str) -> None:
        visitor = enter(screen=PHONE_SCREEN)
        visitor.page.goto("/sign-in/")
        visitor.fill("Phone number", national_number(busy))
        visitor.press("Send me the code")
        expect(visitor.page).to_have_url(re.compile(r"/sign-in/code/$"))
        assert newest_code(busy, texts=1) != ""

    def test_has_to_wait_without_script(self, enter: Enter, busy: str) -> None:
        visitor = enter(script=False, screen=PHONE_SCREEN)
        visitor.page.goto("/sign-in/")
        visitor.fill("Phone number", national_number(busy))
        visitor.press("Send me the code")
        expect(visitor.main.locator(".error-summary")).to_be_visible()
        assert texts_of(busy, CODE.pattern) == []
        # Five minutes pass.
        Budget.objects.filter(key=f"code:number:wait:{busy}").delete()
        visitor.press("Send me the code")
        expect(visitor.page).to_have_url(re.compile(r"/sign-in/code/$"))
