"""The order in which the hall opens and closes."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.child import Child, stop_together
from portal.embedded.postgres import EmbeddedPostgres, embedded_postgres
from portal.embedded.redis import embedded_redis
from portal.embedded.refusal import StartRefused
from portal.supervisor import checks, programs
from portal.supervisor.keeper import keep_alive
from portal.supervisor.leftovers import Leftovers
from portal.supervisor.signals import Signals, StopRequested
from portal.supervisor.welcome import welcome

# Together with SIGKILL they keep the promise to be gone within ten seconds of Ctrl-C.
PROGRAM_GRACE_SECONDS = 3.0
SERVER_GRACE_SECONDS = 1.5


@dataclass
class Hall:
    """One running hall on one folder.

    :ivar var: everything that it keeps.
    :ivar given: the environment it was started in.
    :ivar quiet: nothing is said of what goes on.
    """

    var: Path
    given: Mapping[str, str]
    signals: Signals
    began_at: float = field(default_factory=time.monotonic)
    servers: list[Child] = field(default_factory=list)
    programs: list[Child] = field(default_factory=list)
    quiet: bool = False

    def say(self, text: str) -> None:
        if not self.quiet:
            print(f"{time.monotonic() - self.began_at:6.1f} s  {text}", flush=True)

    @property
    def addresses(self) -> Path:
        """The file that tells `bin/manage` where the servers of an open hall are."""
        return self.var / "run" / "addresses.json"

    @property
    def leftovers(self) -> Leftovers:
        return Leftovers(self.var / "run" / "children.json")

    def note_children(self) -> None:
        self.leftovers.note([*self.servers, *self.programs])

    def start(self, child: Child, group: list[Child]) -> None:
        group.append(child)
        child.start()
        self.note_children()

    def open(self) -> None:
        """Start everything, in order, and say where to find it.

        :raises StartRefused: something outside keeps it from starting.
        """
        pause, var = self.signals.pause, self.var
        self.leftovers.await_end(seconds=8, pause=pause)
        host, port = self.given.get("HALL_BIND") or "127.0.0.1", checks.read_port(self.given)
        checks.check_port_is_free(host, port)

        address = self.given.get("HALL_PUBLIC_URL") or f"http://127.0.0.1:{port}"
        environment = {**self.given, **self.start_servers(), "HALL_VAR": str(var), "HALL_PUBLIC_URL": address}
        report = self.prepare(environment)

        host_name = (self.given.get("HALL_HOSTS") or "127.0.0.1").split(",")[0].strip()
        web = programs.web_server(host, port, host_name=host_name, var=var, environment=environment)
        worker = programs.worker(f"hall-{port}", var=var, environment=environment)
        others = [programs.scheduler(var=var, environment=environment)]
        if report["demo"] and self.given.get("HALL_SIMULATE", "1") != "0":
            others.append(programs.simulator(var=var, environment=environment))
        self.say("Starting " + ", ".join(child.name[0].lower() + child.name[1:] for child in (web, worker, *others)))
        for child in (web, worker, *others):
            self.start(child, self.programs)
        web.wait_until_ready(seconds=60, pause=pause)
        worker.wait_until_ready(seconds=60, pause=pause)
        self.say("All is running")
        print(welcome(address, report, logs=var / "log"), flush=True)

    def start_servers(self) -> dict[str, str]:
        """Start the servers that no URL names, check those that one does, and return both addresses."""
        checks.check_disk(self.var)
        database_url, redis_url = self.given.get("DATABASE_URL", ""), self.given.get("REDIS_URL", "")
        if database_url:
            checks.check_database_url(database_url)
        if redis_url:
            checks.check_redis_url(redis_url)
        postgres: EmbeddedPostgres | None = None
        if not database_url:
            first = "" if (self.var / "postgres").exists() else ", which makes its data folder first"
            self.say(f"Starting PostgreSQL{first}")
            postgres = embedded_postgres(self.var, pause=self.signals.pause)
            self.start(postgres.child, self.servers)
            database_url = postgres.url()
        if not redis_url:
            self.say("Starting Redis")
            redis = embedded_redis(self.var)
            self.start(redis.child, self.servers)
            redis_url = redis.url()
        for child in self.servers:
            child.wait_until_ready(seconds=60, pause=self.signals.pause)
        if postgres:
            postgres.create_database()
        urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        self.addresses.unlink(missing_ok=True)
        self.addresses.touch(mode=0o600)
        self.addresses.write_text(json.dumps(urls))
        return urls

    def prepare(self, environment: Mapping[str, str]) -> Mapping[str, object]:
        """Bring database and files up to date, and return what `prepare` reports."""
        self.say("Preparing the database and the static files")
        report = self.var / "run" / "prepared.json"
        child = programs.prepare(report, var=self.var, environment=environment)
        self.start(child, self.programs)
        while child.is_alive:
            self.signals.pause(1.0)
        self.programs.remove(child)
        if child.process is None or child.process.returncode != 0:
            raise StartRefused(f"The hall could not be prepared: {child.log.reason()}")
        return programs.read_report(report)

    def keep_open(self) -> None:
        """:raises StopRequested: somebody wants the hall to close."""
        keep_alive([*self.servers, *self.programs], say=self.say, noted=self.note_children, pause=self.signals.pause)

    def close(self) -> None:
        """Stop everything that was started: first what uses the servers, then those."""
        stop_together(self.programs, grace_seconds=PROGRAM_GRACE_SECONDS)
        stop_together(self.servers, grace_seconds=SERVER_GRACE_SECONDS)
        self.addresses.unlink(missing_ok=True)
        self.leftovers.forget()


def var_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder in which the hall keeps everything, made on first use."""
    var = Path(environment.get("HALL_VAR") or programs.CHECKOUT / "var").absolute()
    (var / "run").mkdir(parents=True, exist_ok=True)
    return var


def run(environment: Mapping[str, str]) -> int:
    """Open the hall, keep it open until somebody wants it closed, and return the exit code."""
    var = var_folder(environment)
    with checks.hold_lock(var):
        hall = Hall(var=var, given=environment, signals=Signals())
        try:
            hall.open()
            hall.keep_open()
        except StopRequested:
            hall.say("Closing")
        finally:
            hall.close()
        hall.say("Closed; nothing is left running")
    return 0


def exit_code_of(action: Callable[[], int]) -> int:
    """Run `action`; what keeps it from its work is said in one sentence on standard error, with exit code 1."""
    try:
        return action()
    except StartRefused as refusal:
        print(refusal, file=sys.stderr)
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or 'no file is named'}.", file=sys.stderr)
    return 1
