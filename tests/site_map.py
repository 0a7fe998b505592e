"""Every address of the hall as its URL table has it, and what a page leads to: links and forms."""

import copy
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve

REST, STAFF = "tmf-api/", "staff/"
# Pages that lead on and on: how many of one kind are looked at.
PAGES_OF_A_KIND = 3
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Address:
    """One entry of the URL table.

    :ivar route: such as "orders/<slug:public_id>/".
    :ivar name: with its namespaces, empty for one without a name.
    :ivar arguments: (converter, name) of each argument of the path, in order.
    """

    route: str
    name: str
    arguments: tuple[tuple[str, str], ...]

    def path(self, values: Mapping[str, str]) -> str:
        """Return the path with its arguments filled in."""
        return "/" + _ARGUMENT.sub(lambda found: values[found[2]], self.route)


def list_addresses() -> list[Address]:
    """Return every address of the hall, the staff's too."""
    return list(_walk(get_resolver(), "", ""))


def pages_and_forms() -> list[Address]:
    """Return the addresses that people use, without the staff's and the REST ones."""
    return [one for one in list_addresses() if not one.route.startswith((REST, STAFF))]


def _walk(resolver: URLResolver, prefix: str, namespaces: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, namespaces + (f"{entry.namespace}:" if entry.namespace else ""))
        elif isinstance(entry, URLPattern):
            arguments = tuple((converter or "str", name) for converter, name in _ARGUMENT.findall(route))
            yield Address(route.removesuffix("$"), f"{namespaces}{entry.name}" if entry.name else "", arguments)


@dataclass(slots=True)
class Form:
    """A form of a page as a browser would send it."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects links and forms. Of radio buttons and choices each is a value of its own."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(urljoin(self.path, given["href"]))
        if "hx-get" in given:
            self.links.append(urljoin(self.path, given["hx-get"]))
        if tag == "form":
            self.open = Form(
                given.get("method", "get").upper(), urljoin(self.path, given.get("action", "") or self.path)
            )
            self.forms.append(self.open)
            self.by_id[given.get("id", "")] = self.open
        self._take_field(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None

    def _take_field(self, tag: str, given: dict[str, str]) -> None:
        form = self.by_id.get(given["form"]) if given.get("form") else self.open
        if tag == "select":
            self.select = given.get("name", "")
        elif form is None:
            return
        elif tag == "option" and self.select:
            form.fields.append((self.select, given.get("value", "")))
        elif tag in ("input", "button", "textarea") and given.get("name"):
            form.fields.append((given["name"], given.get("value", "")))


def read_page(path: str, html: str) -> tuple[list[str], list[Form]]:
    """Return the links of a page, as paths with queries, and its forms; other sites' left out."""
    reader = _Reader(path)
    reader.feed(html)
    links = [link for link in reader.links if not urlsplit(link).netloc and link.startswith("/")]
    return links, [form for form in reader.forms if not urlsplit(form.action).netloc]


def submit(browser: Any, method: str, address: str, fields: list[tuple[str, str]] | None = None) -> Any:
    """Send what a link or form asks for. The last value of a name counts, as for a browser's radio buttons."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    values = dict(fields or [])
    if method == "GET":
        return browser.get(parts.path, {**query, **values})
    return browser.post(parts.path, values, query_params=query)


@contextmanager
def undone(browser: Any) -> Iterator[None]:
    """Take back what is done in the block: each try finds the same hall and the same visitor, still signed in."""
    before, cookies = transaction.savepoint(), copy.deepcopy(browser.cookies)
    try:
        yield
    finally:
        browser.cookies = cookies
        transaction.savepoint_rollback(before)


def walk(browser: Any) -> tuple[set[str], list[Form]]:
    """Return every link and form that a visitor's pages lead to; what is looked at is taken back."""
    to_look_at = [address.path({}) for address in pages_and_forms() if not address.arguments]
    links: set[str] = set(to_look_at)
    forms: list[Form] = []
    looked: dict[str, int] = {}
    while to_look_at:
        link = to_look_at.pop()
        kind = resolve(urlsplit(link).path).view_name
        looked[kind] = looked.get(kind, 0) + 1
        if looked[kind] > PAGES_OF_A_KIND:
            continue
        with undone(browser):
            page = submit(browser, "GET", link)
        if page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
            continue
        more_links, more_forms = read_page(link, page.content.decode())
        forms += more_forms
        new = {one for one in more_links if not one.startswith(("/static/", "/staff/"))} - links
        links |= new
        to_look_at += sorted(new)
    return links, forms
