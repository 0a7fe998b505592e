"""What no browser writes into a request costs its writer nothing but what was written."""

import pytest
from django.test import Client

from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db


class TestStrayHeaders:
    def test_with_a_nul_in_a_cookie_are_left_out(self) -> None:
        answer = Client().get("/sign-in/", headers={"Cookie": 'sessionid="abcdefgh\\000"; hall_mode=elder'})
        assert (answer.status_code, b'data-mode="elder"' in answer.content) == (200, True)

    @pytest.mark.parametrize("charset", ["unicode_escape", "gb18030"])
    def test_that_name_another_encoding_count_as_utf_8(self, charset: str) -> None:
        headers = {"Content-Type": f"text/plain; charset={charset}"}
        answer = Client().get("/functions/", {"q": "余额"}, headers=headers)
        assert (answer.status_code, 'value="余额"' in answer.content.decode()) == (200, True)

    @pytest.mark.parametrize("page", ["http://[", "//[::1", "%2F%2F%5B"])
    def test_that_tell_no_page_lead_home_after_signing_in(self, page: str) -> None:
        headers = {"HX-Request": "true", "HX-Current-URL": page, "HX-Current-URL-URI-AutoEncoded": "true"}
        answer = Client().get("/statement/", headers=headers)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/sign-in/?next=%2F")

    def test_of_a_browser_stay(self) -> None:
        browser = signed_in_client(make_line())
        assert browser.get("/statement/", headers={"Content-Type": "text/plain; charset=UTF-8"}).status_code == 200
        answer = Client().get("/puk/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/puk/?a=1"})
        assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fpuk%2F%3Fa%3D1"
