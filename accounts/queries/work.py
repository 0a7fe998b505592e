"""The sum that a browser does before many codes are sent: made, signed and checked by altcha, kept nowhere."""

import json
import secrets
from datetime import datetime, timedelta

import altcha
from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import Budget

_ALGORITHM = "PBKDF2/SHA-256"
_UNTIL = "until"
# An answer is some 700 characters long.
_LONGEST_ANSWER = 4_000


def get_challenge(*, now: datetime) -> str:
    """Return a new sum as JSON for `static/js/work.js`. It is good for one code until SIGN_IN_WORK_LIFETIME is over."""
    until = now + timedelta(seconds=settings.SIGN_IN_WORK_LIFETIME)
    challenge = altcha.create_challenge(
        _ALGORITHM,
        settings.SIGN_IN_WORK_ROUNDS,
        counter=secrets.randbelow(settings.SIGN_IN_WORK_TRIES),
        data={_UNTIL: until.isoformat()},
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("key"),
    )
    return json.dumps(challenge.to_dict())


def read_answer(answer: str, *, now: datetime) -> str | None:
    """Return what names a sum that was done rightly and in time, None for anything else.

    :param answer: what the browser sent.
    """
    if not 0 < len(answer) <= _LONGEST_ANSWER:
        return None
    try:
        payload = altcha.Payload.from_base64(answer)
        proved = altcha.verify_solution(payload, _secret("challenge"), hmac_key_secret=_secret("key"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not proved.verified or not payload.challenge.signature:
        return None
    # The signature holds: these are our own words.
    until = datetime.fromisoformat((payload.challenge.parameters.data or {})[_UNTIL])
    return payload.challenge.signature if now < until else None


def is_work_wanted(*, msisdn: str, address: str, now: datetime) -> bool:
    """Tell whether the next code to a number, asked for from an address, is one that needs work.

    :param msisdn: E.164, or empty while it is not known.
    """
    free = {
        number_day_key(msisdn): settings.SIGN_IN_CODES_WITHOUT_WORK,
        address_day_key(address): settings.SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS,
    }
    held = Budget.objects.filter(key__in=free, ends_at__gt=now).values_list("key", "count")
    return any(count >= free[key] for key, count in held)


def number_day_key(msisdn: str) -> str:
    """Return what the codes of a number in a day are counted under."""
    return f"code:number:day:{msisdn}"


def address_day_key(address: str) -> str:
    """Return what the codes from an address in a day are counted under."""
    return f"code:address:day:{address}"


def _secret(use: str) -> bytes:
    return salted_hmac("accounts.work", use, algorithm="sha256").digest()
