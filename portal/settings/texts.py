"""Texts and the gateways they leave by. Durations are seconds; docs/how-to/sms-gateways.md says what goes together."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def _secret(name: str) -> str:
    path = env(f"{name}_FILE", default="")
    if not path:
        return str(env.str(name, default=""))
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read.") from None


def _rates(text: str) -> dict[str, float]:
    pairs = (pair.partition("=") for pair in text.split(",") if pair.strip())
    try:
        rates = {name.strip(): float(rate) for name, _sign, rate in pairs}
    except ValueError:
        rates = {"": 0.0}
    if not all(name and 0 < rate < 1e6 for name, rate in rates.items()):
        raise ImproperlyConfigured("HALL_SMS_RATES is not like smpp=100,http=20: parts a second by gateway.")
    return rates


# One gateway, or several with commas: the next one takes over while those before it are down. The default keeps what it
# "sent"; nothing leaves the house until an operator names a real one.
SMS_GATEWAY = env("HALL_SMS_GATEWAY", default="stub")
# Parts a second over all workers, by the gateway's name; no entry means as fast as it takes them.
SMS_RATES = _rates(env("HALL_SMS_RATES", default=""))
SMS_LEASE_SECONDS = env.int("HALL_SMS_LEASE_SECONDS", default=30)
SMS_MAX_ATTEMPTS = env.int("HALL_SMS_MAX_ATTEMPTS", default=3)
SMS_RETRY_SECONDS = env.int("HALL_SMS_RETRY_SECONDS", default=10)
SMS_SEND_TIMEOUT = env.float("HALL_SMS_SEND_TIMEOUT", default=10.0)
SMS_BATCH = env.int("HALL_SMS_BATCH", default=500)
# What a part costs, in thousandths of a yuan; 0 leaves the cost out of the overview.
SMS_PART_PRICE_LI = env.int("HALL_SMS_PART_PRICE_LI", default=0)
# How long it is remembered which text a network's id stands for; reports that come later are not looked at.
SMS_REPORT_DAYS = env.int("HALL_SMS_REPORT_DAYS", default=7)
INBOUND_MAX_ATTEMPTS = env.int("HALL_INBOUND_MAX_ATTEMPTS", default=3)

SMS_HTTP_URL = env("HALL_SMS_HTTP_URL", default="")
SMS_HTTP_KEY = _secret("HALL_SMS_HTTP_KEY")
SMS_HTTP_SECRET = _secret("HALL_SMS_HTTP_SECRET")

SMPP_HOST = env("HALL_SMPP_HOST", default="")
SMPP_PORT = env.int("HALL_SMPP_PORT", default=2775)
SMPP_TLS = env.bool("HALL_SMPP_TLS", default=False)
SMPP_SYSTEM_ID = env("HALL_SMPP_SYSTEM_ID", default="")
SMPP_PASSWORD = _secret("HALL_SMPP_PASSWORD")
SMPP_SYSTEM_TYPE = env("HALL_SMPP_SYSTEM_TYPE", default="")
SMPP_WINDOW = env.int("HALL_SMPP_WINDOW", default=50)
# Type of number and numbering plan of the service number: 0 leaves it to the message centre.
SMPP_SOURCE_TON = env.int("HALL_SMPP_SOURCE_TON", default=0)
SMPP_SOURCE_NPI = env.int("HALL_SMPP_SOURCE_NPI", default=1)

# Without these a gateway reaches nobody, or believes anybody.
SMS_NEEDED_SETTINGS = {
    "http": ("SMS_HTTP_URL", "SMS_HTTP_SECRET"),
    "smpp": ("SMPP_HOST", "SMPP_SYSTEM_ID", "SMPP_PASSWORD"),
}

# What stands on the page of preferences, in order; apps of upper floors add theirs (accounts.web.preference_section).
PREFERENCE_SECTIONS = [
    "accounts.web.text_preferences.TextsSection",
    "packages_app.web.reminder_section.ReminderSection",
    "accounts.web.text_preferences.LanguageSection",
]

# From the one hour to the other only urgent texts leave; equal hours mean always. Customers may choose hours of their
# own: a start between the first two, an end between the others.
QUIET_HOURS_FROM = env.int("HALL_QUIET_HOURS_FROM", default=22)
QUIET_HOURS_TO = env.int("HALL_QUIET_HOURS_TO", default=7)
QUIET_HOURS_OWN_FROM = env.list("HALL_QUIET_HOURS_OWN_FROM", cast=int, default=[18, 23])
QUIET_HOURS_OWN_TO = env.list("HALL_QUIET_HOURS_OWN_TO", cast=int, default=[6, 12])

# Who holds a number now: a text is not sent to one that has gone to another account since it was written.
SMS_NUMBER_OWNERS = "accounts.queries.lines.list_number_owners"
