import contextlib
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client

from accounts.models import Line, ServicePassword
from accounts.operations.check_service_password import ServicePasswordLocked, check_service_password
from accounts.web.signed_in import SESSION_KEY
from kernel.clock import now
from kernel.errors import DomainError
from messaging.models import Sms
from tests.factories.accounts import PASSWORD, give_service_password, signed_in_client, staff_client
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

PAGE, CODE, RESET = "/service-password/", "/service-password/code/", "/service-password/reset/"
CHANGE, WITHDRAW, SIGN_IN = "/service-password/change/", "/service-password/reset/withdraw/", "/sign-in/password/"
NEXT = "a lamp in the third window"


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


def new(password: str = NEXT, again: str | None = None, **more: str) -> dict[str, str]:
    return {"password": password, "again": again or password, **more}


def newest_code(line: Line) -> str:
    return Sms.objects.filter(account_id=line.account_id, secret=True).latest("queued_at").body[-6:]


def signed_in(client: Client) -> list[str]:
    return [entry["line"] for entry in client.session.get(SESSION_KEY, [])]


class TestSettingThePassword:
    def test_takes_a_code_of_the_text_and_the_new_one_twice(self, line: Line) -> None:
        client = signed_in_client(line)
        client.post(CODE)
        answer = client.post(PAGE, new(code=newest_code(line)), follow=True)
        assert check_password(NEXT, ServicePassword.objects.get(line_id=line.id).password_hash)
        assert f'href="{CHANGE}"' in answer.content.decode()

    def test_refuses_two_that_differ_and_shows_neither_again(self, line: Line) -> None:
        answer = signed_in_client(line).post(PAGE, new(again="another one", code="123456"))
        assert answer.status_code == 422
        assert 'id="id_again_error"' in answer.content.decode()
        assert NEXT not in answer.content.decode()
        assert ServicePassword.objects.count() == 0

    def test_says_beside_the_field_why_one_is_weak(self, line: Line) -> None:
        answer = signed_in_client(line).post(PAGE, new("19900215", code="123456"))
        assert (answer.status_code, ServicePassword.objects.count()) == (422, 0)
        assert 'id="id_password_error"' in answer.content.decode()


class TestChangingThePassword:
    def test_takes_the_new_one_after_a_code_and_the_old_one(self, line: Line) -> None:
        give_service_password(line)
        answer = signed_in_client(line).post(CHANGE, new())
        assert (answer.status_code, answer["Location"]) == (302, PAGE)
        assert check_password(NEXT, ServicePassword.objects.get().password_hash)

    @pytest.mark.parametrize("proofs", [(), ("CODE",), ("PASSWORD",)])
    def test_changes_nothing_without_both(self, proofs: tuple[str, ...], line: Line) -> None:
        give_service_password(line)
        answer = signed_in_client(line, proofs=proofs).post(CHANGE, new())
        assert answer["Location"] == "/step-up/?need=BOTH&next=%2Fservice-password%2Fchange%2F"
        assert check_password(PASSWORD, ServicePassword.objects.get().password_hash)


class TestResettingThePassword:
    def test_waits_a_day_and_can_be_withdrawn(self, line: Line) -> None:
        give_service_password(line)
        client = signed_in_client(line)
        assert client.post(CODE, {"reset": "1"})["Location"] == RESET
        page = client.post(RESET, new(code=newest_code(line)), follow=True)
        assert WITHDRAW in page.content.decode()
        assert ServicePassword.objects.get().is_waiting(now())
        assert WITHDRAW not in client.post(WITHDRAW, follow=True).content.decode()
        assert ServicePassword.objects.get().next_hash == ""

    def test_leads_to_setting_one_where_there_is_none(self, line: Line) -> None:
        assert signed_in_client(line).get(RESET)["Location"] == PAGE


class TestVisitors:
    @pytest.mark.parametrize("address", [PAGE, RESET])
    def test_are_led_to_signing_in(self, address: str) -> None:
        assert Client().get(address)["Location"].startswith("/sign-in/?next=")

    @pytest.mark.parametrize("address", [CODE, WITHDRAW])
    def test_set_nothing_going(self, address: str) -> None:
        assert Client().post(address)["Location"].startswith("/sign-in/")
        assert Client().get(address).status_code == 405
        assert Sms.objects.count() == 0


class TestSigningInByPassword:
    def post(self, client: Client, line: Line, password: str, **more: str) -> Any:
        return client.post(SIGN_IN, {"msisdn": line.msisdn.removeprefix("+86"), "password": password, **more})

    def test_signs_the_line_in_under_a_new_session_key_and_goes_where_it_was_wanted(self, line: Line) -> None:
        give_service_password(line)
        client = Client()
        client.post("/sign-in/", {"msisdn": line.msisdn})
        planted = client.cookies["sessionid"].value
        assert self.post(client, line, PASSWORD, next="/statement/")["Location"] == "/statement/"
        assert signed_in(client) == [str(line.id)]
        assert client.cookies["sessionid"].value != planted

    def test_never_leads_to_another_site(self, line: Line) -> None:
        give_service_password(line)
        assert self.post(Client(), line, PASSWORD, next="//evil.example/")["Location"] == "/"

    def test_answers_alike_for_a_wrong_one_and_a_number_without_one(self, line: Line) -> None:
        give_service_password(line)
        pages = [self.post(Client(), one, "not the one") for one in (line, make_line())]
        assert [page.status_code for page in pages] == [422, 422]
        assert words(pages[0], main=True) == words(pages[1], main=True)
        assert "not the one" not in pages[0].content.decode()

    def test_is_a_tab_beside_the_code(self) -> None:
        by_code, by_password = Client().get("/sign-in/?next=/bill/"), Client().get(SIGN_IN + "?next=/bill/")
        assert 'href="/sign-in/password/?next=%2Fbill%2F"' in by_code.content.decode()
        assert 'href="/sign-in/?next=%2Fbill%2F"' in by_password.content.decode()


class TestStaff:
    def lock(self, line: Line) -> None:
        for _ in range(5):
            with contextlib.suppress(DomainError):
                check_service_password(msisdn=line.msisdn, password="no", address="192.0.2.1", now=now())

    def page(self, line: Line) -> str:
        return f"/staff/accounts/servicepassword/{line.account_id},{line.id}/"

    def test_unlock_and_see_no_hash(self, line: Line) -> None:
        give_service_password(line)
        self.lock(line)
        clerk = staff_client("clerk")
        shown = clerk.get(f"{self.page(line)}change/").content.decode()
        assert f'href="{self.page(line)}unlock/"' in shown
        assert ServicePassword.objects.get().password_hash not in shown
        assert clerk.post(f"{self.page(line)}unlock/", {"reason": " "}).status_code == 200
        with pytest.raises(ServicePasswordLocked):
            check_service_password(msisdn=line.msisdn, password=PASSWORD, address="192.0.2.1", now=now())
        assert clerk.post(f"{self.page(line)}unlock/", {"reason": "showed the card"}).status_code == 302
        assert check_service_password(msisdn=line.msisdn, password=PASSWORD, address="192.0.2.1", now=now()) == line

    def test_without_the_right_unlock_nothing(self, line: Line) -> None:
        give_service_password(line)
        self.lock(line)
        assert staff_client("finance").post(f"{self.page(line)}unlock/").status_code == 403
        with pytest.raises(ServicePasswordLocked):
            check_service_password(msisdn=line.msisdn, password=PASSWORD, address="192.0.2.1", now=now())
