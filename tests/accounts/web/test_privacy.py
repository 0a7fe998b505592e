import io
import zipfile

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import DataDownload, Line
from accounts.operations.data_downloads import make_data_downloads
from accounts.queries.privacy import wants_personal_recommendations
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


def browser_of(line: Line, **options: object) -> Client:
    browser = signed_in_client(line, **options)  # type: ignore[arg-type]
    browser.cookies["django_language"] = "en"
    return browser


class TestPrivacy:
    def test_says_what_is_kept_for_how_long(self, line: Line) -> None:
        page = words(browser_of(line).get("/privacy/"), main=True)
        assert "The words of texts we sent you 365 days" in page
        assert "Codes by text until they mean nothing" in page
        assert "Tokens of partners" not in page
        assert "Ask for a copy" in page


class TestDataDownload:
    def test_is_asked_for_shown_while_it_is_made_and_given_once_it_is_ready(self, line: Line) -> None:
        browser = browser_of(line)
        assert browser.post("/privacy/copy/").headers["Location"] == "/privacy/"
        assert "Your copy is being made" in words(browser.get("/privacy/"), main=True)
        make_data_downloads(now=timezone.now())
        assert "Your copy is ready" in words(browser.get("/privacy/"), main=True)
        polled = browser.get("/privacy/?poll=", headers={"HX-Request": "true"})
        assert "<html" not in polled.content.decode()
        answer = browser.get(address(line))
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert zipfile.is_zipfile(io.BytesIO(answer.content))

    @pytest.mark.parametrize("proofs", [(), ("CODE",), ("PASSWORD",)])
    def test_asks_for_code_and_password_each_time(self, line: Line, proofs: tuple[str, ...]) -> None:
        browser_of(line).post("/privacy/copy/")
        make_data_downloads(now=timezone.now())
        weak = browser_of(line, proofs=proofs)
        assert weak.get(address(line)).headers["Location"].startswith("/step-up/")
        assert weak.post("/privacy/copy/").headers["Location"].startswith("/step-up/")
        assert DataDownload.objects.count() == 1

    def test_is_not_there_for_others_nor_before_it_is_made(self, line: Line) -> None:
        browser_of(line).post("/privacy/copy/")
        assert browser_of(line).get(address(line)).status_code == 404
        make_data_downloads(now=timezone.now())
        assert browser_of(make_line()).get(address(line)).status_code == 404
        assert browser_of(line).get("/privacy/copy/nothing/").status_code == 404


class TestPrivacyChoices:
    def test_switch_recommendations_off_and_on(self, line: Line) -> None:
        browser = browser_of(line)
        assert wants_personal_recommendations(line.account_id)
        browser.post("/privacy/choices/", {"personal": "off"})
        assert not wants_personal_recommendations(line.account_id)
        assert "Off: you see the same list of offers as everybody." in words(browser.get("/privacy/"), main=True)
        browser.post("/privacy/choices/", {"personal": "on"})
        assert wants_personal_recommendations(line.account_id)


def address(line: Line) -> str:
    download_id = DataDownload.objects.values_list("id", flat=True).get(account_id=line.account_id)
    return f"/privacy/copy/{PublicId(line.account_id, download_id)}/"
