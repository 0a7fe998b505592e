"""One machine, started by `bin/serve`: plain HTTP on loopback, demo mode unless HALL_DEMO=0."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import HALL_VAR, env
from portal.settings.kept_secret import kept_secret

_SECRETS = HALL_VAR / "secrets"

SECRET_KEY = env("HALL_SECRET_KEY", default="") or kept_secret(_SECRETS, "django")
PAYMENT_SANDBOX_SECRET = env("HALL_PAYMENT_SANDBOX_SECRET", default="") or kept_secret(_SECRETS, "sandbox-cashier")
VOUCHER_KEY = env("HALL_VOUCHER_KEY", default="") or kept_secret(_SECRETS, "voucher-key")
DOCUMENT_KEYS = [key for key in env.list("HALL_DOCUMENT_KEYS", default=[]) if key] or [
    kept_secret(_SECRETS, "document-key")
]
DOCUMENT_HASH_KEY = env("HALL_DOCUMENT_HASH_KEY", default="") or kept_secret(_SECRETS, "document-hash-key")
DEMO_MODE = env.bool("HALL_DEMO", default=True)
if DEMO_MODE:
    BANK = env("HALL_BANK", default="sandbox")
    # The client of `manage.py seed_demo --profile conformance`.
    REST_CLIENTS_WITHOUT_KEYS = env.list("HALL_REST_CLIENTS_WITHOUT_KEYS", default=["conformance-kit"])
# The demo's staff come in by the passwords that `bin/serve` prints.
STAFF_SECOND_FACTOR = env.bool("HALL_STAFF_SECOND_FACTOR", default=not DEMO_MODE)
ALLOWED_HOSTS = env.list("HALL_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
if DEMO_MODE and "HALL_QUIET_HOURS_FROM" not in env.ENVIRON:
    # Whoever looks at the demo late in the evening wants to see its reminders come.
    QUIET_HOURS_FROM = QUIET_HOURS_TO = 0
