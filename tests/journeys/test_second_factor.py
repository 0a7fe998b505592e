"""A member of staff sets up a second factor, and comes in again without the phone."""

import re
from base64 import b32decode

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django_otp.oath import TOTP
from playwright.sync_api import expect

from accounts.models import SecondFactor, StaffUser
from tests.factories.accounts import make_staff
from tests.journeys.conftest import Enter
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visitors import Visitor

pytestmark = pytest.mark.browser

PASSWORD = "lanterns over the old canal"


def colleague() -> StaffUser:
    """Return a clerk of their own: the demo's clerk goes on without a second factor."""
    staff = make_staff("clerk")
    # The hall does not know the quick hashing of tests.
    staff.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt")
    staff.save(update_fields=["password"])
    return staff


def show_password(visitor: Visitor, staff: StaffUser) -> None:
    visitor.page.goto("/staff/login/?next=/staff/")
    visitor.page.get_by_label("用户名").fill(staff.username)
    visitor.page.get_by_label("密码").fill(PASSWORD)
    visitor.page.get_by_role("button", name="登录").click()


def enter_code(visitor: Visitor, code: str) -> None:
    visitor.page.locator("#id_code").fill(code)
    with visitor.page.expect_navigation():
        visitor.page.locator("#content input[type=submit], #content button[type=submit]").first.click()


class TestTheSecondFactor:
    def test_is_set_up_asked_for_and_got_round_with_a_recovery_code(self, enter: Enter) -> None:
        staff, visitor = colleague(), enter()
        show_password(visitor, staff)
        visitor.page.goto("/staff/second-factor/set-up/")
        assert visitor.page.locator("img.qr").evaluate("picture => picture.naturalWidth") > 0
        assert faults_of(visitor) == []
        secret = re.sub(r"\s", "", visitor.page.locator("code.secret").inner_text())
        enter_code(visitor, f"{TOTP(b32decode(secret)).token():06d}")
        codes = visitor.page.locator(".recovery-codes code").all_inner_texts()
        assert len(set(codes)) == 10
        assert SecondFactor.objects.get(user=staff).key == "sealed"

        again = enter()
        show_password(again, staff)
        expect(again.page.locator("#id_code")).to_be_visible()
        assert again.page.request.get("/staff/accounts/line/", max_redirects=0).status == 302
        enter_code(again, "000000")
        expect(again.page.locator(".errorlist")).to_be_visible()
        again.page.locator("a[href*='recovery=1']").click()
        enter_code(again, codes[0])
        assert again.page.request.get("/staff/accounts/line/", max_redirects=0).status == 200
