"""Every page that a role reaches from the first page of the desk: each answers, and none leads where one may not go."""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import Line
from tests.factories.accounts import staff_client
from tests.factories.whole_customer import make_whole_customer

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<(?:a|form)[^>]+(?:href|action)="([^"#]*)"')
# Of one kind of page so many are opened: they differ in their rows alone.
ENOUGH = 1
# What is sent to, what would end the visit, and a link that Django shows whoever sees a member of staff.
LEFT_OUT = {"auth_user_password_change", "logout", "set_language", "password_change", "jsi18n", "second-factor-qr"}


FIELD = re.compile(r'<(?:input|select|textarea)[^>]+name="([^"]+)"')
# Words that no field of the desk takes, though some column might.
NONSENSE = ("\x00", "９" * 300, "-1")
ANSWERS_TO_NONSENSE = {200, 302, 403, 404, 405, 409, 422}


@dataclass
class Walk:
    """What came of it: how many pages of each kind were opened, what did not answer well, and where forms are."""

    seen: Counter[str] = field(default_factory=Counter)
    bad: dict[str, int] = field(default_factory=dict)
    forms: dict[str, list[str]] = field(default_factory=dict)


def walk(client: Client) -> Walk:
    """Open page after page, beginning with the first."""
    found, waiting = Walk(), ["/staff/"]
    known = set(waiting)
    while waiting:
        address = waiting.pop(0)
        kind = str(resolve(address.partition("?")[0]).url_name)
        if kind in LEFT_OUT or found.seen[kind] >= ENOUGH:
            continue
        found.seen[kind] += 1
        answer = client.get(address)
        if answer.status_code not in (200, 302, 405):
            found.bad[address] = answer.status_code
        if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        page = answer.content.decode()
        _head, _main, content = page.partition('id="content"')
        if 'method="post"' in content:
            found.forms[address] = FIELD.findall(content)
        for link in LINK.findall(page):
            target = urljoin(address, link.replace("&amp;", "&"))
            if target.startswith("/staff/") and target not in known:
                known.add(target)
                waiting.append(target)
    return found


@pytest.fixture
def customer() -> Line:
    return make_whole_customer(name="欧阳明月", yuan=3_765, email="theirs@example.com")


@pytest.mark.usefixtures("customer")
class TestEveryPage:
    @pytest.mark.parametrize(
        ("role", "kinds", "forms"),
        [
            *(("clerk", 90, 12), ("supervisor", 100, 16), ("product", 6, 1), ("finance", 80, 2)),
            *(("operations", 12, 1), ("auditor", 80, 0)),
        ],
    )
    def test_that_a_role_is_led_to_answers_and_takes_no_nonsense(self, role: str, kinds: int, forms: int) -> None:
        client = staff_client(role)
        found = walk(client)
        assert found.bad == {}
        assert (len(found.seen) >= kinds, len(found.forms) >= forms) == (True, True)
        answers = {
            (address, nonsense): client.post(address, dict.fromkeys(names, nonsense)).status_code
            for address, names in found.forms.items()
            for nonsense in NONSENSE
        }
        assert {key: status for key, status in answers.items() if status not in ANSWERS_TO_NONSENSE} == {}
