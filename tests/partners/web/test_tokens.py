import re
import uuid

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Line
from partners.models import CustomerToken
from tests.factories.accounts import make_line, signed_in_client
from tests.factories.partners import PREPAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line()


@pytest.fixture
def browser(line: Line) -> Client:
    return signed_in_client(line)


def form(**changes: str) -> dict[str, str]:
    return {"name": "budget", "days": "30", "request_key": str(uuid.uuid4()), **changes}


class TestTokens:
    def test_are_shown_once_and_work(self, browser: Client) -> None:
        page = browser.post("/tokens/make/", form())
        [written] = re.findall(r"<code>(hall_[\w-]+)</code>", page.content.decode())
        assert (page.status_code, page["Cache-Control"]) == (200, "private, no-store")
        assert Client().get(f"{PREPAY}/bucket", headers={"Authorization": f"Bearer {written}"}).status_code == 200
        listed = browser.get("/tokens/").content.decode()
        assert "budget" in listed
        assert written not in listed

    def test_are_made_once_per_form(self, browser: Client) -> None:
        sent = form()
        assert [browser.post("/tokens/make/", sent).status_code for _ in range(2)] == [200, 409]
        assert CustomerToken.objects.count() == 1

    def test_are_limited_in_number(self, browser: Client, settings: Settings) -> None:
        settings.CUSTOMER_TOKENS_PER_LINE = 1
        assert [browser.post("/tokens/make/", form()).status_code for _ in range(2)] == [200, 409]
        browser.post("/tokens/revoke/", {"token": str(CustomerToken.objects.get().id)})
        assert browser.post("/tokens/make/", form()).status_code == 200

    @pytest.mark.parametrize("changes", [{"name": ""}, {"name": "x" * 61}, {"days": "31"}, {"request_key": "x"}])
    def test_are_not_made_of_a_wrong_form(self, browser: Client, changes: dict[str, str]) -> None:
        assert browser.post("/tokens/make/", form(**changes)).status_code == 422
        assert not CustomerToken.objects.exists()

    def test_need_a_code_to_be_made(self, line: Line) -> None:
        browser = signed_in_client(line, proofs=())
        assert [browser.get("/tokens/make/").status_code, browser.post("/tokens/make/", form()).status_code] == [
            302,
            302,
        ]
        assert not CustomerToken.objects.exists()

    def test_are_revoked_by_their_own_line_only(self, line: Line, browser: Client) -> None:
        browser.post("/tokens/make/", form())
        token = {"token": str(CustomerToken.objects.get().id)}
        assert signed_in_client(make_line()).post("/tokens/revoke/", token).status_code == 404
        assert CustomerToken.objects.get().revoked_at is None
        assert browser.post("/tokens/revoke/", token).status_code == 302
        assert CustomerToken.objects.get().revoked_at is not None
        assert browser.post("/tokens/revoke/", token).status_code == 404
        assert browser.post("/tokens/revoke/", {"token": "x"}).status_code == 404

    def test_are_for_signed_in_visitors(self) -> None:
        assert Client().get("/tokens/").status_code == 302
