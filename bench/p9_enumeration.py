"""P9: what the doors take for a number that exists against one that does not: nobody is to learn it from the clock."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.conf import global_settings
from django.contrib.auth.hashers import make_password
from django.test import Client, override_settings

from accounts.models import ServicePassword
from accounts.operations.open_account import open_account
from bench.measure import Goal, Paired, paired
from kernel.clock import now
from kernel.phone import national_number

ROUNDS = 15
NUMBERS_PER_ROUND = 4
_NUMBERS = (ROUNDS + 1) * NUMBERS_PER_ROUND
_PLENTY = 10**6
# The doors as they are, with the hashing of production; only nobody is kept waiting.
_OPEN = {
    "PASSWORD_HASHERS": global_settings.PASSWORD_HASHERS,
    "SIGN_IN_CODES_PER_ADDRESS_HOUR": _PLENTY,
    "SIGN_IN_CODES_PER_RANGE_HOUR": _PLENTY,
    "SIGN_IN_CODES_PER_HOUR_OVERALL": _PLENTY,
    "SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS": _PLENTY,
    "SERVICE_PASSWORD_TRIES_PER_ADDRESS_HOUR": _PLENTY,
}

Door = Callable[[Client, str], object]


def measure() -> list[Goal]:
    """Send each number through each door once, in this process, numbers in use and others in turn."""
    known = [f"+86198{number:08d}" for number in range(_NUMBERS)]
    unknown = [f"+86199{number:08d}" for number in range(_NUMBERS)]
    with override_settings(**_OPEN), _silence():
        _open_lines(known)
        browsers = {msisdn: Client() for msisdn in (*known, *unknown)}
        doors = {
            "asking for a code": _ask_for_code,
            # Of the browsers that have asked for one.
            "a wrong code": _enter_wrong_code,
            "a wrong service password": _enter_wrong_password,
        }
        return [_goal(name, door, browsers, known, unknown) for name, door in doors.items()]


@contextmanager
def _silence() -> Iterator[None]:
    """Refusals are what is measured here; nobody wants to read of each."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _open_lines(msisdns: Sequence[str]) -> None:
    at, password_hash = now(), make_password("seven kites over Suzhou")
    lines = [
        open_account(customer_name="陈晓雨", msisdn=msisdn, province="CN-GD", language="zh-hans", now=at)
        for msisdn in msisdns
    ]
    ServicePassword.objects.bulk_create(
        ServicePassword(account_id=line.account_id, line_id=line.id, password_hash=password_hash, set_at=at)
        for line in lines
    )


def _goal(name: str, door: Door, browsers: Mapping[str, Client], known: Sequence[str], unknown: Sequence[str]) -> Goal:
    times = paired(
        rounds=ROUNDS,
        ours=lambda number: _send(door, browsers, known, number),
        yardstick=lambda number: _send(door, browsers, unknown, number),
        title=name,
    )
    return Goal(
        row="p9",
        work=f"{name}: the slower of a number in use and one that is not, against the quicker",
        measured=max(times.ratio, 1 / times.ratio),
        wanted=1.10,
        at_least=False,
        detail=_detail(times),
    )


def _send(door: Door, browsers: Mapping[str, Client], msisdns: Sequence[str], number: int) -> None:
    for msisdn in msisdns[number * NUMBERS_PER_ROUND : (number + 1) * NUMBERS_PER_ROUND]:
        door(browsers[msisdn], msisdn)


def _ask_for_code(browser: Client, msisdn: str) -> object:
    return browser.post("/sign-in/", {"msisdn": national_number(msisdn)})


def _enter_wrong_code(browser: Client, _msisdn: str) -> object:
    return browser.post("/sign-in/code/", {"code": "000000"})


def _enter_wrong_password(browser: Client, msisdn: str) -> object:
    return browser.post("/sign-in/password/", {"msisdn": national_number(msisdn), "password": "not this one"})


def _detail(times: Paired) -> str:
    apart_ms = abs(times.ours_seconds - times.yardstick_seconds) / NUMBERS_PER_ROUND * 1e3
    in_use, other = (seconds / NUMBERS_PER_ROUND * 1e3 for seconds in (times.ours_seconds, times.yardstick_seconds))
    return f"in use {in_use:.2f} ms, not in use {other:.2f} ms, medians {apart_ms:.2f} ms apart (promised: 5 ms)"
