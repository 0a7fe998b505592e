"""What can be wrong around the hall, found before anything heavy is started and said in one sentence."""

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import environ
import psycopg2
import redis

from portal.embedded.programs import OLDEST_POSTGRES
from portal.embedded.refusal import StartRefused

FREE_BYTES_FOR_FIRST_START = 500_000_000
FREE_BYTES_FOR_LATER_STARTS = 100_000_000
CONNECT_SECONDS = 5


def read_port(environment: Mapping[str, str]) -> int:
    """Return PORT, 8000 unless set.

    :raises StartRefused: it is not a port number.
    """
    given = environment.get("PORT", "") or "8000"
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= 65535):
        raise StartRefused(f"PORT is {given!r}, which is not a number from 1 to 65535.")
    return int(given)


def check_port_is_free(host: str, port: int) -> None:
    """:raises StartRefused: another program listens there, or we may not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartRefused(
                    f"Port {port} is in use by another program; stop it, or choose a port: PORT={_next(port)} bin/serve"
                ) from error
            raise StartRefused(f"Port {port} on {host} cannot be used: {error.strerror}.") from error


def _next(port: int) -> int:
    return port + 1 if port < 65535 else 8000


def check_disk(var: Path) -> None:
    """:raises StartRefused: there is too little room below `var` for the database to live."""
    first_start = not (var / "postgres").exists()
    needed = FREE_BYTES_FOR_FIRST_START if first_start else FREE_BYTES_FOR_LATER_STARTS
    free = shutil.disk_usage(var).free
    if free < needed:
        raise StartRefused(
            f"The disk of {var} has {free // 1_000_000} MB left and the hall needs {needed // 1_000_000} MB: "
            "make room, or set HALL_VAR to a folder on another disk."
        )


def hold_lock(var: Path) -> IO[str]:
    """Claim `var` for this process for as long as it lives; keep the file that is returned.

    :raises StartRefused: another hall runs on it.
    """
    lock = (var / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        raise StartRefused(
            f"The hall is already running on {var} (process {lock.read().strip() or 'unknown'}); "
            "stop that one, or set HALL_VAR to another folder."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def check_database_url(url: str) -> None:
    """:raises StartRefused: no PostgreSQL that is new enough lets us in there."""
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise StartRefused("DATABASE_URL must begin with postgres://, for example postgres://hall:secret@db/hall")
    try:
        connection = psycopg2.connect(**_connection_arguments(environ.Env.db_url_config(url)))
        version = connection.server_version // 10_000
        connection.close()
    except ValueError as error:
        raise StartRefused(f"DATABASE_URL cannot be read: {error}.") from error
    except psycopg2.Error as error:
        raise StartRefused(f"DATABASE_URL leads to no database: {_first_line(error)}.") from error
    if version < OLDEST_POSTGRES:
        raise StartRefused(f"DATABASE_URL leads to PostgreSQL {version}; the hall needs {OLDEST_POSTGRES} or newer.")


def _connection_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    arguments = {name: config[key] for key, name in names.items() if config.get(key)}
    return {"connect_timeout": CONNECT_SECONDS, **arguments, **config.get("OPTIONS", {})}


def check_redis_url(url: str) -> None:
    """:raises StartRefused: no Redis lets us in there."""
    if urlsplit(url).scheme not in ("redis", "rediss"):
        raise StartRefused("REDIS_URL must begin with redis:// or rediss://, for example redis://:secret@cache:6379/0")
    try:
        client = redis.Redis.from_url(url, socket_timeout=CONNECT_SECONDS, socket_connect_timeout=CONNECT_SECONDS)
        client.ping()
    except ValueError as error:
        raise StartRefused(f"REDIS_URL cannot be read: {error}.") from error
    except redis.RedisError as error:
        raise StartRefused(f"REDIS_URL leads to no Redis: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].strip().rstrip(".")
