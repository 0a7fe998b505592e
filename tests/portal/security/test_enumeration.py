"""Whether a number exists, nobody learns at the door: not by the answer, and not by the time it takes.

Time is held by what takes it: the same statements for the database, one by one, and the same hashings.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.operations import send_sign_in_code as sending
from accounts.queries.lines import get_line_by_msisdn
from kernel.phone import grouped_number, national_number
from tests.factories.accounts import fresh_msisdn, give_service_password, make_line, signed_in_client

pytestmark = pytest.mark.django_db

Door = Callable[[Client, str], Any]


def ask_for_a_code(browser: Client, msisdn: str) -> Any:
    return browser.post("/sign-in/", {"msisdn": national_number(msisdn)})


def enter_a_wrong_code(browser: Client, msisdn: str) -> Any:
    ask_for_a_code(browser, msisdn)
    return browser.post("/sign-in/code/", {"code": "000000"})


def enter_a_wrong_password(browser: Client, msisdn: str) -> Any:
    return browser.post("/sign-in/password/", {"msisdn": national_number(msisdn), "password": "not this one"})


def ask_for_a_third_code(browser: Client, msisdn: str) -> Any:
    ask_for_a_code(browser, msisdn)
    return browser.post("/sign-in/code/again/", follow=True)


DOORS = (ask_for_a_code, enter_a_wrong_code, enter_a_wrong_password, ask_for_a_third_code)


def words_of(answer: Any, msisdn: str) -> str:
    """Return an answer with what differs from visitor to visitor left out: the number they wrote, tokens, times."""
    text = answer.content.decode()
    for spelling in (national_number(msisdn), grouped_number(msisdn), msisdn):
        text = text.replace(spelling, "NUMBER")
    text = re.sub(r'(value|data-work|nonce)="[^"]*"', "", text)
    return re.sub(r"\d+", "0", text)


def work_of(door: Door, browser: Client, msisdn: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """Return what a door had done for it: statements by verb and table, and hashings."""
    hashed: list[str] = []
    with monkeypatch.context() as watched:
        encode = hashers.MD5PasswordHasher.encode

        def count(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
            hashed.append(password)
            return encode(self, password, salt)

        watched.setattr(hashers.MD5PasswordHasher, "encode", count)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            door(browser, msisdn)
    statements = [query["sql"] for query in queries]
    kinds = [re.sub(r"\s+", " ", sql).strip()[:40] for sql in statements if "SAVEPOINT" not in sql]
    return [re.sub(r"'.*", "", kind) for kind in kinds], len(hashed)


class TestTheAnswer:
    @pytest.mark.parametrize("signed_in", [False, True], ids=["signing in", "adding a number"])
    @pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
    def test_is_the_same_whether_there_is_such_a_number(self, door: Door, signed_in: bool) -> None:
        with_password = make_line()
        give_service_password(with_password)
        mine = make_line()
        answers = {
            (answer.status_code, answer.headers.get("Location", ""), words_of(answer, msisdn))
            for msisdn in (with_password.msisdn, make_line().msisdn, fresh_msisdn())
            for answer in (door(signed_in_client(mine) if signed_in else Client(), msisdn),)
        }
        assert len(answers) == 1


class TestTheWork:
    @pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
    def test_is_the_same_whether_there_is_such_a_number(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        with_password = make_line()
        give_service_password(with_password)
        # What a process does once it has done by now.
        door(Client(), fresh_msisdn())
        known, unknown = (
            work_of(door, Client(), msisdn, monkeypatch) for msisdn in (with_password.msisdn, fresh_msisdn())
        )
        assert known == unknown

    def test_would_be_less_if_a_door_turned_back_early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = sending._queue_text

        def only_if_known(*, msisdn: str, **others: Any) -> None:
            if get_line_by_msisdn(msisdn):
                whole(msisdn=msisdn, **others)

        monkeypatch.setattr(sending, "_queue_text", only_if_known)
        line = make_line()
        known = work_of(ask_for_a_code, Client(), line.msisdn, monkeypatch)
        unknown = work_of(ask_for_a_code, Client(raise_request_exception=False), fresh_msisdn(), monkeypatch)
        assert len(unknown[0]) < len(known[0])
