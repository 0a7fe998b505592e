from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import Line, LineState, SignIn
from accounts.web.device import device_name, place_of
from messaging.models import Sms
from tests.factories.accounts import PASSWORD, give_service_password, make_sign_in, signed_in_client
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

PAGE, END, OTHERS, DETACH = "/sign-ins/", "/sign-ins/end/", "/sign-ins/end-others/", "/lines/detach/"
ANDROID = "Mozilla/5.0 (Linux; Android 14; M2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"
)


@pytest.fixture
def line() -> Line:
    line = make_line(cash_fen=10_00)
    give_service_password(line)
    return line


def sign_in(client: Client, line: Line) -> Any:
    sent = {"msisdn": line.msisdn.removeprefix("+86"), "password": PASSWORD}
    answer = client.post("/sign-in/password/", sent)
    assert answer.status_code == 302
    return answer


def may_look(client: Client) -> bool:
    return bool(client.get(PAGE).status_code == 200)


def told(line: Line) -> list[str]:
    return list(Sms.objects.filter(account_id=line.account_id, kind="NEW_DEVICE").values_list("body", flat=True))


class TestList:
    def test_shows_device_masked_place_and_which_is_here(self, line: Line) -> None:
        phone, desk = Client(headers={"user-agent": ANDROID}), Client(headers={"user-agent": MAC})
        sign_in(phone, line)
        sign_in(desk, line)
        page = words(desk.get(PAGE), main=True)
        assert ("Chrome · Android" in page, "Safari · Mac" in page) == (True, True)
        assert ("127.0.0.*" in page, "127.0.0.1" in page) == (True, False)
        assert page.count("Sign out there") + page.count("在该设备退出") == 1

    def test_leaves_out_what_has_ended_by_itself(self, line: Line) -> None:
        old = timezone.now() - timedelta(minutes=31)
        make_sign_in(line, at=old)
        assert len(signed_in_client(line).get(PAGE).context["rows"]) == 1

    def test_shows_nothing_of_another_line(self, line: Line) -> None:
        make_sign_in(make_line(), at=timezone.now())
        assert len(signed_in_client(line).get(PAGE).context["rows"]) == 1


class TestEnd:
    def test_signs_the_other_browser_out_at_once(self, line: Line) -> None:
        here, there = Client(), Client()
        sign_in(there, line)
        there_id = SignIn.objects.get().id
        sign_in(here, line)
        assert here.post(END, {"sign_in": str(there_id)})["Location"] == PAGE
        assert (may_look(here), may_look(there)) == (True, False)

    def test_leaves_another_customers_alone(self, line: Line) -> None:
        theirs = Client()
        other = make_line()
        give_service_password(other)
        sign_in(theirs, other)
        for wanted in (str(SignIn.objects.get().id), "", "x"):
            assert signed_in_client(line).post(END, {"sign_in": wanted}).status_code == 404
        assert may_look(theirs)

    def test_everywhere_else_keeps_only_this_one(self, line: Line) -> None:
        here, other = Client(), make_line()
        away = [signed_in_client(line), signed_in_client(line, other)]
        sign_in(here, line)
        here.post(OTHERS)
        assert may_look(here)
        assert not may_look(away[0])
        # The other line on that browser is somebody's own business.
        assert str(away[1].get(PAGE).context["line"].id) == str(other.id)

    def test_comes_with_signing_out(self, line: Line) -> None:
        client = signed_in_client(line)
        client.post("/sign-out/")
        assert SignIn.objects.get().ended_at is not None

    @pytest.mark.parametrize("address", [END, OTHERS, DETACH])
    def test_takes_no_get(self, address: str, line: Line) -> None:
        assert signed_in_client(line).get(address).status_code == 405


class TestSeveralLines:
    def test_one_is_detached_and_the_other_stays(self, line: Line) -> None:
        other = make_line()
        client = signed_in_client(line, other)
        public_id = client.get(PAGE).context["lines"][0]["public_id"]
        assert client.post(DETACH, {"line": public_id}).status_code == 302
        assert [one["msisdn"] for one in client.get(PAGE).context["lines"]] == [other.msisdn]
        assert SignIn.objects.get(line_id=line.id).ended_at is not None
        assert SignIn.objects.get(line_id=other.id).ended_at is None
        assert client.post(DETACH, {"line": public_id}).status_code == 404

    def test_a_closed_one_is_signed_out_at_once(self, line: Line) -> None:
        client = signed_in_client(line)
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        assert not may_look(client)


class TestNewDevice:
    def test_is_told_to_the_line_once(self, line: Line) -> None:
        phone, desk = Client(headers={"user-agent": ANDROID}), Client(headers={"user-agent": MAC})
        sign_in(phone, line)
        assert told(line) == []
        sign_in(desk, line)
        assert [("Safari · Mac" in body) for body in told(line)] == [True]
        sign_in(desk, line)
        sign_in(phone, line)
        assert len(told(line)) == 1

    def test_is_one_that_was_not_seen_for_long(self, line: Line) -> None:
        make_sign_in(line, at=timezone.now() - timedelta(days=91))
        sign_in(Client(), line)
        assert SignIn.objects.count() == 1


class TestDevice:
    @pytest.mark.parametrize(
        ("header", "name"),
        [
            (ANDROID, "Chrome · Android"),
            (MAC, "Safari · Mac"),
            (ANDROID + " MicroMessenger/8.0", "WeChat · Android"),
            ("<script>alert(1)</script>", "未知设备"),
        ],
    )
    def test_is_named_as_people_know_it(self, header: str, name: str) -> None:
        shown = device_name(RequestFactory().get("/", headers={"user-agent": header}))
        assert shown == name or (name == "未知设备" and shown == "Unknown device")

    @pytest.mark.parametrize(
        ("address", "place"), [("203.0.113.9", "203.0.113.*"), ("2001:db8:1:2::9", "2001:db8:1:*"), ("x", "")]
    )
    def test_is_placed_without_the_end_of_its_address(self, address: str, place: str) -> None:
        assert place_of(RequestFactory().get("/", REMOTE_ADDR=address)) == place


class TestUse:
    def test_is_noted_once_a_minute_at_most(self, line: Line) -> None:
        client = signed_in_client(line)
        SignIn.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
        client.get(PAGE)
        assert timezone.now() - SignIn.objects.get().seen_at < timedelta(minutes=1)
