import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from care.models import Ticket, TicketEntry, TicketState
from care.operations.ticket_desk import answer_ticket, note_for_staff, resolve_ticket
from kernel.ids import PublicId, uuid7
from tests.factories.accounts import signed_in_client
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.care import make_ticket

pytestmark = pytest.mark.django_db
STAFF = 7
OPEN = "/tickets/open/"


def address(ticket: Ticket, door: str = "ticket") -> str:
    return reverse(f"care:{door}", args=[PublicId(ticket.account_id, ticket.id)])


def wish(**changes: str) -> dict[str, str]:
    return {"kind": "COMPLAINT", "words": "charged twice", "request_key": str(uuid7()), **changes}


class TestOpenPage:
    def test_opens_one_ticket_however_often_the_form_is_sent(self) -> None:
        line = make_line()
        browser, filled_in = signed_in_client(line), wish()
        answers = [browser.post(OPEN, filled_in) for _time in range(2)]
        ticket = Ticket.objects.get()
        assert {answer["Location"] for answer in answers} == {address(ticket)}
        assert (ticket.line_id, ticket.kind, ticket.channel) == (line.id, "COMPLAINT", "WEB")
        assert ticket.number in browser.get(address(ticket)).content.decode()

    def test_carries_what_it_is_about(self) -> None:
        line = make_line(cash_fen=100_00)
        charge = make_charge(line)
        about = f"charge:{PublicId(line.account_id, charge.id)}"
        browser = signed_in_client(line)
        page = browser.get(OPEN, {"about": about}).content.decode()
        assert charge.name in page
        assert re.search(rf'name="about" value="{about}"', page)
        browser.post(OPEN, wish(about=about))
        assert Ticket.objects.get().about_id == charge.id

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_knows_nothing_of_what_is_somebody_elses(self, method: str) -> None:
        other = make_line(cash_fen=100_00)
        about = f"charge:{PublicId(other.account_id, make_charge(other).id)}"
        assert getattr(signed_in_client(make_line()), method)(OPEN, wish(about=about)).status_code == 404
        assert not Ticket.objects.exists()

    @pytest.mark.parametrize("wrong", [{"words": ""}, {"words": " "}, {"kind": "OTHER"}, {"words": "x" * 2001}])
    def test_says_what_is_wrong(self, wrong: dict[str, str]) -> None:
        answer = signed_in_client(make_line()).post(OPEN, wish(**wrong))
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
        assert not Ticket.objects.exists()

    def test_is_for_those_who_are_signed_in(self) -> None:
        assert Client().get(OPEN)["Location"].startswith("/sign-in/")


class TestTicketPage:
    def test_shows_answers_and_no_internal_notes(self) -> None:
        line = make_line()
        ticket = make_ticket(line, words="<b>charged</b> twice")
        key: Any = {"account_id": ticket.account_id, "ticket_id": ticket.id, "staff_id": STAFF, "now": NOW}
        note_for_staff(words="a difficult one", **key)
        answer_ticket(words="we look into it", **key)
        page = signed_in_client(line).get(address(ticket)).content.decode()
        assert "we look into it" in page
        assert "a difficult one" not in page
        assert "&lt;b&gt;charged" in page

    def test_is_not_there_for_another_line_of_the_account_nor_for_strangers(self) -> None:
        ticket = make_ticket(make_line())
        stranger = signed_in_client(make_line())
        assert stranger.get(address(ticket)).status_code == 404
        assert stranger.post(address(ticket, "ticket-reply"), {"act": "withdraw"}).status_code == 404
        assert stranger.get("/tickets/nonsense/").status_code == 404
        ticket.refresh_from_db()
        assert ticket.state == TicketState.ACKNOWLEDGED


class TestReply:
    @pytest.mark.parametrize(
        ("is_solved", "sent", "state", "entries"),
        [
            (False, {"act": "words", "words": "and more"}, "ACKNOWLEDGED", 2),
            (False, {"act": "withdraw"}, "CANCELLED", 2),
            (True, {"act": "solved"}, "CLOSED", 4),
            (True, {"act": "reopen", "words": "not at all"}, "IN_PROGRESS", 4),
        ],
    )
    def test_does_what_was_pressed(self, sent: dict[str, str], state: str, entries: int, *, is_solved: bool) -> None:
        line = make_line()
        ticket = make_ticket(line)
        if is_solved:
            resolve_ticket(account_id=ticket.account_id, ticket_id=ticket.id, words="done", staff_id=STAFF, now=NOW)
        browser = signed_in_client(line)
        assert browser.post(address(ticket, "ticket-reply"), sent)["Location"] == address(ticket)
        ticket.refresh_from_db()
        assert (ticket.state, TicketEntry.objects.count()) == (state, entries)
        assert browser.get(address(ticket)).status_code == 200

    @pytest.mark.parametrize(
        ("sent", "status"),
        [({"act": "solved"}, 409), ({"act": "reopen", "words": "no"}, 409), ({"act": "words", "words": ""}, 422)],
    )
    def test_refuses_on_the_page_and_nothing_moves(self, sent: dict[str, str], status: int) -> None:
        line = make_line()
        ticket = make_ticket(line)
        answer = signed_in_client(line).post(address(ticket, "ticket-reply"), sent)
        assert answer.status_code == status
        assert ticket.number in answer.content.decode()
        assert signed_in_client(line).get(address(ticket, "ticket-reply"))["Location"] == address(ticket)
        assert TicketEntry.objects.count() == 1
