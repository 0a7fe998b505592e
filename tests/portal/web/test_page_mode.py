"""The older people's version and dark colours: kept in cookies, open to everybody, safe to be sent back from."""

import pytest
from django.test import Client

from portal.web.page_context import MODE_COOKIE, THEME_COOKIE

PAGE = "/page-mode/"


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.mark.django_db
class TestPageMode:
    def test_keeps_the_older_peoples_version_for_a_year_and_goes_back(self, visitor: Client) -> None:
        response = visitor.post(PAGE, {"mode": "elder", "next": "/accessibility/?a=1"})

        assert (response.status_code, response["Location"]) == (302, "/accessibility/?a=1")
        cookie = response.cookies[MODE_COOKIE]
        assert (cookie.value, cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (
            "elder",
            31_536_000,
            "Lax",
            True,
        )
        assert 'data-mode="elder"' in visitor.get("/accessibility/").content.decode()

    def test_keeps_mode_and_theme_apart(self, visitor: Client) -> None:
        visitor.post(PAGE, {"mode": "elder"})
        visitor.post(PAGE, {"theme": "dark"})

        page = visitor.get("/accessibility/").content.decode()
        assert 'data-mode="elder" data-theme="dark"' in page

    @pytest.mark.parametrize(
        "target", ["", "https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "https:///x"]
    )
    def test_never_leads_off_the_hall(self, visitor: Client, target: str) -> None:
        response = visitor.post(PAGE, {"theme": "dark", "next": target})

        assert (response.status_code, response["Location"]) == (302, "/")

    @pytest.mark.parametrize(
        "posted", [{}, {"mode": "huge"}, {"theme": "pink"}, {"mode": "elder", "theme": ""}, {"next": "/"}]
    )
    def test_refuses_what_it_does_not_know_and_keeps_nothing(self, visitor: Client, posted: dict[str, str]) -> None:
        response = visitor.post(PAGE, posted)

        assert response.status_code == 400
        assert MODE_COOKIE not in response.cookies
        assert THEME_COOKIE not in response.cookies

    def test_is_asked_by_post_only(self, visitor: Client) -> None:
        assert visitor.get(PAGE).status_code == 405

    def test_is_refused_without_the_forms_token(self) -> None:
        response = Client(enforce_csrf_checks=True).post(PAGE, {"mode": "elder"})

        assert response.status_code == 403
        assert MODE_COOKIE not in response.cookies


@pytest.mark.django_db
class TestPageLook:
    def test_a_cookie_somebody_wrote_by_hand_counts_as_the_default(self, visitor: Client) -> None:
        visitor.cookies.load({MODE_COOKIE: '"><script>', THEME_COOKIE: "pink"})

        page = visitor.get("/accessibility/").content.decode()
        assert 'data-mode="standard" data-theme="auto"' in page

    @pytest.mark.parametrize(
        ("theme", "media"),
        [("auto", 'media="screen and (prefers-color-scheme: dark)"'), ("dark", 'media="screen"')],
    )
    def test_dark_colours_are_linked_for_the_screens_that_want_them(
        self, visitor: Client, theme: str, media: str
    ) -> None:
        visitor.cookies.load({THEME_COOKIE: theme})

        assert f'href="/static/css/dark.css" {media}' in visitor.get("/accessibility/").content.decode()

    def test_light_colours_need_no_dark_sheet(self, visitor: Client) -> None:
        visitor.cookies.load({THEME_COOKIE: "light"})

        assert "dark.css" not in visitor.get("/accessibility/").content.decode()

    def test_the_operator_is_called_as_in_the_pages_language(self, visitor: Client) -> None:
        chinese = visitor.get("/accessibility/", headers={"accept-language": "zh-CN"}).content.decode()
        english = visitor.get("/accessibility/", headers={"accept-language": "en"}).content.decode()

        assert "<title>无障碍声明 · 和风通信</title>" in chinese
        assert "<title>Accessibility statement · Hefeng Telecom</title>" in english
