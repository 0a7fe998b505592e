"""One machine, started by `bin/serve`: plain HTTP on loopback, demo mode unless HALL_DEMO=0."""

import secrets

from portal.settings.base import *  # noqa: F403
from portal.settings.base import HALL_VAR, env


def _kept_secret(name: str) -> str:
    """Return the secret kept in var/secrets/, made on the first start so that none stands in the repository."""
    path = HALL_VAR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # another process of the same first start was quicker; its secret is the one that counts
        fresh.unlink()
    return path.read_text().strip()


SECRET_KEY = env("HALL_SECRET_KEY", default="") or _kept_secret("django")
PAYMENT_SANDBOX_SECRET = env("HALL_PAYMENT_SANDBOX_SECRET", default="") or _kept_secret("sandbox-cashier")
DEMO_MODE = env.bool("HALL_DEMO", default=True)
ALLOWED_HOSTS = env.list("HALL_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
if DEMO_MODE and "HALL_QUIET_HOURS_FROM" not in env.ENVIRON:
    # Whoever looks at the demo late in the evening wants to see its reminders come.
    QUIET_HOURS_FROM = QUIET_HOURS_TO = 0
