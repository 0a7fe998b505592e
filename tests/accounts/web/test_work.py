"""Pages that ask for codes: the sum that their browsers do, and what they say to those that do none."""

import html
import json
import re
from typing import Any

import altcha
import pytest
from django.test import Client

from kernel.phone import national_number
from messaging.models import Sms
from tests.factories.accounts import fresh_msisdn, give_service_password, make_line, signed_in_client
from tests.pages import words

pytestmark = pytest.mark.django_db

_SUM = re.compile(r'name="work" value="" data-work="([^"]+)"')


@pytest.fixture(autouse=True)
def _promised_figures(settings: Any) -> None:
    settings.SIGN_IN_CODES_WITHOUT_WORK = settings.SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS = 2
    settings.SIGN_IN_CODE_RESEND_AFTER = 0


def sums(page: Any) -> list[str]:
    return [html.unescape(found) for found in _SUM.findall(page.content.decode())]


def done(page: Any) -> str:
    """Do the only sum of a page as its script does."""
    (found,) = sums(page)
    challenge = altcha.Challenge.from_dict(json.loads(found))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def browser() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def ask(client: Client, msisdn: str, **more: str) -> Any:
    return client.post("/sign-in/", {"msisdn": national_number(msisdn), **more})


class TestSigningIn:
    def test_asks_for_no_sum_before_the_third_code(self) -> None:
        client, line = browser(), make_line()
        assert sums(client.get("/sign-in/")) == []
        for _code in range(2):
            assert ask(browser(), line.msisdn).status_code == 302
        assert len(sums(client.get("/sign-in/"))) == 1

    def test_has_the_refused_form_sent_again_by_itself_once(self) -> None:
        line = make_line()
        for number in range(2):
            ask(Client(REMOTE_ADDR=f"192.0.2.{number}"), line.msisdn)
        client = browser()
        refused = ask(client, line.msisdn)
        assert (refused.status_code, Sms.objects.count()) == (429, 2)
        assert "data-work-goes-on" in refused.content.decode()
        assert "the next code has to wait a few minutes" in words(refused)
        assert "Without script you can ask for a further code every 5 minutes." in words(refused)
        again = ask(client, line.msisdn, work="not the answer")
        assert "data-work-goes-on" not in again.content.decode()
        assert ask(client, line.msisdn, work=done(again)).status_code == 302
        assert Sms.objects.count() == 3

    def test_answers_alike_whether_the_number_is_in_use(self) -> None:
        pages: list[tuple[int, str, int]] = []
        for msisdn in (make_line().msisdn, fresh_msisdn()):
            for number in range(2):
                ask(Client(REMOTE_ADDR=f"192.0.2.{number}"), msisdn)
            client = Client(REMOTE_ADDR=f"198.51.100.{len(pages)}")
            refused = ask(client, msisdn)
            pages.append((refused.status_code, re.sub(r"\d+", "0", words(refused)), len(sums(refused))))
        assert pages[0] == pages[1]
        assert pages[0][0] == 429


class TestOtherPagesThatSendCodes:
    @pytest.mark.parametrize(
        ("page", "door", "has_password"),
        [
            ("/step-up/?need=CODE", "/step-up/code/", False),
            ("/service-password/", "/service-password/code/", False),
            ("/service-password/reset/", "/service-password/code/", True),
        ],
    )
    def test_send_the_third_for_a_sum(self, page: str, door: str, has_password: bool) -> None:
        line = make_line()
        if has_password:
            give_service_password(line)
        for _code in range(2):
            ask(browser(), line.msisdn)
        client = signed_in_client(line, proofs=())
        shown = client.get(page)
        client.post(door)
        assert Sms.objects.count() == 2
        client.post(door, {"work": done(shown)})
        assert Sms.objects.count() == 3

    def test_send_a_new_code_to_who_is_signing_in(self) -> None:
        client, line = browser(), make_line()
        for _code in range(2):
            ask(client, line.msisdn)
        shown = client.get("/sign-in/code/")
        client.post("/sign-in/code/again/", {"work": done(shown)})
        assert Sms.objects.count() == 3
