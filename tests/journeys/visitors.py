"""Visitors of the started hall: what they read, press and fill in, in the words of the page's language."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation
from playwright.sync_api import APIRequestContext, APIResponse, Locator, Page, ViewportSize, expect

from kernel.phone import national_number
from messaging.models import StubText
from tests.halls import StartedHall, wait_for

Screen = ViewportSize
Form = dict[str, str | float | bool]
PHONE_SCREEN: Screen = {"width": 360, "height": 740}
WIDE_SCREEN: Screen = {"width": 1280, "height": 800}
# On a busy machine; what is waited for usually comes within a second or two.
PATIENCE_SECONDS = 60
CODE = re.compile(r"#(\d{6})$")


def said(language: str, words: str, context: str = "", **values: str) -> str:
    """Return how the hall says something in a language.

    :param words: as they stand in the code, in English.
    """
    with translation.override(language):
        text = translation.pgettext(context, words) if context else translation.gettext(words)
    return text % values


@dataclass
class Visitor:
    """Somebody in front of a window of their own."""

    page: Page
    language: str
    script: bool

    def said(self, words: str, context: str = "", **values: str) -> str:
        return said(self.language, words, context, **values)

    @property
    def main(self) -> Locator:
        """The page itself, without the hall's frame and the handset."""
        return self.page.locator("main")

    @property
    def handset(self) -> "Handset":
        return Handset(self)

    def press(self, words: str, **values: str) -> None:
        with self.page.expect_navigation():
            self.main.get_by_role("button", name=self.said(words, **values), exact=True).click()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self.main.get_by_role("link", name=self.said(words), exact=True).first.click()

    def fill(self, label: str, value: str) -> None:
        self.main.get_by_label(self.said(label)).fill(value)

    def error_beside(self, field: str) -> str:
        """Return what the page says is wrong with a field; the summary above the form must say so too."""
        error = self.main.locator(f"#id_{field}_error")
        expect(error).to_be_visible()
        expect(self.main.locator(f".error-summary a[href='#id_{field}']")).to_be_visible()
        expect(self.main.locator(f"#id_{field}")).to_have_attribute("aria-describedby", re.compile(f"id_{field}_error"))
        return str(error.locator("p > span").evaluate("span => span.lastChild.textContent.trim()"))

    def tab_to(self, selector: str) -> None:
        """Press the tabulator until a control has the focus, which must show."""
        wanted = self.page.locator(selector)
        for _press in range(60):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("control => control === document.activeElement"):
                break
        expect(wanted).to_be_focused()
        assert wanted.evaluate("control => getComputedStyle(control).outlineStyle !== 'none'")

    def send(self, form: Locator, **changed: str) -> APIResponse:
        """Send a form of the page as the browser would, without leaving the page.

        :param changed: fields that are sent with another value, such as the name of the button that was pressed.
        """
        filled: Form = form.evaluate("form => Object.fromEntries(new FormData(form))")
        address: str = form.evaluate("form => form.action")
        return self.page.request.post(address, form={**filled, **changed}, max_redirects=0)


@dataclass
class Handset:
    """The virtual handset beside a visitor's page; without script it is a page of its own."""

    visitor: Visitor

    @property
    def page(self) -> Page:
        return self.visitor.page

    def open(self) -> None:
        """On a phone it lies under the page."""
        if self.page.locator(".dock__tab").is_visible():
            self.page.locator(".dock__tab").click()
        if not self.visitor.script:
            with self.page.expect_navigation():
                self.page.locator("#handset-panel a").first.click()

    def close(self) -> None:
        if self.page.locator(".dock__close").is_visible():
            self.page.locator(".dock__close").click()
        if not self.visitor.script:
            self.visitor.follow("Back to the page")

    def texts(self, pattern: str) -> Locator:
        """The texts that came in and match, newest first."""
        return self.page.locator(".bubble:not(.bubble--out)").filter(has_text=re.compile(pattern))

    def wait_for(self, pattern: str, *, count: int = 1) -> str:
        """Wait until exactly `count` texts match, and return the newest of them."""
        if self.visitor.script:
            expect(self.texts(pattern)).to_have_count(count)
        else:
            soon(lambda: self._looked_at_anew(pattern) == count)
        newest = self.texts(pattern).first
        expect(newest).to_be_visible()
        return str(newest.evaluate("bubble => bubble.lastChild.textContent"))

    def _looked_at_anew(self, pattern: str) -> int:
        self.page.reload()
        return self.texts(pattern).count()

    def send(self, body: str) -> None:
        """Text the service number."""
        self.page.locator("#handset-panel input[name=body]").fill(body)
        self.page.locator("#handset-panel input[name=body]").press("Enter")
        expect(self.page.locator(".bubble--out").first).to_contain_text(body)

    def ring(self, number: str) -> None:
        self.page.locator("#handset-panel summary").click()
        self.page.locator("#handset-panel input[name=number]").fill(number)
        self.page.locator("#handset-panel input[name=number]").press("Enter")


def soon(happened: Callable[[], object]) -> None:
    """Wait until something is so."""
    wait_for(happened, seconds=PATIENCE_SECONDS)


def texts_of(msisdn: str, pattern: str) -> list[str]:
    """Return the texts that a number got and that match, newest first, from the gateway's books."""
    found = StubText.objects.filter(msisdn=msisdn, body__regex=pattern).order_by("-sent_at", "-id")
    return list(found.values_list("body", flat=True))


def sign_in_by_http(request: APIRequestContext, msisdn: str) -> None:
    """Sign a number in with the code of its text, without drawing the pages."""
    codes_before = len(texts_of(msisdn, CODE.pattern))
    asked = request.post(
        "/sign-in/", form={"msisdn": national_number(msisdn), "csrfmiddlewaretoken": token_of(request, "/sign-in/")}
    )
    assert asked.url.endswith("/sign-in/code/"), asked.text()
    soon(lambda: len(texts_of(msisdn, CODE.pattern)) > codes_before)
    code = CODE.findall(texts_of(msisdn, CODE.pattern)[0])[0]
    token = token_of(request, "/sign-in/code/")
    entered = request.post("/sign-in/code/", form={"code": code, "csrfmiddlewaretoken": token}, max_redirects=0)
    assert (entered.status, entered.headers["location"]) == (302, "/")


def password_of(hall: StartedHall, username: str) -> str:
    """Return the password of a member of the demo's staff."""
    return (hall.var / "secrets" / f"{username}-password").read_text().strip()


def sign_in_at_the_desk_by_http(request: APIRequestContext, username: str, password: str) -> None:
    """Sign staff in without drawing the pages."""
    login = "/staff/login/?next=/staff/"
    form: Form = {"username": username, "password": password, "csrfmiddlewaretoken": token_of(request, login)}
    entered = request.post(login, form=form, max_redirects=0)
    assert (entered.status, entered.headers["location"]) == (302, "/staff/")


def token_of(request: APIRequestContext, path: str) -> str:
    """Return the token without which a page takes no form."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', request.get(path).text())
    assert found is not None
    return found[1]
