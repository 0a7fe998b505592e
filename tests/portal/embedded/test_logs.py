from pathlib import Path

from portal.embedded.logs import LogFile


class TestReason:
    def test_is_the_last_alarming_line_of_this_run(self, tmp_path: Path) -> None:
        log = LogFile(tmp_path / "log" / "x.log")
        with log.open_for_run() as output:
            output.write(b"FATAL: of an earlier run\n")
        with log.open_for_run() as output:
            output.write(b"starting\nFATAL: no room\nshutting down\n")
        assert log.reason() == f"FATAL: no room. (Log: {log.path})"

    def test_tells_what_postgres_adds_and_not_when_it_said_it(self, tmp_path: Path) -> None:
        log = LogFile(tmp_path / "x.log")
        with log.open_for_run() as output:
            output.write(
                b"2026-11-22 14:54:03.126 UTC [22961] FATAL:  no\n2026-11-22 14:54:03.127 UTC [22961] DETAIL:  why\n"
            )
        assert log.reason() == f"FATAL:  no DETAIL:  why. (Log: {log.path})"

    def test_says_so_when_there_is_nothing(self, tmp_path: Path) -> None:
        log = LogFile(tmp_path / "x.log")
        log.open_for_run().close()
        assert log.reason() == f"it said nothing. (Log: {log.path})"


class TestPutAsideWhenLarge:
    def test_empties_the_file_under_its_writer(self, tmp_path: Path) -> None:
        log = LogFile(tmp_path / "x.log", limit_bytes=5)
        with log.open_for_run() as output:
            output.write(b"more than five bytes\n")
            log.put_aside_when_large()
            output.write(b"next\n")
        assert log.path.read_bytes() == b"next\n"
        assert (tmp_path / "x.log.1").read_bytes() == b"more than five bytes\n"
