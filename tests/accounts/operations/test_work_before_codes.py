"""The third code of a day needs a sum that the browser did, or a wait: of a number, and from an address."""

import base64
import json
from datetime import timedelta
from typing import Any

import altcha
import pytest

from accounts.models import Budget
from accounts.operations.send_sign_in_code import TooManyCodes, WorkMissing, send_sign_in_code
from accounts.queries.work import get_challenge, is_work_wanted, read_answer
from messaging.models import Sms
from tests.factories.accounts import NOON, fresh_msisdn, make_line

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def _promised_figures(settings: Any) -> None:
    settings.SIGN_IN_CODES_WITHOUT_WORK = settings.SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS = 2


def solved(*, seconds: float = 0) -> str:
    """Ask for a sum and do it, as static/js/work-solver.js does."""
    challenge = altcha.Challenge.from_dict(json.loads(get_challenge(now=NOON + timedelta(seconds=seconds))))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def send(msisdn: str, *, seconds: float = 0, address: str = HERE, work: str = "") -> None:
    send_sign_in_code(msisdn=msisdn, address=address, work=work, now=NOON + timedelta(seconds=seconds))


def changed(answer: str, *path: str, to: object) -> str:
    """Return an answer in which one value is another."""
    whole = json.loads(base64.b64decode(answer))
    part = whole
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = to
    return base64.b64encode(json.dumps(whole).encode()).decode()


def refused(msisdn: str, *, seconds: float, address: str = HERE, work: str = "") -> float:
    """Return after how many seconds a code may be asked for without a sum, having checked that nothing moved."""
    before = (list(Budget.objects.order_by("key").values()), Sms.objects.count())
    with pytest.raises(WorkMissing) as refusal:
        send(msisdn, seconds=seconds, address=address, work=work)
    assert (list(Budget.objects.order_by("key").values()), Sms.objects.count()) == before
    return (refusal.value.next_at - NOON).total_seconds()


class TestTheThirdCode:
    @pytest.fixture(params=["in use", "not in use"])
    def msisdn(self, request: pytest.FixtureRequest) -> str:
        return make_line().msisdn if request.param == "in use" else fresh_msisdn()

    def test_of_a_number_is_sent_for_a_sum(self, msisdn: str) -> None:
        send(msisdn, address=HERE)
        send(msisdn, seconds=60, address=ELSEWHERE)
        assert refused(msisdn, seconds=120, address="192.0.2.3") == 360
        send(msisdn, seconds=120, address="192.0.2.3", work=solved())

    def test_of_a_number_is_sent_after_five_minutes_without_one(self, msisdn: str) -> None:
        send(msisdn)
        send(msisdn, seconds=60)
        assert refused(msisdn, seconds=359) == 360
        send(msisdn, seconds=360)
        assert refused(msisdn, seconds=659) == 660

    def test_from_an_address_needs_one_whichever_numbers_were_asked_for(self, msisdn: str) -> None:
        send(fresh_msisdn())
        send(make_line().msisdn)
        # The first that waited is sent at once: nobody knows yet how long it waited.
        send(fresh_msisdn(), seconds=1)
        assert refused(msisdn, seconds=2) == 301
        send(msisdn, seconds=2, address=ELSEWHERE)
        send(fresh_msisdn(), seconds=3, work=solved())

    def test_is_free_again_the_next_day(self, msisdn: str) -> None:
        send(msisdn)
        send(msisdn, seconds=60)
        assert is_work_wanted(msisdn=msisdn, address=ELSEWHERE, now=NOON + timedelta(seconds=61))
        assert is_work_wanted(msisdn="", address=HERE, now=NOON + timedelta(seconds=61))
        later = NOON + timedelta(days=1)
        assert not is_work_wanted(msisdn=msisdn, address=HERE, now=later)
        send(msisdn, seconds=86_400)
        send(msisdn, seconds=86_460)

    def test_takes_a_sum_once(self, msisdn: str) -> None:
        send(msisdn)
        send(msisdn, seconds=60)
        work = solved()
        send(msisdn, seconds=120, work=work)
        assert refused(msisdn, seconds=180, work=work) == 420
        assert refused(msisdn, seconds=180, work=changed(work, "solution", "time", to=5)) == 420
        send(msisdn, seconds=180, work=solved())

    def test_takes_no_sum_when_another_limit_refuses(self, msisdn: str) -> None:
        send(msisdn)
        send(msisdn, seconds=60)
        work = solved()
        with pytest.raises(TooManyCodes) as refusal:
            send(msisdn, seconds=119, work=work)
        assert refusal.type is TooManyCodes
        send(msisdn, seconds=120, work=work)


class TestASum:
    def test_counts_until_its_time_is_over(self) -> None:
        work = solved()
        assert read_answer(work, now=NOON + timedelta(seconds=899)) is not None
        assert read_answer(work, now=NOON + timedelta(seconds=900)) is None

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("challenge", "parameters", "cost"), 0),
            (("challenge", "parameters", "keyPrefix"), ""),
            (("challenge", "parameters", "data"), {"until": "2099-01-01T00:00:00+00:00"}),
            (("challenge", "parameters", "data"), None),
            (("challenge", "parameters", "keySignature"), None),
            (("challenge", "signature"), ""),
            (("challenge", "signature"), None),
            (("challenge", "signature"), 1),
            (("challenge", "signature"), "é" * 64),
            (("challenge",), []),
            (("solution", "derivedKey"), "00" * 32),
            (("solution", "derivedKey"), 5),
            (("solution",), None),
        ],
    )
    def test_that_was_tampered_with_counts_for_nothing(self, path: tuple[str, ...], value: object) -> None:
        assert read_answer(changed(solved(), *path, to=value), now=NOON) is None

    @pytest.mark.parametrize("answer", ["", "no", "e30=", "W10=", "bnVsbA==", "MQ==", "A" * 5_000, "💥"])
    def test_that_is_none_counts_for_nothing(self, answer: str) -> None:
        assert read_answer(answer, now=NOON) is None

    def test_of_another_key_counts_for_nothing(self, settings: Any) -> None:
        work = solved()
        settings.SECRET_KEY = "another" * 10
        assert read_answer(work, now=NOON) is None
