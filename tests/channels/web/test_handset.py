import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Line
from messaging.models import Inbound, InboundKind, StubText
from tests.factories.accounts import make_sign_in
from tests.factories.billing import make_line
from tests.factories.channels import uses_of

pytestmark = pytest.mark.django_db

NAMES = ["panel", "texts", "reply", "call", "hang-up"]
IN_PLACE = {"HX-Request": "true"}


@pytest.fixture
def line() -> Line:
    return make_line()


@pytest.fixture
def handset(client: Client, line: Line) -> Client:
    """A browser that shows the line's handset."""
    client.get(reverse("handset:panel"), {"msisdn": line.msisdn})
    return client


@pytest.fixture
def clock_that_stands() -> Iterator[None]:
    """However long the machine takes, no time passes."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


def deliver(line: Line, body: str, *, seconds_ago: float = 60) -> None:
    StubText.objects.create(
        msisdn=line.msisdn, from_number="10086", body=body, sent_at=timezone.now() - timedelta(seconds=seconds_ago)
    )


def send(client: Client, line: Line, body: str, **fields: Any) -> Any:
    data = {"msisdn": line.msisdn, "to": "10086", "body": body, "message_key": uuid.uuid4(), "next": "/x/"} | fields
    return client.post(reverse("handset:reply"), data)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestOutsideDemoMode:
    @pytest.mark.parametrize("name", NAMES)
    def test_there_is_no_handset(self, client: Client, settings: Settings, name: str) -> None:
        settings.DEMO_MODE = False
        assert client.get(reverse(f"handset:{name}")).status_code == 404
        assert client.post(reverse(f"handset:{name}")).status_code == 404


class TestPanel:
    def test_asks_for_a_number_at_first(self, client: Client) -> None:
        response = client.get(reverse("handset:panel"))
        assert response.status_code == 200
        assert 'name="msisdn"' in response.content.decode()
        assert 'name="body"' not in response.content.decode()

    def test_shows_the_texts_of_the_number_that_was_picked_and_remembers_it(self, client: Client, line: Line) -> None:
        deliver(line, "【和风通信】验证码482913")
        deliver(make_line(), "somebody else's")
        first = client.get(reverse("handset:panel"), {"msisdn": line.msisdn.removeprefix("+86")})
        again = client.get(reverse("handset:panel"))
        for response in (first, again):
            assert "【和风通信】验证码482913" in words(response)
            assert "somebody else's" not in words(response)

    @pytest.mark.parametrize("wanted", ["abc", "1380013", "13800138999", "12345678901"])
    def test_refuses_what_is_no_number_of_ours(self, handset: Client, line: Line, wanted: str) -> None:
        deliver(line, "still here")
        response = handset.get(reverse("handset:panel"), {"msisdn": wanted})
        assert response.status_code == 422
        assert "still here" in words(response)

    def test_shows_the_signed_in_line(self, client: Client, line: Line) -> None:
        sign_in(client, line)
        deliver(line, "for the signed-in line")
        assert "for the signed-in line" in words(client.get(reverse("handset:panel")))

    def test_shows_the_number_that_is_being_signed_in(self, client: Client, line: Line) -> None:
        other = make_line()
        sign_in(client, other)
        deliver(line, "the code")
        client.post(reverse("accounts:sign-in"), {"msisdn": line.msisdn})
        assert "the code" in words(client.get(reverse("handset:panel")))

    def test_forgets_the_pick_when_somebody_signs_in(self, handset: Client, line: Line) -> None:
        other = make_line()
        deliver(other, "for the signed-in line")
        sign_in(handset, other)
        assert "for the signed-in line" in words(handset.get(reverse("handset:panel")))

    def test_says_why_a_strange_number_gets_no_text(self, client: Client) -> None:
        client.post(reverse("accounts:sign-in"), {"msisdn": "13800138999"})
        response = client.get(reverse("handset:panel"), headers={"accept-language": "en"})
        assert "This number is not in use with us, so no text comes to it." in words(response)

    def test_is_a_page_without_script_and_a_part_with_it(self, handset: Client) -> None:
        assert "<html" in handset.get(reverse("handset:panel")).content.decode()
        assert "<html" not in handset.get(reverse("handset:panel"), headers=IN_PLACE).content.decode()

    def test_leads_back_to_a_page_of_ours_only(self, handset: Client) -> None:
        good = handset.get(reverse("handset:panel"), {"next": "/sign-in/code/"}).content.decode()
        evil = handset.get(reverse("handset:panel"), {"next": "https://evil.example/"}).content.decode()
        assert 'href="/sign-in/code/"' in good
        assert 'href="https://evil.example/"' not in evil

    def test_tells_nothing_that_is_dangerous_in_a_page(self, handset: Client, line: Line) -> None:
        deliver(line, "<script>alert(1)</script>")
        assert "<script>alert(1)" not in handset.get(reverse("handset:panel")).content.decode()

    def test_is_not_kept_by_the_browser(self, handset: Client) -> None:
        assert "no-store" in handset.get(reverse("handset:panel"))["Cache-Control"]


class TestTexts:
    def test_shows_both_sides_newest_first(self, handset: Client, line: Line) -> None:
        deliver(line, "first", seconds_ago=300)
        send(handset, line, "second")
        deliver(line, "third", seconds_ago=0)
        found = re.findall(r"first|second|third", words(handset.get(reverse("handset:texts"))))
        assert found == ["third", "second", "first"]

    @pytest.mark.usefixtures("clock_that_stands")
    def test_marks_what_came_just_now(self, handset: Client, line: Line) -> None:
        deliver(line, "old")
        assert "bubble--new" not in handset.get(reverse("handset:texts")).content.decode()
        deliver(line, "new", seconds_ago=0)
        assert handset.get(reverse("handset:texts")).content.decode().count("bubble--new") == 1

    @pytest.mark.parametrize(
        ("looks", "seconds"), [("", 1), ("14", 1), ("15", 2), ("40", 5), ("70", 10), ("99999", 10), ("x", 1)]
    )
    def test_is_asked_for_ever_more_slowly(self, handset: Client, looks: str, seconds: int) -> None:
        page = handset.get(reverse("handset:texts"), {"looks": looks}).content.decode()
        assert f'hx-trigger="every {seconds}s"' in page
        assert '"HX-Trigger-Name": "poll"' in page

    @pytest.mark.usefixtures("clock_that_stands")
    def test_is_asked_for_quickly_again_when_a_text_came(self, handset: Client, line: Line) -> None:
        deliver(line, "new", seconds_ago=0)
        page = handset.get(reverse("handset:texts"), {"looks": "500"}).content.decode()
        assert 'hx-trigger="every 1s"' in page
        assert "looks=1" in page

    def test_shows_thirty_at_most(self, handset: Client, line: Line) -> None:
        for number in range(31):
            deliver(line, f"text {number}", seconds_ago=100 + number)
        page = handset.get(reverse("handset:texts")).content.decode()
        assert page.count('class="bubble') == 30 * 2  # the bubble and its peer
        assert "text 30" not in page

    def test_is_nothing_without_a_number(self, client: Client) -> None:
        assert client.get(reverse("handset:texts")).status_code == 404

    def test_counts_as_no_use(self, handset: Client, line: Line) -> None:
        handset.get(reverse("handset:texts"))
        assert uses_of(line) == []


class TestReply:
    def test_sends_a_text_as_the_line_and_comes_back(self, handset: Client, line: Line) -> None:
        response = send(handset, line, " 是 4821 ", next="/orders/1/")
        assert (response.status_code, response["Location"]) == (302, "/orders/1/")
        inbound = Inbound.objects.get()
        assert (inbound.account_id, inbound.kind, inbound.body) == (line.account_id, "SMS", " 是 4821 ")
        assert (inbound.from_msisdn, inbound.to_number) == (line.msisdn, "10086")

    def test_is_answered_in_place_with_script(self, handset: Client, line: Line) -> None:
        response = handset.post(
            reverse("handset:reply"),
            {"msisdn": line.msisdn, "to": "10086", "body": "CXYE", "message_key": uuid.uuid4()},
            headers=IN_PLACE,
        )
        assert response.status_code == 200
        assert "<html" not in response.content.decode()
        assert "CXYE" in words(response)
        assert "autofocus" in response.content.decode()

    def test_sent_twice_is_one_text(self, handset: Client, line: Line) -> None:
        key = uuid.uuid4()
        send(handset, line, "是", message_key=key)
        send(handset, line, "是", message_key=key)
        assert Inbound.objects.count() == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"body": ""},
            {"body": "x" * 501},
            {"to": "10010"},
            {"to": ""},
            {"msisdn": "13800138999"},
            {"msisdn": "nobody"},
            {"message_key": "no key"},
        ],
    )
    def test_is_refused_with_a_reason(self, handset: Client, line: Line, fields: dict[str, str]) -> None:
        response = send(handset, line, **({"body": "CXYE"} | fields))
        assert response.status_code == 422
        assert 'role="alert"' in response.content.decode()
        assert Inbound.objects.count() == 0

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_never_leads_away(self, handset: Client, line: Line, wanted: str) -> None:
        assert send(handset, line, "CXYE", next=wanted)["Location"] == "/"

    def test_needs_the_token_of_the_form(self, line: Line) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert send(strict, line, "是").status_code == 403
        assert Inbound.objects.count() == 0

    def test_is_not_sent_by_looking(self, handset: Client) -> None:
        assert handset.get(reverse("handset:reply")).status_code == 405


@pytest.mark.usefixtures("clock_that_stands")
class TestCall:
    def dial(self, client: Client, line: Line, number: str) -> Any:
        return client.post(reverse("handset:call"), {"msisdn": line.msisdn, "number": number}, headers=IN_PLACE)

    def look(self, client: Client, *, seconds_later: float, monkeypatch: pytest.MonkeyPatch) -> str:
        later = timezone.now() + timedelta(seconds=seconds_later)
        monkeypatch.setattr("channels.web.handset.current_instant", lambda: later)
        page: str = client.get(reverse("handset:panel"), headers=IN_PLACE | {"accept-language": "en"}).content.decode()
        return page

    def test_of_1008611_rings_until_the_hall_rings_off(
        self, handset: Client, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "call--ringing" in self.dial(handset, line, "1008611").content.decode()
        received = Inbound.objects.get()
        assert (received.kind, received.to_number, received.from_msisdn) == (
            InboundKind.CALL,
            "1008611",
            line.msisdn,
        )
        assert "It rings …" in self.look(handset, seconds_later=20, monkeypatch=monkeypatch)
        Inbound.objects.update(answered_at=received.received_at + timedelta(seconds=21))
        assert "It rang off. A text is on its way." in self.look(handset, seconds_later=22, monkeypatch=monkeypatch)
        assert 'class="call' not in self.look(handset, seconds_later=26, monkeypatch=monkeypatch)

    def test_of_1008611_rings_a_moment_even_if_the_hall_is_quick(
        self, handset: Client, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.dial(handset, line, "1008611")
        Inbound.objects.update(answered_at=timezone.now())
        assert "call--ringing" in self.look(handset, seconds_later=1, monkeypatch=monkeypatch)
        assert "call--ringing" not in self.look(handset, seconds_later=3, monkeypatch=monkeypatch)

    def test_of_1008611_ends_when_nobody_answers(
        self, handset: Client, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.dial(handset, line, "1008611")
        assert 'class="call' not in self.look(handset, seconds_later=40, monkeypatch=monkeypatch)

    @pytest.mark.parametrize("number", ["10086", "110", "13800138000", "abc"])
    def test_of_another_number_reaches_nobody(
        self, handset: Client, line: Line, number: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.dial(handset, line, number)
        page = self.look(handset, seconds_later=0, monkeypatch=monkeypatch)
        assert "This number cannot be reached from here." in page
        assert "call--ringing" not in page
        assert Inbound.objects.count() == 0
        assert 'class="call' not in self.look(handset, seconds_later=5, monkeypatch=monkeypatch)

    def test_of_nothing_is_refused(self, handset: Client, line: Line) -> None:
        assert self.dial(handset, line, "").status_code == 422

    def test_covers_only_the_handset_that_dialled(self, handset: Client, line: Line) -> None:
        self.dial(handset, line, "1008611")
        other = handset.get(reverse("handset:panel"), {"msisdn": make_line().msisdn})
        assert 'class="call' not in other.content.decode()

    def test_comes_back_without_script(self, handset: Client, line: Line) -> None:
        response = handset.post(
            reverse("handset:call"), {"msisdn": line.msisdn, "number": "1008611", "next": "/handset/#handset"}
        )
        assert response["Location"] == "/handset/#handset"

    def test_is_over_when_hung_up(self, handset: Client, line: Line) -> None:
        self.dial(handset, line, "1008611")
        assert 'class="call' not in handset.post(reverse("handset:hang-up"), headers=IN_PLACE).content.decode()


def sign_in(client: Client, line: Line) -> None:
    """Sign a line in on this browser, as the sign-in page does once the code was right."""
    session = client.session
    session["signed_in_lines"] = [
        {
            "account": str(line.account_id),
            "line": str(line.id),
            "at": timezone.now().isoformat(),
            "sign_in": str(make_sign_in(line, at=timezone.now()).id),
        }
    ]
    session.pop("sign_in", None)
    session.save()
