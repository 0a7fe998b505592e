"""What a real request leaves in the logs."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from messaging.models import Sms
from tests.factories.accounts import staff_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db
REQUEST_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that the hall's own log handler writes."""
    handler = next(found for found in logging.getLogger().handlers if type(found) is logging.StreamHandler)
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


class TestRequestLog:
    def test_names_request_and_status_under_the_id_the_visitor_got(self, written: io.StringIO) -> None:
        answer = Client().get("/complaints/")
        assert REQUEST_ID.fullmatch(answer["X-Request-ID"])
        [finished] = [line for line in lines(written) if line["event"] == "request_finished"]
        assert (finished["request"], finished["status"]) == ("GET /complaints/", 200)
        assert finished["request_id"] == answer["X-Request-ID"]

    def test_makes_its_own_id_whatever_the_visitor_sends(self) -> None:
        answer = Client().get("/complaints/", headers={"X-Request-ID": "forged"})
        assert REQUEST_ID.fullmatch(answer["X-Request-ID"])

    def test_shows_the_id_on_error_pages(self) -> None:
        answer = Client().get("/no-such-page/")
        assert answer.status_code == 404
        assert answer["X-Request-ID"] in answer.content.decode()

    def test_holds_no_number_and_no_code_of_a_sign_in(self, written: io.StringIO) -> None:
        line = make_line()
        client = Client()
        number = line.msisdn.removeprefix("+86")
        client.get(f"/sign-in/?next=/top-up/?to={number}")
        client.post("/sign-in/", {"msisdn": number})
        code = Sms.objects.get().body[-6:]
        client.post("/sign-in/code/", {"code": f"{(int(code) + 1) % 10**6:06d}"})
        assert client.post("/sign-in/code/", {"code": code}).status_code == 302
        log = written.getvalue()
        assert len(lines(written)) >= 8
        assert number not in log
        assert f"{number[:3]}****{number[-4:]}" in log
        assert not re.search(rf"(?<![0-9]){code}(?![0-9])", log)
        assert client.cookies["sessionid"].value not in log

    def test_holds_no_number_that_staff_search_for(self, written: io.StringIO) -> None:
        line = make_line()
        number = line.msisdn.removeprefix("+86")
        staff_client("clerk").get("/staff/accounts/line/", {"q": number})
        assert number not in written.getvalue()

    def test_holds_nothing_personal_when_a_page_fails(
        self, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**arguments: object) -> None:
            raise RuntimeError(f"cannot text to {arguments['msisdn']}")

        line = make_line()
        monkeypatch.setattr("accounts.web.sign_in.send_sign_in_code", fail)
        answer = Client(raise_request_exception=False).post("/sign-in/", {"msisdn": line.msisdn})
        assert answer.status_code == 500
        assert answer["X-Request-ID"] in answer.content.decode()
        log = written.getvalue()
        assert "cannot text to" in log
        assert line.msisdn.removeprefix("+86") not in log
