from datetime import timedelta
from typing import Any

import pytest
import requests
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from billing.gateways.sandbox import SandboxProvider
from billing.models import SandboxPayment, TopUp
from billing.operations.expire_top_ups import expire_top_ups
from billing.operations.sandbox_cashier import (
    LATE_NOTICE_SECONDS,
    MOST_NOTICES,
    Telling,
    decide_sandbox_payment,
    send_sandbox_notices,
)
from kernel.clock import now
from kernel.errors import NotFound
from tests.factories.billing import EXPIRES, NOW, PAYER, make_line, make_top_up, wallet_of

LATER = NOW + timedelta(seconds=20)


@pytest.fixture
def top_up(db: None) -> TopUp:
    top_up = make_top_up(make_line())
    SandboxProvider().create_payment(
        payment_number=top_up.payment_number,
        amount_fen=50_00,
        title="充值",
        return_path="/r/",
        payer=PAYER,
        expires_at=EXPIRES,
        now=NOW,
    )
    return top_up


def decide(top_up: TopUp, *, paid: bool) -> SandboxPayment:
    return decide_sandbox_payment(payment_number=top_up.payment_number, paid=paid, now=NOW)


class TestDecideSandboxPayment:
    def test_notes_the_decision_and_that_the_hall_must_be_told(self, top_up: TopUp) -> None:
        row = decide(top_up, paid=True)
        assert (row.outcome, row.decided_at, row.notice_due_at, row.return_path) == ("PAID", NOW, NOW, "/r/")
        assert TopUp.objects.get().state == "PENDING"

    def test_lets_the_first_decision_stand(self, top_up: TopUp) -> None:
        decide(top_up, paid=True)
        assert decide(top_up, paid=False).outcome == "PAID"

    def test_knows_no_other_payment(self, top_up: TopUp) -> None:
        with pytest.raises(NotFound):
            decide_sandbox_payment(payment_number="other", paid=True, now=NOW)


class Wire:
    """Stands where the network is: answers as told and keeps what was posted."""

    def __init__(self) -> None:
        self.status, self.content = 200, b"success"
        self.error: Exception | None = None
        self.posted: list[tuple[str, bytes]] = []

    def post(self, url: str, *, data: bytes, **_options: Any) -> requests.Response:
        self.posted.append((url, data))
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code, answer._content = self.status, self.content
        return answer


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setattr(requests, "post", wire.post)
    return wire


class TestSendSandboxNotices:
    def test_posts_to_the_hall_once_it_has_heard(self, top_up: TopUp, wire: Wire) -> None:
        decide(top_up, paid=True)
        assert [send_sandbox_notices(now=NOW), send_sandbox_notices(now=LATER)] == [1, 0]
        assert [url for url, _body in wire.posted] == ["http://127.0.0.1:8000/payment-callback/sandbox/"]
        assert SandboxPayment.objects.get().notice_due_at is None

    @pytest.mark.parametrize(
        ("status", "content", "error"),
        [
            (500, b"", None),
            (400, b"NOTICE_NOT_RECENT", None),
            (200, b"something else", None),
            (302, b"success", None),
            (0, b"", requests.ConnectionError()),
            (0, b"", requests.Timeout()),
        ],
    )
    def test_posts_again_until_the_hall_has_heard(
        self, top_up: TopUp, wire: Wire, status: int, content: bytes, error: Exception | None
    ) -> None:
        decide(top_up, paid=True)
        wire.status, wire.content, wire.error = status, content, error
        assert send_sandbox_notices(now=NOW) == 0
        assert send_sandbox_notices(now=NOW + timedelta(seconds=14)) == 0
        assert len(wire.posted) == 1
        wire.status, wire.content, wire.error = 200, b"success", None
        assert send_sandbox_notices(now=LATER) == 1
        assert len(wire.posted) == 2

    def test_gives_up_at_last(self, top_up: TopUp, wire: Wire) -> None:
        decide(top_up, paid=True)
        wire.status = 500
        for number in range(MOST_NOTICES + 2):
            send_sandbox_notices(now=NOW + timedelta(minutes=number))
        assert len(wire.posted) == MOST_NOTICES

    def test_says_nothing_of_a_payment_that_is_open(self, top_up: TopUp, wire: Wire) -> None:
        assert send_sandbox_notices(now=NOW) == 0
        assert wire.posted == []


class TestTelling:
    def tell(self, top_up: TopUp, telling: Telling) -> None:
        decide_sandbox_payment(payment_number=top_up.payment_number, paid=True, now=NOW, telling=telling)

    def test_can_be_late(self, top_up: TopUp, wire: Wire) -> None:
        self.tell(top_up, Telling.LATE)
        assert send_sandbox_notices(now=NOW + timedelta(seconds=LATE_NOTICE_SECONDS - 1)) == 0
        assert send_sandbox_notices(now=NOW + timedelta(seconds=LATE_NOTICE_SECONDS)) == 1

    def test_can_be_done_twice(self, top_up: TopUp, wire: Wire) -> None:
        self.tell(top_up, Telling.TWICE)
        assert [send_sandbox_notices(now=NOW + timedelta(seconds=20 * number)) for number in range(4)] == [1, 1, 0, 0]
        assert len({body for _url, body in wire.posted}) == 1

    def test_can_be_left_out_and_the_first_question_be_lost(self, top_up: TopUp, wire: Wire) -> None:
        self.tell(top_up, Telling.NEVER)
        assert send_sandbox_notices(now=NOW + timedelta(days=1)) == 0
        assert expire_top_ups(now=EXPIRES) == 1
        assert TopUp.objects.get().state == "UNKNOWN"
        assert expire_top_ups(now=EXPIRES + timedelta(minutes=5)) == 1
        assert TopUp.objects.get().state == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)


@pytest.mark.django_db(transaction=True)
class TestOverTheWire:
    @pytest.mark.parametrize(("paid", "state", "cash_fen"), [(True, "SUCCEEDED", 50_00), (False, "FAILED", 0)])
    def test_the_hall_hears_and_acts(
        self, live_server: LiveServer, settings: Settings, paid: bool, state: str, cash_fen: int
    ) -> None:
        settings.PUBLIC_URL = live_server.url
        top_up = make_top_up(make_line())
        SandboxProvider().create_payment(
            payment_number=top_up.payment_number,
            amount_fen=50_00,
            title="充值",
            return_path="/r/",
            payer=PAYER,
            expires_at=EXPIRES,
            now=now(),
        )
        decide_sandbox_payment(payment_number=top_up.payment_number, paid=paid, now=now())
        assert send_sandbox_notices(now=now()) == 1
        assert TopUp.objects.get().state == state
        assert wallet_of(top_up.account_id)[0] == cash_fen
