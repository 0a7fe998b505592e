"""PostgreSQL's own programs for dumps, run on the database that Django is connected to."""

import os
import subprocess
from collections.abc import Mapping
from typing import Any

from django.db import connection

from portal.backup.refusal import BackupRefused
from portal.embedded.programs import find_postgres_bin
from portal.embedded.refusal import StartRefused

_VARIABLES = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def libpq_environment(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that lead libpq to a database; on a command line everybody could read the password.

    :param parameters: of psycopg2's `connect`. Time-outs of statements are left out: a dump takes as long as it takes.
    """
    return {
        variable: str(parameters[name])
        for name, variable in _VARIABLES.items()
        if parameters.get(name) not in (None, "")
    }


def run_program(name: str, *arguments: str) -> None:
    """Run `pg_dump` or `pg_restore` until it has ended.

    :raises BackupRefused: there is no such program, or it failed; with its own words.
    """
    try:
        program = find_postgres_bin() / name
        ended = subprocess.run(  # noqa: S603
            [program, "--no-password", *arguments],
            env=os.environ | libpq_environment(connection.get_connection_params()),
            capture_output=True,
            text=True,
            check=False,
        )
    except StartRefused as refusal:
        raise BackupRefused(str(refusal)) from None
    except OSError as error:
        raise BackupRefused(f"{name} of PostgreSQL cannot be run: {error.strerror}.") from None
    if ended.returncode != 0:
        said = [line for line in ended.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise BackupRefused(f"{name} failed: {said[0].strip().removeprefix(f'{name}: error: ')}")
