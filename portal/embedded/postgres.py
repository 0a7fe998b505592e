"""An embedded PostgreSQL: made on first use, reached over a Unix socket that nobody else may enter."""

import contextlib
import os
import pwd
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from portal.embedded.child import Child, Pause
from portal.embedded.folders import private_folder, server_user, socket_folder
from portal.embedded.logs import LogFile
from portal.embedded.programs import find_postgres_bin, postgres_version
from portal.embedded.refusal import StartRefused

ROLE = "hall"
DATABASE = "hall"
SOCKET_NAME = ".s.PGSQL.5432"
FIRST_VERSION_WITH_BUILTIN_LOCALE = 17

# For a machine with two cores and a few gigabytes that does other things as well.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2s",
}
# Money is acknowledged when it is on disk. A suite whose data lives for minutes need not wait for the disk, but its
# races take 64 connections each, in several processes.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "max_connections": "400"}


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A prepared server.

    :ivar child: start it, wait until it is ready, then call `create_database`.
    :ivar sockets: the folder of its socket.
    """

    child: Child
    sockets: Path

    def url(self, database: str = DATABASE) -> str:
        """Return the address in a form that both libpq and django-environ read."""
        return f"postgres://{ROLE}@/{database}?host={quote(str(self.sockets), safe='')}"

    def create_database(self, name: str = DATABASE) -> None:
        """Create a database unless it is there."""
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not cursor.fetchone():
                cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()


def embedded_postgres(var: Path, *, durable: bool = True, pause: Pause = time.sleep) -> EmbeddedPostgres:
    """Prepare a server whose data is in `var/postgres`, making that on first use.

    :param durable: False for data that may be lost with the machine's power.
    :raises StartRefused: there is no program, or the data cannot be made.
    """
    programs = find_postgres_bin()
    data = var / "postgres"
    user = server_user(data)
    log = LogFile(var / "log" / "postgres.log")
    if not (data / "PG_VERSION").exists():
        _initialise(data, programs=programs, user=user, log=log, pause=pause)
    sockets = socket_folder(var / "run", socket_name=SOCKET_NAME, owner=user)
    _let_only_us_in(data)
    settings = SETTINGS | (DURABLE if durable else THROW_AWAY) | {"unix_socket_directories": f'"{sockets}"'}
    server = EmbeddedPostgres(
        sockets=sockets,
        child=Child(
            name="PostgreSQL",
            command=[programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
            log=log,
            is_ready=lambda: _accepts_connections(server.url("postgres")),
            before_start=lambda: _clear_away_leftovers(data, private_folder(sockets, owner=user)),
            after_end=lambda: _remove_if_empty(sockets),
            # Fast: cut connections and write everything out; then immediate: recovery at the next start.
            stop_signals=(signal.SIGINT, signal.SIGQUIT),
            run_as=user,
            reading=_readable_paths(programs, data),
        ),
    )
    return server


def _readable_paths(programs: Path, data: Path) -> list[Path]:
    return [programs / "postgres", programs.parent / "lib", programs.parent / "share", data]


def _initialise(data: Path, *, programs: Path, user: str | None, log: LogFile, pause: Pause) -> None:
    """Make the data folder beside its place and move it there, so that a half-made one is never taken for whole."""
    partial = data.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    private_folder(partial, owner=user)
    locale = ["--locale=C.UTF-8"]
    if postgres_version(programs) >= FIRST_VERSION_WITH_BUILTIN_LOCALE:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = Child(
        name="Making the PostgreSQL data folder",
        command=[
            *(programs / "initdb", "-D", partial, "-U", ROLE, "-E", "UTF8", "--data-checksums", "--no-instructions"),
            *("--auth-local=peer", "--auth-host=reject", *locale),
        ],
        log=log,
        run_as=user,
        reading=_readable_paths(programs, partial),
    )
    initdb.start()
    try:
        while initdb.is_alive:
            pause(0.05)
    finally:
        initdb.kill()
    if initdb.process is None or initdb.process.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise StartRefused(f"The PostgreSQL data folder {data} could not be made: {log.reason()}")
    partial.rename(data)


def _let_only_us_in(data: Path) -> None:
    """Let the operating system vouch for who connects: whoever starts the hall, and nobody else, is its role."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    (data / "pg_ident.conf").write_text(f'hall "{me}" {ROLE}\n')
    (data / "pg_hba.conf").write_text("local all all peer map=hall\n")


def _clear_away_leftovers(data: Path, sockets: Path) -> None:
    """Remove the lock file of a killed server whose process number belongs to a stranger by now.

    PostgreSQL deals with a number that is nobody's, and with processes of the old server that still live.

    :raises StartRefused: a server that we did not start does run on this data.
    """
    lock = data / "postmaster.pid"
    if lock.exists():
        process = Path("/proc") / lock.read_text().split("\n", 1)[0].strip()
        if _works_in(process, data):
            raise StartRefused(f"Another PostgreSQL (process {process.name}) is running on {data}: stop it first.")
        if process.exists():
            lock.unlink()
    for leftover in sockets.glob(f"{SOCKET_NAME}*"):
        leftover.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _accepts_connections(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True
