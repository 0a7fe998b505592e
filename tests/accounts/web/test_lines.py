import uuid

import pytest
from django.test import Client

from accounts.models import Line, LineState
from accounts.web.signed_in import SESSION_KEY
from kernel.ids import PublicId
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db


def public_id(line: Line) -> str:
    return str(PublicId(line.account_id, line.id))


def signed_in(client: Client) -> list[str]:
    return [entry["line"] for entry in client.session.get(SESSION_KEY, [])]


class TestSwitchLine:
    def test_makes_another_signed_in_line_the_current_one(self) -> None:
        first, second, third = make_line(), make_line(cash_fen=12_30), make_line()
        client = signed_in_client(first, second, third)
        answer = client.post("/lines/current/", {"line": public_id(second), "next": "/statement/"})
        assert (answer.status_code, answer["Location"]) == (302, "/statement/")
        assert signed_in(client) == [str(second.id), str(first.id), str(third.id)]
        assert client.get("/").context["balance_fen"] == 12_30

    def test_does_not_find_a_line_of_somebody_else(self) -> None:
        mine, other = make_line(), make_line()
        client = signed_in_client(mine)
        assert client.post("/lines/current/", {"line": public_id(other)}).status_code == 404
        assert signed_in(client) == [str(mine.id)]

    def test_does_not_find_a_line_under_another_account(self) -> None:
        mine, other = make_line(), make_line()
        client = signed_in_client(mine)
        mixed = str(PublicId(other.account_id, mine.id))
        assert client.post("/lines/current/", {"line": mixed}).status_code == 404

    @pytest.mark.parametrize("line", ["", "nonsense", "A" * 44, str(PublicId(uuid.UUID(int=0), uuid.UUID(int=0)))])
    def test_does_not_find_what_names_no_line(self, line: str) -> None:
        assert signed_in_client(make_line()).post("/lines/current/", {"line": line}).status_code == 404

    def test_goes_home_instead_of_to_another_site(self) -> None:
        line = make_line()
        client = signed_in_client(line)
        answer = client.post("/lines/current/", {"line": public_id(line), "next": "https://evil.example/"})
        assert answer["Location"] == "/"


class TestSignOut:
    def test_forgets_every_line_and_the_session(self) -> None:
        client = signed_in_client(make_line(), make_line())
        key = client.cookies["sessionid"].value
        answer = client.post("/sign-out/")
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert signed_in(client) == []
        thief = Client()
        thief.cookies["sessionid"] = key
        assert thief.get("/statement/").status_code == 302

    def test_can_be_done_twice(self) -> None:
        assert Client().post("/sign-out/").status_code == 302


class TestClosedLine:
    def test_is_signed_out_at_once(self) -> None:
        line = make_line()
        client = signed_in_client(line)
        assert client.get("/statement/").status_code == 200
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        assert client.get("/statement/").status_code == 302

    def test_leaves_the_next_one_current(self) -> None:
        closed, other = make_line(), make_line(cash_fen=12_30)
        client = signed_in_client(closed, other)
        Line.objects.filter(account_id=closed.account_id).update(state=LineState.CLOSED)
        assert client.get("/").context["balance_fen"] == 12_30
