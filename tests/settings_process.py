"""Settings are read once, at the start of a process: a test of them starts one for each case."""

import os
import subprocess
import sys

from django.conf import settings

_SECRET = "k9-Vx2_" * 10
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "HALL_SECRET_KEY": _SECRET,
    "HALL_HOSTS": "hall.example.com",
    "HALL_PUBLIC_URL": "https://hall.example.com",
    "DATABASE_URL": "postgres://hall@db/hall",
    "REDIS_URL": "redis://cache:6379/0",
    "HALL_PAYMENT_SANDBOX_SECRET": _SECRET,
    "HALL_VOUCHER_KEY": f"cards-{_SECRET}",
    "HALL_DOCUMENT_KEYS": f"documents-{_SECRET}",
    "HALL_DOCUMENT_HASH_KEY": f"hashes-{_SECRET}",
}
_OURS = ("HALL_", "DJANGO_", "DATABASE_URL", "REDIS_URL")


def read_settings(environment: dict[str, str], show: str) -> tuple[int, str]:
    """Start a process with these variables and no others of the hall.

    :param environment: those that are empty are left out.
    :param show: an expression with `settings` in it.
    :returns: its exit code, and what it showed or else the last line of what it complained of.
    """
    others = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    ended = subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings; print({show})"],
        env=others | {name: value for name, value in environment.items() if value},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, (ended.stdout or ended.stderr).strip().splitlines()[-1]
