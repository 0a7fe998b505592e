"""When something is wrong: branded, in the visitor's language, with a request id, without asking the database."""

import re
from collections.abc import Iterator

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import translation

from portal.web import error_pages

REQUEST_ID = "7f9c2ba4-e88f-4d27-8a3b-1c5d9e0f6a21"


@pytest.fixture
def request_with_id(rf: RequestFactory) -> Iterator[HttpRequest]:
    structlog.contextvars.bind_contextvars(request_id=REQUEST_ID)
    yield rf.get("/somewhere/")
    structlog.contextvars.clear_contextvars()


def render(request: HttpRequest, status: int) -> tuple[int, str]:
    """Return status and page of each error, as the hall would answer it."""
    answers = {
        400: lambda: error_pages.bad_request(request, Exception()),
        403: lambda: error_pages.forbidden(request, Exception()),
        404: lambda: error_pages.not_found(request, Exception()),
        405: lambda: error_pages.form_only(request),
        429: lambda: error_pages.too_many_requests(request, retry_after_seconds=60),
        500: lambda: error_pages.server_error(request),
        503: lambda: error_pages.unavailable(request, retry_after_seconds=120),
    }
    response = answers[status]()
    return response.status_code, response.content.decode()


HEADINGS = {
    400: "This request could not be read",
    403: "This is not open to you",
    404: "This page has drifted away",
    405: "This step begins on another page",
    429: "A little slower, please",
    500: "Something broke on our side",
    503: "The hall is closed for a moment",
}


@pytest.mark.parametrize("status", HEADINGS)
class TestEveryErrorPage:
    """No `django_db` mark: a query would fail these tests."""

    def test_says_what_happened_what_to_do_and_the_request_id(self, request_with_id: HttpRequest, status: int) -> None:
        with translation.override("en"):
            answered, page = render(request_with_id, status)

        assert answered == status
        assert re.findall(r"<h1>(.*?)</h1>", page) == [HEADINGS[status]]
        assert f"<title>{HEADINGS[status]} · Hefeng Telecom</title>" in page
        assert 'href="/">To the home page</a>' in page
        assert 'href="tel:10086"' in page
        assert f"<code>{REQUEST_ID}</code>" in page

    def test_speaks_chinese(self, request_with_id: HttpRequest, status: int) -> None:
        with translation.override("zh-hans"):
            _status, page = render(request_with_id, status)

        assert HEADINGS[status] not in page
        assert "返回首页" in page


class TestTooManyRequests:
    def test_says_when_to_come_back(self, rf: RequestFactory) -> None:
        with translation.override("en"):
            response = error_pages.too_many_requests(rf.get("/"), retry_after_seconds=45)

        assert response["Retry-After"] == "45"
        assert "Try again in 45 seconds." in response.content.decode()


class TestUnavailable:
    def test_says_when_to_come_back(self, rf: RequestFactory) -> None:
        with translation.override("en"):
            response = error_pages.unavailable(rf.get("/"), retry_after_seconds=120)

        assert response["Retry-After"] == "120"
        assert "Try again in 120 seconds." in response.content.decode()


@pytest.mark.django_db
class TestNotFound:
    def test_answers_an_address_nobody_knows(self, client: Client) -> None:
        response = client.get("/no/such/page/", headers={"accept-language": "en"})

        assert response.status_code == 404
        assert "This page has drifted away" in response.content.decode()
        assert response["Cache-Control"] == "no-store"
        assert re.search(r"<code>[0-9a-f-]{36}</code>", response.content.decode())

    def test_does_not_repeat_what_was_in_the_address(self, client: Client) -> None:
        assert "<script>" not in client.get("/<script>alert(1)</script>/").content.decode()


@pytest.mark.django_db
class TestFormOnly:
    def test_answers_who_looks_at_an_address_that_takes_forms(self, client: Client) -> None:
        response = client.get("/page-mode/", headers={"accept-language": "en", "accept": "text/html"})

        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert "This step begins on another page" in response.content.decode()

    def test_leaves_machines_their_own_answer(self, client: Client) -> None:
        response = client.get("/page-mode/", headers={"accept": "application/json"})

        assert (response.status_code, response.content) == (405, b"")


@pytest.mark.django_db
class TestCsrfFailure:
    def test_tells_a_stale_form_from_a_page_that_is_not_open(self) -> None:
        response = Client(enforce_csrf_checks=True).post(
            "/page-mode/", {"mode": "elder"}, headers={"accept-language": "en"}
        )

        assert response.status_code == 403
        assert "The page lay open for too long" in response.content.decode()


def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [path("breaks/", breaks)]
handler500 = "portal.web.error_pages.server_error"


class TestServerError:
    @pytest.mark.urls(__name__)
    def test_answers_a_view_that_broke(self) -> None:
        response = Client(raise_request_exception=False).get("/breaks/", headers={"accept-language": "en"})

        assert response.status_code == 500
        assert "Something broke on our side" in response.content.decode()
        assert "ZeroDivisionError" not in response.content.decode()
