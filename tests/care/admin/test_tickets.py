import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from care.admin.tickets import TicketAdmin
from care.models import Ticket, TicketEntry, TicketKind, TicketState
from care.operations.ticket_desk import take_ticket
from kernel.clock import now
from kernel.ids import uuid7
from tests.factories.accounts import make_staff, staff_client
from tests.factories.billing import NOW, make_line
from tests.factories.care import make_ticket

pytestmark = pytest.mark.django_db
LIST = "/staff/care/ticket/"


def act_on(client: Client, ticket: Ticket, act: str, **sent: str) -> Any:
    return client.post(f"{LIST}{ticket.account_id},{ticket.id}/{act}/", sent)


def state_of(ticket: Ticket) -> str:
    return Ticket.objects.get(id=ticket.id).state


class TestQuestions:
    def test_are_asked_by_clerks_and_carried_out(self) -> None:
        ticket, clerk = make_ticket(make_line()), staff_client("clerk")
        for act, sent, state in (
            ("take", {}, "IN_PROGRESS"),
            ("note", {"words": "rings every week"}, "IN_PROGRESS"),
            ("answer", {"words": "we look into it"}, "IN_PROGRESS"),
            ("hold", {"words": "the mast is rebuilt"}, "HELD"),
            ("take", {}, "IN_PROGRESS"),
            ("answer", {"words": "which number?", "asks": "on"}, "PENDING"),
            ("take", {}, "IN_PROGRESS"),
            ("resolve", {"words": "paid back"}, "RESOLVED"),
        ):
            assert act_on(clerk, ticket, act, **sent).status_code == 302, act
            assert state_of(ticket) == state, act
        page = clerk.get(f"{LIST}{ticket.account_id},{ticket.id}/change/").content.decode()
        assert all(words in page for words in ("rings every week", "which number?", "paid back"))

    def test_are_not_asked_where_they_make_no_sense_nor_of_whoever_may_not(self) -> None:
        ticket, begun = make_ticket(make_line()), make_ticket(make_line())
        take_ticket(account_id=begun.account_id, ticket_id=begun.id, staff_id=1, now=NOW)
        assert act_on(staff_client("clerk"), begun, "reject", words="no").status_code == 403
        assert act_on(staff_client("finance"), ticket, "take").status_code == 403
        assert act_on(staff_client("operations"), ticket, "take").status_code == 404
        assert (state_of(ticket), state_of(begun)) == ("ACKNOWLEDGED", "IN_PROGRESS")

    def test_need_words(self) -> None:
        ticket = make_ticket(make_line())
        answer = act_on(staff_client("clerk"), ticket, "reject", words=" ")
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
        assert state_of(ticket) == TicketState.ACKNOWLEDGED


class TestList:
    def numbers(self, client: Client, **query: str) -> list[str]:
        return re.findall(r">(\d{12})<", client.get(LIST, query).content.decode())

    def test_shows_what_is_promised_soonest_first(self) -> None:
        line, clerk = make_line(), staff_client("clerk")
        question = make_ticket(line, kind=TicketKind.ENQUIRY, now=now())
        complaint = make_ticket(line, now=now())
        late = make_ticket(line, now=now() - timedelta(days=8))
        mine = make_ticket(line, now=now())
        staff_id = make_staff("supervisor").pk
        take_ticket(account_id=line.account_id, ticket_id=mine.id, staff_id=staff_id, now=now())
        assert self.numbers(clerk, queue="work") == [one.number for one in (late, complaint, mine, question)]
        assert self.numbers(clerk, queue="late") == [late.number]
        assert self.numbers(clerk, queue="mine") == []

    def test_finds_a_ticket_by_its_number_and_by_the_phone_number(self) -> None:
        line, clerk = make_line(), staff_client("clerk")
        ticket = make_ticket(line)
        make_ticket(make_line())
        assert self.numbers(clerk, q=ticket.number) == self.numbers(clerk, q=line.msisdn) == [ticket.number]


class TestOpenView:
    def test_opens_one_ticket_for_a_caller(self) -> None:
        line, clerk = make_line(), staff_client("clerk")
        form = {"msisdn": line.msisdn, "kind": "FAULT", "words": "no signal", "channel": "HOTLINE"}
        form["request_key"] = str(uuid7())
        answers = [clerk.post(reverse("admin:care_ticket_open"), form) for _time in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        ticket = Ticket.objects.get()
        assert (ticket.line_id, ticket.kind, ticket.channel) == (line.id, "FAULT", "HOTLINE")
        entry = TicketEntry.objects.get()
        assert (entry.author, entry.staff_id) == ("STAFF", int(clerk.session["_auth_user_id"]))

    @pytest.mark.parametrize("wrong", [{"msisdn": "13900009999"}, {"msisdn": "x"}, {"words": ""}, {"kind": "?"}])
    def test_says_what_is_wrong(self, wrong: dict[str, str]) -> None:
        form = {"msisdn": make_line().msisdn, "kind": "FAULT", "words": "no signal", "channel": "HOTLINE"}
        form["request_key"] = str(uuid7())
        answer = staff_client("clerk").post(reverse("admin:care_ticket_open"), {**form, **wrong})
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
        assert not Ticket.objects.exists()

    def test_is_for_those_who_may(self) -> None:
        assert staff_client("finance").get(reverse("admin:care_ticket_open")).status_code == 403


def test_every_question_has_a_permission_of_its_own_app() -> None:
    assert {question.permission for question in TicketAdmin.questions} == {"care.work_ticket"}
