from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Budget, StaffUser
from tests.factories.accounts import NOON, signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
LOGIN = "/staff/login/"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def clerk() -> StaffUser:
    return StaffUser.objects.create_user(username="clerk", password=PASSWORD, is_staff=True)


def enter(password: str, *, username: str = "clerk", client: Client | None = None, **more: str) -> Any:
    values = {"username": username, "password": password, **more}
    return (client or Client()).post(f"{LOGIN}?next=/staff/", values)


class TestStaffSignIn:
    def test_opens_the_desk_for_the_right_password(self) -> None:
        client = Client()
        answer = enter(PASSWORD, client=client)
        assert (answer.status_code, answer["Location"]) == (302, "/staff/")
        assert client.get("/staff/").status_code == 200
        assert Budget.objects.count() == 0

    def test_holds_up_whoever_guesses(self, clock: Any) -> None:
        assert [enter("guess").status_code for _ in range(5)] == [200] * 5
        answer = enter(PASSWORD)
        assert answer.status_code == 200
        assert "12:15:00" in answer.content.decode()
        clock.move_to(NOON + timedelta(minutes=15))
        assert enter(PASSWORD).status_code == 302

    def test_answers_the_same_for_a_name_that_does_not_exist(self) -> None:
        known = [enter("guess").context["form"].errors for _ in range(6)]
        unknown = [enter("guess", username="nobody").context["form"].errors for _ in range(6)]
        assert known == unknown

    def test_counts_names_without_regard_to_case(self) -> None:
        for username in ("clerk", "Clerk", "CLERK"):
            enter("guess", username=username)
        assert Budget.objects.get().count == 3

    def test_starts_anew_after_the_right_password(self) -> None:
        for _ in range(4):
            enter("guess")
        enter(PASSWORD)
        assert [enter("guess").status_code for _ in range(4)] == [200] * 4
        assert enter(PASSWORD).status_code == 302

    def test_leads_to_no_other_site(self) -> None:
        answer = Client().post(f"{LOGIN}?next=https://evil.example/", {"username": "clerk", "password": PASSWORD})
        assert answer["Location"] == "/staff/"

    def test_is_no_way_in_for_customers(self) -> None:
        answer = signed_in_client(make_line()).get("/staff/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/staff/login/")
