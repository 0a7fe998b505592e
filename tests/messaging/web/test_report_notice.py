import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from kernel.clock import now
from messaging.gateways.signing import SIGNATURE, signed_headers
from messaging.models import NetworkMessage, Sms, SmsState
from messaging.operations.delivery_reports import ReportedText, note_network_ids
from tests.factories.messaging import NOW, make_line, queue_text

pytestmark = pytest.mark.django_db

SECRET = "only-for-tests-5c4b3a29"
ADDRESS = "/sms-reports/"


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.SMS_HTTP_SECRET = SECRET


@pytest.fixture
def sms() -> Sms:
    """A text of two parts that left by the HTTP gateway."""
    sms = queue_text(make_line())
    Sms.objects.update(state="SENT", attempts=1, sent_at=NOW, parts=2)
    note_network_ids(gateway="http", texts=[ReportedText(sms.account_id, sms.id, 2, (str(sms.id),))], now=NOW)
    return sms


def post(body: bytes, **changed: str) -> Any:
    headers = {**signed_headers(secret=SECRET, message_id="one", body=body, now=now()), **changed}
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json", headers=headers)


def notice(*reports: object) -> bytes:
    return json.dumps({"reports": reports}).encode()


class TestReportNotice:
    def test_marks_texts_as_delivered(self, sms: Sms) -> None:
        at = "2026-11-22T15:00:00+08:00"
        assert post(notice({"id": str(sms.id), "state": "delivered", "at": at})).status_code == 204
        sms.refresh_from_db()
        assert (sms.state, sms.delivered_at and sms.delivered_at.isoformat()) == (
            SmsState.DELIVERED,
            "2026-11-22T07:00:00+00:00",
        )

    def test_says_why_not(self, sms: Sms) -> None:
        assert post(notice({"id": str(sms.id), "state": "undelivered", "reason": "switched off"})).status_code == 204
        sms.refresh_from_db()
        assert (sms.state, sms.last_error) == (SmsState.UNDELIVERED, "switched off")

    def test_may_come_twice(self, sms: Sms) -> None:
        body = notice({"id": str(sms.id), "state": "delivered"})
        assert [post(body).status_code, post(body).status_code] == [204, 204]
        sms.refresh_from_db()
        assert sms.state == SmsState.DELIVERED

    @pytest.mark.parametrize("changed", [{SIGNATURE: "v1,AAAA"}, {SIGNATURE: ""}, {"webhook-timestamp": "1"}])
    def test_refuses_forgeries(self, sms: Sms, changed: dict[str, str]) -> None:
        answer = post(notice({"id": str(sms.id), "state": "delivered"}), **changed)
        assert (answer.status_code, answer.content) == (401, b"REPORT_NOT_GENUINE")
        sms.refresh_from_db()
        assert sms.state == SmsState.SENT

    def test_refuses_everything_without_a_secret(self, sms: Sms, settings: Settings) -> None:
        settings.SMS_HTTP_SECRET = ""
        assert post(notice({"id": str(sms.id), "state": "delivered"})).status_code == 401

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b'{"reports": {}}',
            b'{"reports": [1]}',
            b'{"reports": [{"id": 1, "state": "delivered"}]}',
            b'{"reports": [{"id": "a", "state": "gone"}]}',
            b'{"reports": [{"id": "a", "state": ["delivered"]}]}',
            b'{"reports": [{"id": "a\\u0000", "state": "delivered"}]}',
            b'{"reports": [{"id": "a", "state": "delivered", "at": "yesterday"}]}',
            b'{"reports": [{"id": "a", "state": "delivered", "at": "2026-11-22T15:00:00"}]}',
            b'{"reports": [{"id": "a", "state": "delivered", "at": 5}]}',
            b"[" * 100_000,
            notice(*[{"id": "a", "state": "delivered"}] * 1001),
        ],
    )
    def test_refuses_what_it_cannot_read_and_keeps_none_of_it(self, body: bytes) -> None:
        answer = post(body)
        assert (answer.status_code, answer.content) == (400, b"REPORT_UNREADABLE")
        assert NetworkMessage.objects.count() == 0

    def test_is_posted_to(self) -> None:
        assert Client().get(ADDRESS).status_code == 405
