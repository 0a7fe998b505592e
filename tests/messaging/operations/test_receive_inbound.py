import uuid
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from messaging.events import inbound_received
from messaging.models import Inbound, InboundKind
from messaging.operations.receive_inbound import receive_inbound
from tests.factories.messaging import NOW, make_line, receive_text

pytestmark = pytest.mark.django_db

Notice = tuple[uuid.UUID, uuid.UUID]


@pytest.fixture
def notices() -> Iterator[list[Notice]]:
    """(account, inbound) of each notice given."""
    given: list[Notice] = []

    def note(account_id: uuid.UUID, inbound_id: uuid.UUID, **_future: object) -> None:
        given.append((account_id, inbound_id))

    inbound_received.connect(note)
    yield given
    inbound_received.disconnect(note)


class TestReceiveInbound:
    def test_stores_a_text_and_gives_notice_after_the_commit(
        self, notices: list[Notice], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_line()
        with django_capture_on_commit_callbacks(execute=True):
            inbound_id = receive_inbound(
                account_id=line.account_id,
                kind=InboundKind.SMS,
                from_msisdn=line.msisdn,
                to_number="10086",
                body=" 是 4821 ",
                gateway_message_id="mo-1",
                now=NOW,
            )
            assert notices == []
        inbound = Inbound.objects.get(account_id=line.account_id)
        assert (inbound.id, inbound.kind, inbound.from_msisdn) == (inbound_id, "SMS", line.msisdn)
        assert (inbound.to_number, inbound.body, inbound.received_at) == ("10086", " 是 4821 ", NOW)
        assert (inbound.answered_at, inbound.attempts) == (None, 0)
        assert notices == [(line.account_id, inbound_id)]

    def test_takes_a_repeated_delivery_as_the_same(
        self, notices: list[Notice], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_line()
        with django_capture_on_commit_callbacks(execute=True):
            first = receive_text(line, "CXYE", gateway_message_id="mo-1")
            again = receive_text(line, "CXYE", gateway_message_id="mo-1")
        assert again == first
        assert Inbound.objects.count() == 1
        assert len(notices) == 1

    def test_keeps_what_fits_of_a_long_text(self) -> None:
        receive_text(make_line(), "\x00" + "长" * 1001)
        assert Inbound.objects.get().body == "长" * 1000

    def test_survives_a_receiver_that_fails(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        def fail(**_notice: object) -> None:
            raise RuntimeError("receiver is broken")

        inbound_received.connect(fail)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                receive_text(make_line(), "CXYE")
        finally:
            inbound_received.disconnect(fail)
        assert Inbound.objects.count() == 1

    def test_gives_no_notice_of_what_was_rolled_back(
        self, notices: list[Notice], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        line = make_line()
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            receive_text(line, "CXYE")
            transaction.set_rollback(True)
        assert (notices, Inbound.objects.count()) == ([], 0)
