"""`python -m portal.supervisor.manage COMMAND`: a management command on the hall of HALL_VAR, be it open or closed."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from portal.embedded.refusal import StartRefused
from portal.supervisor import checks, programs
from portal.supervisor.hall import Hall, exit_code_of, var_folder
from portal.supervisor.signals import Signals, StopRequested


def manage(arguments: Sequence[str], given: Mapping[str, str]) -> int:
    """Run one command and return its exit code; servers that had to be started for it are stopped again."""
    var = var_folder(given)
    hall = Hall(var=var, given=given, signals=Signals(), quiet=True)
    try:
        lock = checks.hold_lock(var)
    except StartRefused:
        if not hall.addresses.exists():
            raise
        return _command(hall, arguments, json.loads(hall.addresses.read_text()))
    with lock:
        try:
            hall.leftovers.await_end(seconds=8, pause=hall.signals.pause)
            return _command(hall, arguments, hall.start_servers())
        finally:
            hall.close()


def _command(hall: Hall, arguments: Sequence[str], addresses: Mapping[str, str]) -> int:
    environment = {**hall.given, **addresses, "HALL_VAR": str(hall.var)}
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "manage.py", *arguments], cwd=programs.CHECKOUT, env=environment
    ) as command:
        try:
            while command.poll() is None:
                hall.signals.pause(1.0)
        except StopRequested:
            # Ctrl-C has reached the command as well; a signal to us alone has not.
            command.terminate()
        return command.wait()


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: manage(sys.argv[1:], os.environ)))
