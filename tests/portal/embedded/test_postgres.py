import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.embedded import postgres as postgres_module
from portal.embedded.child import stop_together
from portal.embedded.postgres import EmbeddedPostgres, embedded_postgres
from portal.embedded.refusal import StartRefused

Start = Callable[[Path], EmbeddedPostgres]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers on folders, and stops them after the test."""
    started: list[EmbeddedPostgres] = []

    def start_on(var: Path) -> EmbeddedPostgres:
        server = embedded_postgres(var, durable=False)
        server.child.start()
        started.append(server)
        server.child.wait_until_ready(seconds=60, pause=time.sleep)
        server.create_database()
        return server

    try:
        yield start_on
    finally:
        stop_together([server.child for server in started], grace_seconds=3)


def answer(server: EmbeddedPostgres, query: str) -> object:
    connection = psycopg2.connect(server.url())
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


class TestEmbeddedPostgres:
    def test_keeps_its_data_over_a_kill_on_any_path(self, start: Start, tmp_path: Path) -> None:
        var = tmp_path / ("a folder, of 营业厅 " + "x" * 90)
        server = start(var)
        assert answer(server, "SELECT current_user::text, lower('ÄÖ'), current_setting('listen_addresses')") == (
            ("hall", "äö", "")
        )
        answer(server, "CREATE TABLE kept AS SELECT 7 AS number")
        server.child.kill()

        again = start(var)
        assert answer(again, "SELECT number FROM kept") == (7,)
        stop_together([again.child], grace_seconds=3)
        assert not again.sockets.exists()

    def test_lets_nobody_else_near_its_socket(self, start: Start, tmp_path: Path) -> None:
        server = start(tmp_path)
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        with pytest.raises(psycopg2.OperationalError, match="[Pp]eer authentication failed"):
            psycopg2.connect(server.url().replace("//hall@", "//postgres@"))

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that the server's user cannot enter")
    def test_works_for_root_in_a_folder_that_only_root_may_enter(self, start: Start, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        server = start(closed / "var")
        assert answer(server, "SELECT 1") == (1,)
        process = server.child.process
        assert process is not None
        assert Path(f"/proc/{process.pid}").stat().st_uid != 0

    def test_starts_though_the_process_number_of_a_killed_server_is_a_strangers_now(
        self, start: Start, tmp_path: Path
    ) -> None:
        server = start(tmp_path)
        lock = tmp_path / "postgres" / "postmaster.pid"
        content = lock.read_text()
        stop_together([server.child], grace_seconds=3)
        lock.write_text(content.replace(content.split("\n", 1)[0], str(os.getppid()), 1))
        assert answer(start(tmp_path), "SELECT 1") == (1,)

    def test_says_in_one_sentence_why_its_data_cannot_be_made(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres_module, "ROLE", "pg_reserved")
        with pytest.raises(StartRefused, match="could not be made: .*superuser name") as refusal:
            embedded_postgres(tmp_path)
        assert "\n" not in str(refusal.value)
        assert not (tmp_path / "postgres").exists()
        assert not (tmp_path / "postgres.partial").exists()

    def test_says_in_one_sentence_why_it_does_not_start(self, start: Start, tmp_path: Path) -> None:
        stop_together([start(tmp_path).child], grace_seconds=3)
        (tmp_path / "postgres" / "PG_VERSION").write_text("9.6\n")
        with pytest.raises(StartRefused, match="PostgreSQL did not start: FATAL: .*version 9.6") as refusal:
            start(tmp_path)
        assert "\n" not in str(refusal.value)
