import sys
import time
from pathlib import Path

import pytest

from portal.embedded.child import Child, stop_together
from portal.embedded.logs import LogFile
from portal.embedded.refusal import StartRefused
from portal.supervisor import keeper
from portal.supervisor.keeper import keep_alive
from tests.halls import is_running, wait_for

LIVES_ON = "import time; time.sleep(600)"
DIES_SOON = "raise SystemExit('ERROR: no room')"


class EnoughSeen(Exception):
    pass


def child_running(code: str, folder: Path) -> Child:
    return Child("The program", [sys.executable, "-c", code], LogFile(folder / "program.log"))


class TestKeepAlive:
    def test_starts_a_child_again_that_died(self, tmp_path: Path) -> None:
        child = child_running(LIVES_ON, tmp_path)
        child.start()
        assert child.process is not None
        first = child.process.pid
        child.process.kill()
        said: list[str] = []

        def pause(seconds: float) -> None:
            if child.is_alive and child.process and child.process.pid != first:
                raise EnoughSeen
            time.sleep(min(seconds, 0.05))

        try:
            with pytest.raises(EnoughSeen):
                keep_alive([child], say=said.append, noted=lambda: None, pause=pause)
        finally:
            stop_together([child], grace_seconds=3)
        assert said == [f"The program ended unexpectedly; starting it again. (Log: {child.log.path})"]

    def test_gives_up_with_the_reason_on_one_that_dies_again_and_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeper, "FIRST_DELAY_SECONDS", 0.01)
        monkeypatch.setattr(keeper, "STEADY_SECONDS", 600.0)  # however slowly it starts, it dies early
        child = child_running(DIES_SOON, tmp_path)
        child.start()
        noted: list[int] = []
        with pytest.raises(StartRefused, match="The program ended 6 times in a row: ERROR: no room"):
            keep_alive([child], say=lambda text: None, noted=lambda: noted.append(1), pause=lambda s: time.sleep(0.02))
        assert len(noted) == 5
        assert not child.is_alive


class TestStopTogether:
    def test_kills_what_ignores_its_stop_signal_and_all_in_its_session(self, tmp_path: Path) -> None:
        grandchild = tmp_path / "pid"
        code = (
            "import pathlib, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
            f"pathlib.Path({str(grandchild)!r}).write_text(str(p.pid)); time.sleep(600)"
        )
        child = child_running(code, tmp_path)
        child.is_ready = lambda: grandchild.exists() and grandchild.read_text() != ""
        child.start()
        child.wait_until_ready(seconds=60, pause=time.sleep)
        stop_together([child], grace_seconds=0.3)
        assert not child.is_alive
        wait_for(lambda: not is_running(int(grandchild.read_text())), seconds=30)
