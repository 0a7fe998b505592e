from types import SimpleNamespace
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from kernel import enqueue


class FakeSignature:
    def __init__(self, sent: list[str], name: str, error: Exception | None) -> None:
        self.sent, self.name, self.error = sent, name, error

    def apply_async(self, *, retry: bool, countdown: float) -> None:
        assert not retry
        if self.error:
            raise self.error
        self.sent.append(f"{self.name} in {countdown}" if countdown else self.name)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, in a list of one: it stands still unless it is set."""
    at = [1000.0]
    monkeypatch.setattr(enqueue, "time", SimpleNamespace(monotonic=lambda: at[0]))
    return at


@pytest.fixture
def nudger(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> tuple[enqueue._Nudger, list[str], dict[str, Exception | None]]:
    sent: list[str] = []
    state: dict[str, Exception | None] = {"error": None}
    monkeypatch.setattr(
        "celery.current_app.signature", lambda name, kwargs: FakeSignature(sent, name, state["error"]), raising=False
    )
    return enqueue._Nudger(), sent, state


class TestNudger:
    def test_sends_one_nudge_for_many_in_one_interval(self, nudger: Any) -> None:
        sender, sent, _state = nudger
        for _ in range(50):
            sender.send_coalesced("messaging.deliver_sms")
        assert sent == ["messaging.deliver_sms"]

    def test_sends_again_after_the_interval(self, nudger: Any, clock: list[float]) -> None:
        sender, sent, _state = nudger
        sender.send_coalesced("a.task")
        clock[0] += enqueue.COALESCE_SECONDS + 0.001
        sender.send_coalesced("a.task")
        assert sent == ["a.task", "a.task"]

    def test_leaves_a_dead_broker_alone_and_raises_nothing(self, nudger: Any, clock: list[float]) -> None:
        sender, sent, state = nudger
        state["error"] = OperationalError("gone")
        sender.send("a.task", {})
        state["error"] = None
        sender.send("a.task", {})
        assert sent == []
        clock[0] += enqueue.BROKER_PAUSE_SECONDS
        sender.send("a.task", {})
        assert sent == ["a.task"]


class TestLookAgain:
    def test_sends_the_task_when_the_interval_is_over_and_does_not_wait_for_it(
        self, nudger: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sender, sent, _state = nudger
        monkeypatch.setattr(enqueue, "_nudger", sender)
        enqueue.look_again("a.task", is_second_look=True)
        assert sent == [f"a.task in {enqueue.COALESCE_SECONDS}"]
