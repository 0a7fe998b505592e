import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Budget, Line, SignInCode
from accounts.web.signed_in import SESSION_KEY
from messaging.models import Sms
from tests.factories.accounts import fresh_msisdn, signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 22, 14, 30, tzinfo=timezone.get_fixed_timezone(480))
NUMBER, CODE, AGAIN = "/sign-in/", "/sign-in/code/", "/sign-in/code/again/"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=86_50)


def national(line: Line) -> str:
    return line.msisdn.removeprefix("+86")


def ask(client: Client, number: str, **more: str) -> Any:
    return client.post(NUMBER, {"msisdn": number, **more})


def newest_code(line: Line) -> str:
    return Sms.objects.filter(account_id=line.account_id).order_by("-queued_at")[0].body[-6:]


def signed_in(client: Client) -> list[str]:
    return [entry["line"] for entry in client.session.get(SESSION_KEY, [])]


class TestNumberPage:
    def test_asks_for_the_number(self) -> None:
        answer = Client().get(NUMBER)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'name="msisdn"' in page
        assert 'inputmode="tel"' in page

    @pytest.mark.parametrize(
        "typed", ["{n}", "+86{n}", "0086 {n}", "{a} {b} {c}", "{a}-{b}-{c}", " {n} ", "{wide}"], ids=str
    )
    def test_takes_the_number_as_people_type_it(self, typed: str, line: Line) -> None:
        n = national(line)
        wide = n.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        answer = ask(Client(), typed.format(n=n, a=n[:3], b=n[3:7], c=n[7:], wide=wide))
        assert (answer.status_code, answer["Location"]) == (302, CODE)
        assert Sms.objects.get().msisdn == line.msisdn

    @pytest.mark.parametrize("typed", ["", "12", "10086", "abc", "1380013800", "138001380000", "<script>", "1" * 50])
    def test_refuses_what_is_no_number_beside_the_field(self, typed: str) -> None:
        answer = ask(Client(), typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'class="error-summary"' in page
        assert 'id="id_msisdn_error"' in page
        assert 'aria-invalid="true"' in page
        assert (Sms.objects.count(), SignInCode.objects.count(), Budget.objects.count()) == (0, 0, 0)

    def test_goes_on_to_the_code_page_when_the_form_is_sent_twice(self, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        again = ask(client, national(line))
        assert (again.status_code, again["Location"]) == (302, CODE)
        assert Sms.objects.count() == 1

    def test_says_when_the_next_code_may_be_asked_for_from_another_browser(self, line: Line) -> None:
        ask(Client(), national(line))
        answer = ask(Client(), national(line))
        assert answer.status_code == 429
        assert "14:31:00" in answer.content.decode()
        assert Sms.objects.count() == 1


class TestAnswersToEveryNumber:
    """Whoever does not hold the phone learns nothing about a number."""

    def walk(self, number: str) -> list[tuple[int, str, str]]:
        """Ask for a code, guess until it ends, ask again; return what was answered, without number and tokens."""
        client = Client()
        answers = [ask(client, number), client.get(CODE)]
        answers += [client.post(CODE, {"code": "000000"}) for _ in range(6)]
        answers += [client.post(AGAIN), client.get(CODE), ask(Client(), number)]
        return [(answer.status_code, answer.get("Location", ""), self.neutral(answer, number)) for answer in answers]

    def neutral(self, answer: Any, number: str) -> str:
        page = answer.content.decode().replace(f"{number[:3]} {number[3:7]} {number[7:]}", "NUMBER")
        page = page.replace(number, "NUMBER").replace(f"+86{number}", "NUMBER")
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
        return re.sub(r"\+86NUMBER", "NUMBER", page)

    def test_are_the_same_whether_it_is_in_use_or_not(self, line: Line, settings: Any) -> None:
        settings.DEMO_MODE = False  # the demo's handset shows the texts of its own number
        unknown = fresh_msisdn().removeprefix("+86")
        assert self.walk(national(line)) == self.walk(unknown)
        assert Sms.objects.count() == 1


class TestCodePage:
    def test_sends_those_without_a_number_back(self) -> None:
        for answer in (Client().get(CODE), Client().post(CODE, {"code": "123456"}), Client().post(AGAIN)):
            assert (answer.status_code, answer["Location"]) == (302, NUMBER)

    def test_asks_in_a_way_that_phones_fill_in(self, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        page = client.get(CODE).content.decode()
        assert 'inputmode="numeric"' in page
        assert 'autocomplete="one-time-code"' in page
        assert 'data-resend-seconds="60"' in page

    @pytest.mark.parametrize("shape", ["{}", " {} ", "{a} {b}", "{wide}"])
    def test_signs_in_with_the_right_code(self, shape: str, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        code = newest_code(line)
        wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        answer = client.post(CODE, {"code": shape.format(code, a=code[:3], b=code[3:], wide=wide)})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert signed_in(client) == [str(line.id)]
        assert "sign_in" not in client.session
        assert client.get("/").context["balance_fen"] == 86_50

    def test_refuses_a_wrong_code_beside_the_field(self, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        wrong = f"{(int(newest_code(line)) + 1) % 10**6:06d}"
        answer = client.post(CODE, {"code": wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'id="id_code_error"' in page
        assert signed_in(client) == []

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12 34"])
    def test_takes_no_guess_for_a_slip(self, typed: str, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        assert client.post(CODE, {"code": typed}).status_code == 422
        assert SignInCode.objects.get().guesses == 0

    def test_refuses_a_sixth_guess_even_if_right(self, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        code = newest_code(line)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        assert [client.post(CODE, {"code": wrong}).status_code for _ in range(5)] == [422] * 5
        assert client.post(CODE, {"code": code}).status_code == 422
        assert signed_in(client) == []

    def test_refuses_an_old_code(self, line: Line, clock: Any) -> None:
        client = Client()
        ask(client, national(line))
        clock.move_to(START + timedelta(minutes=5))
        assert client.post(CODE, {"code": newest_code(line)}).status_code == 422
        assert signed_in(client) == []

    def test_says_until_when_a_number_is_locked(self, line: Line, settings: Any) -> None:
        settings.SIGN_IN_FAILURES_BEFORE_LOCK = 1
        client = Client()
        ask(client, national(line))
        client.post(CODE, {"code": f"{(int(newest_code(line)) + 1) % 10**6:06d}"})
        answer = client.post(CODE, {"code": newest_code(line)})
        assert answer.status_code == 429
        assert "2026年11月23日 14:30" in answer.content.decode()
        assert signed_in(client) == []

    def test_sends_a_new_code_after_a_minute_and_the_old_one_stops_working(self, line: Line, clock: Any) -> None:
        client = Client()
        ask(client, national(line))
        old = newest_code(line)
        assert "14:31:00" in client.post(AGAIN, follow=True).content.decode()
        assert Sms.objects.count() == 1
        clock.move_to(START + timedelta(seconds=60))
        assert client.post(AGAIN)["Location"] == CODE
        assert Sms.objects.count() == 2
        assert client.post(CODE, {"code": old}).status_code == 422
        assert client.post(CODE, {"code": newest_code(line)}).status_code == 302


class TestWhereToGoAfterwards:
    def sign_in(self, line: Line, wanted: str) -> str:
        client = Client()
        ask(client, national(line), next=wanted)
        return str(client.post(CODE, {"code": newest_code(line)})["Location"])

    def test_is_the_page_that_was_asked_for(self, line: Line) -> None:
        answer = Client().get("/bill/?month=2026-10")
        assert answer["Location"] == "/sign-in/?next=%2Fbill%2F%3Fmonth%3D2026-10"
        assert 'value="/bill/?month=2026-10"' in Client().get(answer["Location"]).content.decode()
        assert self.sign_in(line, "/bill/?month=2026-10") == "/bill/?month=2026-10"

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "http:evil.example",
            "javascript:alert(1)",
            "\thttps://evil.example",
            "https:///evil.example",
            "",
        ],
    )
    def test_is_never_another_site(self, wanted: str, line: Line) -> None:
        assert self.sign_in(line, wanted) == "/"

    def test_is_home_after_a_form_was_turned_away(self) -> None:
        assert Client().post("/lines/nothing/").status_code == 404
        answer = Client().post(reverse("packages:order", args=["X"]))
        assert answer["Location"] == "/sign-in/?next=%2F"

    @pytest.mark.parametrize(
        ("came_from", "next_page"),
        [
            ("http://testserver/top-up/?amount=50", "%2Ftop-up%2F%3Famount%3D50"),
            ("https://evil.example/top-up/", "%2F"),
            ("http://testserver", "%2F"),
            ("javascript:alert(1)", "%2F"),
        ],
    )
    def test_is_the_page_of_a_form_that_was_turned_away(self, came_from: str, next_page: str) -> None:
        answer = Client().post(reverse("packages:order", args=["X"]), headers={"referer": came_from})
        assert answer["Location"] == f"/sign-in/?next={next_page}"

    def test_reaches_the_whole_page_if_only_a_part_was_asked_for(self) -> None:
        answer = Client().get(
            "/orders/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/?page=2"}
        )
        assert (answer.status_code, answer["HX-Redirect"]) == (200, "/sign-in/?next=%2Forders%2F%3Fpage%3D2")


class TestSession:
    def test_gets_a_new_key_at_sign_in_so_that_a_planted_one_is_worthless(self, line: Line) -> None:
        client = Client()
        ask(client, national(line))
        planted = client.cookies["sessionid"].value
        client.post(CODE, {"code": newest_code(line)})
        assert client.cookies["sessionid"].value != planted
        assert not Session.objects.filter(session_key=planted).exists()
        thief = Client()
        thief.cookies["sessionid"] = planted
        assert "entrance" in thief.get("/").content.decode()

    def test_gets_a_new_form_token_at_sign_in(self, line: Line) -> None:
        client = Client()
        client.get(NUMBER)
        before = client.cookies["csrftoken"].value
        ask(client, national(line))
        client.post(CODE, {"code": newest_code(line)})
        assert client.cookies["csrftoken"].value != before

    def test_keeps_the_lines_already_signed_in_when_another_is_added(self, line: Line) -> None:
        first = make_line()
        client = signed_in_client(first)
        ask(client, national(line))
        client.post(CODE, {"code": newest_code(line)})
        assert signed_in(client) == [str(line.id), str(first.id)]

    def test_ends_after_half_an_hour_without_use(self, line: Line, clock: Any) -> None:
        client = signed_in_client(line)
        clock.move_to(START + timedelta(minutes=29))
        assert client.get("/statement/").status_code == 200
        clock.move_to(START + timedelta(minutes=58))
        assert client.get("/statement/").status_code == 200
        clock.move_to(START + timedelta(minutes=88, seconds=1))
        assert client.get("/statement/").status_code == 302

    def test_is_not_kept_alive_by_what_a_page_polls(self, line: Line, clock: Any) -> None:
        client = signed_in_client(line)
        poll = {"HX-Request": "true", "HX-Trigger-Name": "poll"}
        clock.move_to(START + timedelta(minutes=29))
        assert client.get("/statement/", headers=poll).status_code == 200
        clock.move_to(START + timedelta(minutes=31))
        assert client.get("/statement/").status_code == 302

    def test_ends_after_twelve_hours_however_busy(self, line: Line) -> None:
        assert signed_in_client(line, ago=timedelta(hours=11, minutes=59)).get("/statement/").status_code == 200
        assert signed_in_client(line, ago=timedelta(hours=12)).get("/statement/").status_code == 302

    def test_is_saved_once_a_minute_at_most_because_it_is_used(
        self, line: Line, clock: Any, django_assert_max_num_queries: Any
    ) -> None:
        client = signed_in_client(line)
        client.get("/complaints/")
        used_at = client.session["used_at"]
        clock.move_to(START + timedelta(seconds=59))
        client.get("/complaints/")
        assert client.session["used_at"] == used_at
        clock.move_to(START + timedelta(seconds=60))
        client.get("/complaints/")
        assert client.session["used_at"] == used_at + 60


class TestForms:
    @pytest.mark.parametrize("address", [NUMBER, CODE, AGAIN, "/sign-out/", "/lines/current/"])
    def test_are_refused_without_their_token(self, address: str, line: Line) -> None:
        client = Client(enforce_csrf_checks=True)
        session = signed_in_client(line).cookies["sessionid"].value
        client.cookies["sessionid"] = session
        answer = client.post(address, {"msisdn": national(line), "code": "123456"})
        assert answer.status_code == 403
        assert Sms.objects.count() == 0
        assert signed_in(client) == [str(line.id)]

    @pytest.mark.parametrize("address", ["/sign-out/", "/lines/current/", AGAIN])
    def test_that_change_something_take_no_get(self, address: str) -> None:
        assert Client().get(address).status_code == 405
