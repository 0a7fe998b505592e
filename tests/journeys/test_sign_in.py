"""Signing in with the code on the virtual handset, and everything that does not sign in."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Budget, SignInCode
from kernel.phone import grouped_number, national_number
from portal.demo.people import bulk_msisdn
from tests.journeys.conftest import Enter
from tests.journeys.visitors import CODE, PHONE_SCREEN, WIDE_SCREEN, Screen, Visitor, texts_of

pytestmark = pytest.mark.browser


def ask_for_code(visitor: Visitor, msisdn: str) -> None:
    visitor.page.goto("/sign-in/")
    enter_number(visitor, msisdn)


def enter_number(visitor: Visitor, msisdn: str) -> None:
    visitor.fill("Phone number", national_number(msisdn))
    visitor.press("Send me the code")
    expect(visitor.main.get_by_role("heading", level=1)).to_have_text(visitor.said("Enter the code"))


def read_code(visitor: Visitor, *, texts: int = 1) -> str:
    """Return the code of the newest of so many texts with one."""
    visitor.handset.open()
    [code] = CODE.findall(visitor.handset.wait_for(CODE.pattern, count=texts))
    visitor.handset.close()
    return str(code)


def enter_code(visitor: Visitor, code: str) -> None:
    visitor.fill("Code from the text message", code)
    visitor.press("Sign in")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def assert_signed_in(visitor: Visitor, msisdn: str) -> None:
    expect(visitor.page.locator(".line-switcher__number")).to_have_text(grouped_number(msisdn))
    expect(visitor.page.locator(".panel")).to_be_visible()


def assert_refused(visitor: Visitor, message: str) -> None:
    assert visitor.error_beside("code").startswith(visitor.said(message))
    answer = visitor.page.request.get("/top-up/", max_redirects=0)
    assert (answer.status, answer.headers["location"].partition("?")[0]) == (302, "/sign-in/")


class TestSigningIn:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("screen", [PHONE_SCREEN, WIDE_SCREEN])
    def test_needs_the_number_and_the_code_on_the_handset(
        self, enter: Enter, newcomer: str, screen: Screen, language: str
    ) -> None:
        visitor = enter(language=language, screen=screen)
        visitor.page.goto("/")
        assert visitor.page.locator("html").get_attribute("lang") == language
        visitor.follow("Sign in")
        enter_number(visitor, newcomer)
        enter_code(visitor, read_code(visitor))
        assert_signed_in(visitor, newcomer)

    def test_works_without_script(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(script=False, screen=PHONE_SCREEN)
        ask_for_code(visitor, newcomer)
        enter_code(visitor, read_code(visitor))
        assert_signed_in(visitor, newcomer)

    def test_leads_back_to_the_page_that_asked_for_it(self, enter: Enter, newcomer: str) -> None:
        visitor = enter()
        visitor.page.goto("/bills/")
        enter_number(visitor, newcomer)
        enter_code(visitor, read_code(visitor))
        expect(visitor.page).to_have_url(re.compile(r"/bills/$"))

    def test_can_be_done_with_the_keyboard_alone(self, enter: Enter, newcomer: str) -> None:
        visitor = enter()
        visitor.page.goto("/sign-in/")
        visitor.tab_to("#id_msisdn")
        visitor.page.keyboard.type(national_number(newcomer))
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("#id_code")).to_be_visible()
        code = read_code(visitor)
        visitor.tab_to("#id_code")
        visitor.page.keyboard.type(code)
        visitor.page.keyboard.press("Enter")
        assert_signed_in(visitor, newcomer)


class TestACode:
    def test_that_is_wrong_is_refused_beside_its_field_and_the_right_one_still_works(
        self, enter: Enter, newcomer: str
    ) -> None:
        visitor = enter()
        ask_for_code(visitor, newcomer)
        code = read_code(visitor)
        enter_code(visitor, wrong(code))
        assert_refused(visitor, "This is not the code that we sent to this number.")
        enter_code(visitor, code)
        assert_signed_in(visitor, newcomer)

    def test_that_a_newer_one_replaced_does_not_work(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(script=False)
        ask_for_code(visitor, newcomer)
        old = read_code(visitor)
        visitor.press("Send a new code")
        expect(visitor.main.locator(".messages")).to_contain_text(visitor.said("No more codes can be sent just now."))
        assert len(texts_of(newcomer, CODE.pattern)) == 1
        # A minute passes.
        Budget.objects.filter(key=f"code:number:resend:{newcomer}").delete()
        visitor.press("Send a new code")
        new = read_code(visitor, texts=2)
        enter_code(visitor, old)
        assert_refused(visitor, "This is not the code that we sent to this number.")
        enter_code(visitor, new)
        assert_signed_in(visitor, newcomer)

    def test_that_is_older_than_its_life_does_not_work(self, enter: Enter, newcomer: str) -> None:
        visitor = enter()
        ask_for_code(visitor, newcomer)
        code = read_code(visitor)
        SignInCode.objects.filter(key__endswith=newcomer).update(expires_at=timezone.now() - timedelta(seconds=1))
        enter_code(visitor, code)
        assert_refused(visitor, "The code has expired or was used already.")

    def test_is_dead_after_five_wrong_guesses_even_for_the_right_sixth(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(script=False)
        ask_for_code(visitor, newcomer)
        code = read_code(visitor)
        for _guess in range(4):
            enter_code(visitor, wrong(code))
            assert_refused(visitor, "This is not the code that we sent to this number.")
        enter_code(visitor, wrong(code))
        assert_refused(visitor, "A wrong code was entered too often, so this code no longer works.")
        enter_code(visitor, code)
        assert_refused(visitor, "A wrong code was entered too often, so this code no longer works.")


class TestANumber:
    def test_that_nobody_has_gets_the_same_page_and_no_text(self, enter: Enter, newcomer: str) -> None:
        unused = bulk_msisdn(5000)
        pages = []
        for msisdn in (newcomer, unused):
            visitor = enter()
            ask_for_code(visitor, msisdn)
            texts = visitor.main.inner_text().replace(grouped_number(msisdn), "NUMBER")
            pages.append(re.sub(r"\b\d\d\b", "SECONDS", texts))
        assert pages[0] == pages[1]
        enter_code(visitor, "123456")
        assert_refused(visitor, "This is not the code that we sent to this number.")
        assert texts_of(unused, ".") == []

    def test_that_is_none_is_refused_beside_its_field(self, enter: Enter) -> None:
        visitor = enter()
        visitor.page.goto("/sign-in/")
        cure = visitor.said("Enter the 11 digits of the number, such as 138 0013 8000.")
        for entered in ("", "110", "+1 202 555 0101", "abc", "138001380001"):
            visitor.fill("Phone number", entered)
            visitor.press("Send me the code")
            assert cure in visitor.error_beside("msisdn"), entered
            expect(visitor.page.locator("#id_msisdn")).to_have_value(entered)
