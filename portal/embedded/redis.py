"""An embedded Redis on a free loopback port, behind a password made for this run. It keeps nothing on disk."""

import os
import pwd
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

import redis

from portal.embedded.child import Child
from portal.embedded.folders import server_user
from portal.embedded.logs import LogFile
from portal.embedded.programs import find_redis_server

# A nudge that does not fit is refused, not evicted: the sweepers find what it would have told.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
databases 64
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class EmbeddedRedis:
    """A prepared server: start `child`, wait until it is ready, and use `url`."""

    child: Child
    port: int
    password: str

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"


def embedded_redis(var: Path) -> EmbeddedRedis:
    """Prepare a server whose configuration, with the password, is in `var/run`.

    :raises StartRefused: there is no program.
    """
    program = find_redis_server()
    user = server_user(var / "postgres")
    port, password = _free_port(), secrets.token_urlsafe(24)
    configuration = var / "run" / "redis.conf"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.unlink(missing_ok=True)
    configuration.touch(mode=0o600)
    configuration.write_text(CONFIGURATION.format(port=port, password=password))
    if user:
        os.chown(configuration, pwd.getpwnam(user).pw_uid, -1)
    server = EmbeddedRedis(
        port=port,
        password=password,
        child=Child(
            name="Redis",
            command=[program, configuration],
            log=LogFile(var / "log" / "redis.log"),
            is_ready=lambda: _answers(server.url()),
            run_as=user,
            reading=[program, configuration],
        ),
    )
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1).ping())
    except redis.RedisError:
        return False
