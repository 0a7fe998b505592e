"""Production: refuses to start with demo mode, a default or short secret, what is made for tests, or without a host
list and services."""

from django.core.exceptions import ImproperlyConfigured

from portal.settings.base import *  # noqa: F403
from portal.settings.base import (
    BANK,
    PAYMENT_NEEDED_SETTINGS,
    PAYMENT_PROVIDER,
    PAYMENT_SANDBOX_SECRET,
    SMS_GATEWAY,
    SMS_HTTP_URL,
    SMS_NEEDED_SETTINGS,
    env,
)
from portal.settings.customers import DOCUMENT_KEYS


def _required(name: str, cure: str) -> str:
    value: str = env(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {cure}")
    return value


if env.bool("HALL_DEMO", default=False):
    raise ImproperlyConfigured("HALL_DEMO is on. Demo mode shows every text to everybody: unset it in production.")

if not env.bool("HALL_STAFF_SECOND_FACTOR", default=True):
    raise ImproperlyConfigured(
        "HALL_STAFF_SECOND_FACTOR is off. In production staff show a code besides their password: unset it."
    )

SECRET_KEY = _required("HALL_SECRET_KEY", "Set it to at least 50 random characters.")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured("HALL_SECRET_KEY is a default or too weak. Set it to at least 50 random characters.")

ALLOWED_HOSTS = [host for host in env.list("HALL_HOSTS", default=[]) if host]
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("HALL_HOSTS is empty or '*'. Set it to the host names the hall answers to, with commas.")

_required("DATABASE_URL", "Set it to the PostgreSQL to use, e.g. postgres://hall@db/hall.")
_required("REDIS_URL", "Set it to the Redis to use, e.g. redis://cache:6379/0.")
_public_url_cure = "Set it to the address customers use, e.g. https://hall.example.com."
if not _required("HALL_PUBLIC_URL", _public_url_cure).startswith("https://"):
    raise ImproperlyConfigured(f"HALL_PUBLIC_URL does not begin with https://. {_public_url_cure}")

for _name in ("HALL_PAYMENT_PROVIDER", "HALL_SMS_GATEWAY"):
    if "memory" in env(_name, default=""):
        raise ImproperlyConfigured(f"{_name} is in memory, which is made for tests. Name a real one.")

if BANK == "sandbox":
    raise ImproperlyConfigured(
        "HALL_BANK is the sandbox, whose cards pay with no money. Name a real bank, or none: then no cards are linked."
    )

if PAYMENT_PROVIDER == "sandbox" and len(PAYMENT_SANDBOX_SECRET) < 32:
    raise ImproperlyConfigured(
        "HALL_PAYMENT_SANDBOX_SECRET is missing or shorter than 32 characters. Without it payment callbacks "
        "cannot be verified; set it, or name another HALL_PAYMENT_PROVIDER."
    )

for _name in PAYMENT_NEEDED_SETTINGS.get(PAYMENT_PROVIDER, ()):
    if not globals()[_name]:
        raise ImproperlyConfigured(
            f"HALL_{_name} is not set. Without it nothing that {PAYMENT_PROVIDER} says can be believed; set it, or "
            "name another HALL_PAYMENT_PROVIDER."
        )

for _gateway in filter(None, (_name.strip() for _name in SMS_GATEWAY.split(","))):
    for _name in SMS_NEEDED_SETTINGS.get(_gateway, ()):
        if not globals()[_name]:
            raise ImproperlyConfigured(
                f"HALL_{_name} is not set, and the {_gateway} gateway of HALL_SMS_GATEWAY needs it. Set it, or name"
                " another gateway: docs/how-to/sms-gateways.md."
            )
    if _gateway == "http" and not SMS_HTTP_URL.startswith("https://"):
        raise ImproperlyConfigured("HALL_SMS_HTTP_URL does not begin with https://. Texts carry sign-in codes.")

VOUCHER_KEY = _required(
    "HALL_VOUCHER_KEY", "Set it to at least 32 random characters and keep it: recharge cards are found by it."
)
if len(VOUCHER_KEY) < 32 or len(set(VOUCHER_KEY)) < 5 or VOUCHER_KEY == SECRET_KEY:
    raise ImproperlyConfigured(
        "HALL_VOUCHER_KEY is too weak, or the same as HALL_SECRET_KEY. Set it to at least 32 random characters of its"
        " own."
    )

_document_keys_cure = "Set it to at least 32 random characters, or several keys with commas, the newest first."
_required("HALL_DOCUMENT_KEYS", _document_keys_cure)
DOCUMENT_HASH_KEY = _required(
    "HALL_DOCUMENT_HASH_KEY", "Set it to at least 32 random characters and keep it: documents are found again by it."
)
_own_keys = [*DOCUMENT_KEYS, DOCUMENT_HASH_KEY]
if len({*_own_keys, SECRET_KEY, VOUCHER_KEY}) < len(_own_keys) + 2 or any(
    len(_key) < 32 or len(set(_key)) < 5 for _key in _own_keys
):
    raise ImproperlyConfigured(
        "HALL_DOCUMENT_KEYS or HALL_DOCUMENT_HASH_KEY is too weak, or shared. Set each to at least 32 random characters"
        " of its own."
    )

TRUSTED_PROXIES = env.int("HALL_TRUSTED_PROXIES", default=1)

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
