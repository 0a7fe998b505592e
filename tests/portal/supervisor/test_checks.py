import os
import socket
from pathlib import Path

import pytest

from portal.embedded.refusal import StartRefused
from portal.supervisor import checks
from portal.supervisor.checks import (
    check_database_url,
    check_disk,
    check_port_is_free,
    check_redis_url,
    hold_lock,
    read_port,
)
from tests.servers import database_url

NOBODY_THERE = "127.0.0.1:1"


class TestReadPort:
    def test_is_8000_unless_set(self) -> None:
        assert read_port({}) == 8000
        assert read_port({"PORT": "65535"}) == 65535

    @pytest.mark.parametrize("given", ["0", "65536", "-1", "80 ", "http", "８０"])
    def test_refuses_what_is_no_port(self, given: str) -> None:
        with pytest.raises(StartRefused, match="not a number from 1 to 65535"):
            read_port({"PORT": given})


class TestCheckPortIsFree:
    def test_refuses_a_port_that_another_program_shares_willingly(self) -> None:
        with socket.socket() as stranger:
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            stranger.bind(("127.0.0.1", 0))
            stranger.listen()
            port = stranger.getsockname()[1]
            with pytest.raises(StartRefused, match=f"Port {port} is in use .* PORT={port + 1} bin/serve"):
                check_port_is_free("127.0.0.1", port)
        check_port_is_free("127.0.0.1", port)

    def test_refuses_an_address_that_is_not_this_machines(self) -> None:
        with pytest.raises(StartRefused, match=r"Port 8000 on 203\.0\.113\.1 cannot be used"):
            check_port_is_free("203.0.113.1", 8000)


class TestCheckDisk:
    def test_refuses_a_disk_without_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        check_disk(tmp_path)
        monkeypatch.setattr(checks, "FREE_BYTES_FOR_FIRST_START", 10**18)
        with pytest.raises(StartRefused, match="MB left and the hall needs 1000000000000 MB: make room"):
            check_disk(tmp_path)


class TestHoldLock:
    def test_refuses_a_second_hall_on_the_folder(self, tmp_path: Path) -> None:
        with (
            hold_lock(tmp_path),
            pytest.raises(StartRefused, match=rf"already running on .* \(process {os.getpid()}\)"),
        ):
            hold_lock(tmp_path)
        hold_lock(tmp_path).close()


class TestCheckDatabaseUrl:
    def test_lets_a_good_one_pass(self) -> None:
        check_database_url(database_url("postgres"))

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("mysql://hall:Pw0fOurs@db/hall", "DATABASE_URL must begin with postgres://"),
            ("hall", "DATABASE_URL must begin with postgres://"),
            ("postgres://hall:Pw0fOurs@db:port/hall", "DATABASE_URL cannot be read: "),
            (
                f"postgres://hall:Pw0fOurs@{NOBODY_THERE}/hall",
                "DATABASE_URL leads to no database: .*Connection refused",
            ),
        ],
    )
    def test_refuses_others_without_telling_the_password(self, url: str, sentence: str) -> None:
        with pytest.raises(StartRefused, match=sentence) as refusal:
            check_database_url(url)
        assert "Pw0fOurs" not in str(refusal.value)
        assert "\n" not in str(refusal.value)

    def test_refuses_a_database_that_does_not_exist(self) -> None:
        with pytest.raises(StartRefused, match='leads to no database: .*database "nowhere" does not exist'):
            check_database_url(database_url("nowhere"))


class TestCheckRedisUrl:
    def test_lets_a_good_one_pass(self) -> None:
        check_redis_url(os.environ["REDIS_URL"])

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("http://cache", "REDIS_URL must begin with redis://"),
            ("redis://cache:port/0", "REDIS_URL cannot be read: "),
            (f"redis://:Pw0fOurs@{NOBODY_THERE}/0", "REDIS_URL leads to no Redis: .*Connection refused"),
        ],
    )
    def test_refuses_others(self, url: str, sentence: str) -> None:
        with pytest.raises(StartRefused, match=sentence) as refusal:
            check_redis_url(url)
        assert "\n" not in str(refusal.value)

    def test_refuses_a_wrong_password(self) -> None:
        address = os.environ["REDIS_URL"].rsplit("@", 1)[1]
        with pytest.raises(StartRefused, match="REDIS_URL leads to no Redis: .*password"):
            check_redis_url(f"redis://:wrong@{address}")
