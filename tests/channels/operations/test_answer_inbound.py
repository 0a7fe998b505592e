import uuid
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Line, NumberDirectory
from channels.capabilities import balance
from channels.models import Interaction
from channels.operations.answer_inbound import answer_inbound
from channels.tasks import SWEEP_AFTER, sweep_inbound
from kernel.clock import now as current_instant
from messaging.models import Inbound, Sms
from tests.factories.billing import make_line
from tests.factories.channels import uses_of
from tests.factories.messaging import NOW, receive_call, receive_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """The balance cannot be asked for."""

    def fail(account_id: uuid.UUID) -> None:
        raise ZeroDivisionError("poison")

    monkeypatch.setattr(balance, "get_balance", fail)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """Name and arguments of the tasks that are sent."""
    tasks: list[tuple[str, dict[str, str]]] = []

    def note(task_name: str, **arguments: str) -> None:
        tasks.append((task_name, arguments))

    monkeypatch.setattr("channels.receivers.enqueue_after_commit", note)
    monkeypatch.setattr("channels.tasks.enqueue_after_commit", note)
    return tasks


def answer(line: Line, inbound_id: uuid.UUID) -> None:
    answer_inbound(account_id=line.account_id, inbound_id=inbound_id, now=NOW)


class TestAnswerInbound:
    def test_marks_answers_and_counts_in_one_go(self, line: Line) -> None:
        inbound_id = receive_text(line, "CXYE")
        answer(line, inbound_id)
        inbound = Inbound.objects.get(account_id=line.account_id)
        assert (inbound.answered_at, inbound.attempts) == (NOW, 1)
        assert Sms.objects.get().dedup_key == f"answer:{inbound_id}:1"
        assert uses_of(line) == [("SMS", "balance", "OK")]

    def test_answers_once_however_often_it_is_told_to(self, line: Line) -> None:
        inbound_id = receive_text(line, "CXYE")
        answer(line, inbound_id)
        answer(line, inbound_id)
        assert (Sms.objects.count(), Interaction.objects.count()) == (1, 1)
        assert Inbound.objects.get().attempts == 1

    def test_does_nothing_for_what_does_not_exist(self, line: Line) -> None:
        answer(line, uuid.uuid4())
        assert (Sms.objects.count(), Interaction.objects.count()) == (0, 0)

    def test_answers_nobody_once_the_number_is_gone(self, line: Line) -> None:
        inbound_id = receive_text(line, "CXYE")
        NumberDirectory.objects.filter(msisdn=line.msisdn).delete()
        answer(line, inbound_id)
        assert Sms.objects.count() == 0
        assert Inbound.objects.get().answered_at == NOW
        assert uses_of(line) == [("SMS", "balance", "NUMBER_UNKNOWN")]

    def test_tells_nothing_to_whoever_has_the_number_now(self, line: Line) -> None:
        inbound_id = receive_text(line, "CXYE")
        other = make_line()
        NumberDirectory.objects.filter(msisdn=line.msisdn).update(account_id=other.account_id, line_id=other.id)
        answer(line, inbound_id)
        assert Sms.objects.count() == 0
        assert uses_of(line) == [("SMS", "balance", "NUMBER_UNKNOWN")]

    @pytest.mark.usefixtures("poison")
    def test_leaves_nothing_of_a_failed_try_but_its_count(self, line: Line) -> None:
        inbound_id = receive_text(line, "CXYE")
        with pytest.raises(ZeroDivisionError):
            answer(line, inbound_id)
        inbound = Inbound.objects.get()
        assert (inbound.attempts, inbound.answered_at) == (1, None)
        assert (Sms.objects.count(), Interaction.objects.count()) == (0, 0)

    @pytest.mark.usefixtures("poison")
    def test_gives_up_after_three_tries_and_says_so(self, line: Line) -> None:
        inbound_id = receive_text(line, "CXYE")
        for _try in range(3):
            with pytest.raises(ZeroDivisionError):
                answer(line, inbound_id)
        answer(line, inbound_id)
        assert [sms.body for sms in Sms.objects.all()] == [
            "【和风通信】抱歉，您的请求暂时无法处理，未办理任何业务。请稍后再试，或致电10086。"
        ]
        inbound = Inbound.objects.get()
        assert (inbound.attempts, inbound.answered_at) == (3, None)
        assert uses_of(line) == [("SMS", "unread", "GIVEN_UP")]

    @pytest.mark.usefixtures("poison")
    def test_says_so_in_english(self) -> None:
        line = make_line(language="en")
        inbound_id = receive_text(line, "CXYE")
        for _try in range(3):
            with pytest.raises(ZeroDivisionError):
                answer(line, inbound_id)
        assert Sms.objects.get().body == (
            "[Hefeng Telecom] Sorry, your request could not be dealt with and nothing was changed. Try again later or"
            " call 10086."
        )

    @pytest.mark.usefixtures("poison")
    def test_of_a_neighbour_is_not_held_up(self, line: Line) -> None:
        with pytest.raises(ZeroDivisionError):
            answer(line, receive_text(line, "CXYE"))
        answer(line, receive_text(line, "menu"))
        assert uses_of(line) == [("SMS", "menu", "OK")]


class TestNotices:
    def test_hand_what_came_to_a_worker_after_the_commit(
        self,
        line: Line,
        sent: list[tuple[str, dict[str, str]]],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            inbound_id = receive_call(line, "1008611")
        arguments = {"account_id": str(line.account_id), "inbound_id": str(inbound_id)}
        assert sent == [("channels.answer_inbound", arguments)]


class TestSweepInbound:
    def ids(self, sent: list[tuple[str, dict[str, Any]]]) -> list[str]:
        return [arguments["inbound_id"] for _name, arguments in sent]

    def test_hands_over_again_what_nobody_answered(self, line: Line, sent: list[tuple[str, dict[str, str]]]) -> None:
        lost = receive_text(line, "CXYE", now=current_instant() - SWEEP_AFTER)
        receive_text(line, "CXLL", now=current_instant())
        sweep_inbound()
        assert self.ids(sent) == [str(lost)]

    @pytest.mark.usefixtures("poison")
    def test_leaves_alone_what_was_given_up(self, line: Line, sent: list[tuple[str, dict[str, str]]]) -> None:
        inbound_id = receive_text(line, "CXYE")
        for _try in range(3):
            with pytest.raises(ZeroDivisionError):
                answer(line, inbound_id)
        sweep_inbound()
        assert self.ids(sent) == []
