from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.models import Line
from care.models import AboutKind, EntryKind, Ticket, TicketEntry, TicketKind, TicketState
from care.operations.open_ticket import TooManyTickets
from care.operations.retention import list_rules
from care.operations.ticket_desk import (
    answer_ticket,
    close_solved_tickets,
    hold_ticket,
    note_for_staff,
    reject_ticket,
    resolve_ticket,
    take_ticket,
)
from care.operations.ticket_steps import StepNotThere, TicketEnded, WordsMissing, WordsTooLong
from care.operations.ticket_wishes import add_words, confirm_solved, reopen_ticket, withdraw_ticket
from care.queries.audit import list_checks
from kernel.audit import run_check
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.care import CUSTOMER, make_ticket

pytestmark = pytest.mark.django_db
STAFF, COLLEAGUE = 7, 8
HOUR = timedelta(hours=1)


def key(ticket: Ticket) -> dict[str, Any]:
    return {"account_id": ticket.account_id, "ticket_id": ticket.id}


def history(ticket: Ticket) -> list[tuple[str, str, str]]:
    """Kind, state then and words of each entry; and the invariants hold after whatever was tried."""
    assert [check.name for check in list_checks() if run_check(check).violations] == []
    entries = TicketEntry.objects.filter(account_id=ticket.account_id, ticket_id=ticket.id).order_by("number")
    return list(entries.values_list("kind", "state", "words"))


def texts(line: Line) -> list[str]:
    """Return the kinds of texts that were queued, by name: those of one instant have no order."""
    return sorted(
        Sms.objects.filter(account_id=line.account_id, kind__startswith="TICKET").values_list("kind", flat=True)
    )


def stood(ticket: Ticket) -> tuple[Any, ...]:
    return (*Ticket.objects.filter(id=ticket.id).values_list().get(), history(ticket))


class TestOpenTicket:
    def test_promises_by_kind_and_texts_the_number(self) -> None:
        line = make_line()
        complaint, question = make_ticket(line), make_ticket(line, kind=TicketKind.ENQUIRY)
        assert (complaint.answer_due_at - NOW, complaint.solve_due_at - NOW) == (24 * HOUR, 72 * HOUR)
        assert question.solve_due_at - NOW == 7 * 24 * HOUR
        assert complaint.number[:6] == "261122"
        assert complaint.number != question.number
        text = Sms.objects.filter(account_id=line.account_id, body__contains=complaint.number).get()
        assert "投诉" in text.body
        assert "/tickets/" in text.body
        assert history(complaint) == [("STEP", "ACKNOWLEDGED", "")]

    def test_is_one_ticket_for_one_request(self) -> None:
        line = make_line()
        first, second = make_ticket(line, request_key="1"), make_ticket(line, request_key="1", words="again")
        assert (first.id, second.words) == (second.id, "charged twice")
        assert texts(line) == ["TICKET_OPENED"]

    def test_keeps_what_it_came_from(self) -> None:
        line = make_line(cash_fen=100_00)
        charge = make_charge(line)
        ticket = make_ticket(line, about=(AboutKind.CHARGE, charge.id))
        assert (ticket.about_kind, ticket.about_id, ticket.about_name) == ("CHARGE", charge.id, charge.name)

    @pytest.mark.parametrize("kind", list(AboutKind))
    def test_refuses_what_is_not_the_accounts(self, kind: AboutKind) -> None:
        other = make_line(cash_fen=100_00)
        with pytest.raises(NotFound):
            make_ticket(make_line(), about=(kind, make_charge(other).id))
        assert not Ticket.objects.exists()

    @pytest.mark.parametrize(("words", "refusal"), [(" \n ", WordsMissing), ("字" * 2001, WordsTooLong)])
    def test_needs_words_that_fit(self, words: str, refusal: type[DomainError]) -> None:
        line = make_line()
        with pytest.raises(refusal):
            make_ticket(line, words=words)
        assert (Ticket.objects.count(), texts(line)) == (0, [])

    def test_is_limited_within_a_day(self, settings: Any) -> None:
        settings.TICKETS_PER_DAY = 2
        line = make_line()
        for _one in range(2):
            make_ticket(line)
        with pytest.raises(TooManyTickets):
            make_ticket(line)
        assert Ticket.objects.count() == 2
        assert make_ticket(line, now=NOW + 24 * HOUR).number


class TestStaff:
    def test_takes_answers_and_resolves_with_a_text_each(self) -> None:
        line = make_line()
        ticket = make_ticket(line)
        take_ticket(**key(ticket), staff_id=STAFF, now=NOW)
        take_ticket(**key(ticket), staff_id=COLLEAGUE, now=NOW)
        answer_ticket(**key(ticket), words="we look into it", staff_id=COLLEAGUE, now=NOW + HOUR)
        answer_ticket(**key(ticket), words="which number?", asks=True, staff_id=COLLEAGUE, now=NOW + 2 * HOUR)
        add_words(**key(ticket), words="this one", author=CUSTOMER, now=NOW + 3 * HOUR)
        resolve_ticket(**key(ticket), words="paid back", staff_id=COLLEAGUE, now=NOW + 4 * HOUR)
        ticket.refresh_from_db()
        assert (ticket.state, ticket.assigned_to) == (TicketState.RESOLVED, COLLEAGUE)
        assert (ticket.answered_at, ticket.solved_at) == (NOW + HOUR, NOW + 4 * HOUR)
        assert history(ticket) == [
            ("STEP", "ACKNOWLEDGED", ""),
            ("STEP", "IN_PROGRESS", ""),
            ("ANSWER", "IN_PROGRESS", "we look into it"),
            ("ANSWER", "IN_PROGRESS", "which number?"),
            ("STEP", "PENDING", ""),
            ("WORDS", "PENDING", "this one"),
            ("STEP", "IN_PROGRESS", ""),
            ("STEP", "RESOLVED", "paid back"),
        ]
        assert texts(line) == ["TICKET_ANSWERED", "TICKET_OPENED", "TICKET_RESOLVED", "TICKET_WAITS"]

    def test_goes_on_with_what_was_put_off_or_waited_for_the_customer(self) -> None:
        ticket = make_ticket(make_line())
        hold_ticket(**key(ticket), words="the mast is rebuilt", staff_id=STAFF, now=NOW)
        take_ticket(**key(ticket), staff_id=STAFF, now=NOW)
        answer_ticket(**key(ticket), words="where?", asks=True, staff_id=STAFF, now=NOW)
        take_ticket(**key(ticket), staff_id=STAFF, now=NOW)
        states = [state for kind, state, _words in history(ticket) if kind == EntryKind.STEP]
        assert states == ["ACKNOWLEDGED", "IN_PROGRESS", "HELD", "IN_PROGRESS", "PENDING", "IN_PROGRESS"]

    def test_turns_down_only_what_nobody_has_begun_with(self) -> None:
        line = make_line()
        ticket, begun = make_ticket(line), make_ticket(line)
        reject_ticket(**key(ticket), words="not our network", staff_id=STAFF, now=NOW)
        take_ticket(**key(begun), staff_id=STAFF, now=NOW)
        before = stood(begun)
        with pytest.raises(StepNotThere), translation.override("en"):
            reject_ticket(**key(begun), words="no", staff_id=STAFF, now=NOW)
        assert stood(begun) == before
        assert history(ticket)[-1] == ("STEP", "REJECTED", "not our network")
        assert texts(line) == ["TICKET_ENDED", "TICKET_OPENED", "TICKET_OPENED"]

    @pytest.mark.parametrize("act", [answer_ticket, resolve_ticket, hold_ticket])
    def test_does_nothing_more_about_what_has_ended(self, act: Any) -> None:
        ticket = make_ticket(make_line())
        withdraw_ticket(**key(ticket), author=CUSTOMER, now=NOW)
        before = stood(ticket)
        with pytest.raises(TicketEnded):
            act(**key(ticket), words="late", staff_id=STAFF, now=NOW)
        assert stood(ticket) == before

    def test_notes_for_colleagues_change_nothing_else(self) -> None:
        line = make_line()
        ticket = make_ticket(line)
        note_for_staff(**key(ticket), words="calls every week", staff_id=STAFF, now=NOW)
        assert history(ticket)[-1] == ("NOTE", "ACKNOWLEDGED", "calls every week")
        assert texts(line) == ["TICKET_OPENED"]


class TestCustomer:
    def resolved(self, line: Line) -> Ticket:
        ticket = make_ticket(line)
        resolve_ticket(**key(ticket), words="done", staff_id=STAFF, now=NOW)
        return ticket

    def test_says_that_it_is_solved_once(self) -> None:
        ticket = self.resolved(make_line())
        for _time in range(2):
            confirm_solved(**key(ticket), author=CUSTOMER, now=NOW + HOUR)
        ticket.refresh_from_db()
        assert (ticket.state, ticket.ended_at) == (TicketState.CLOSED, NOW + HOUR)
        assert [state for _kind, state, _words in history(ticket)].count("CLOSED") == 1

    def test_says_that_it_is_not(self) -> None:
        ticket = self.resolved(make_line())
        reopen_ticket(**key(ticket), words="charged again", author=CUSTOMER, now=NOW)
        assert history(ticket)[-1] == ("STEP", "IN_PROGRESS", "charged again")
        with pytest.raises(StepNotThere):
            confirm_solved(**key(ticket), author=CUSTOMER, now=NOW)

    def test_withdraws_before_it_is_solved_only(self) -> None:
        ticket = self.resolved(make_line())
        before = stood(ticket)
        with pytest.raises(StepNotThere):
            withdraw_ticket(**key(ticket), author=CUSTOMER, now=NOW)
        assert stood(ticket) == before

    def test_does_not_reach_another_accounts_ticket(self) -> None:
        ticket, stranger = make_ticket(make_line()), make_line()
        with pytest.raises(NotFound):
            add_words(account_id=stranger.account_id, ticket_id=ticket.id, words="mine", author=CUSTOMER, now=NOW)
        assert len(history(ticket)) == 1


class TestCloseSolvedTickets:
    def test_closes_what_nobody_objected_to_in_time(self) -> None:
        line = make_line()
        silent, open_one = make_ticket(line), make_ticket(line)
        resolve_ticket(**key(silent), words="done", staff_id=STAFF, now=NOW)
        week = timedelta(days=7)
        assert close_solved_tickets(now=NOW + week - HOUR, limit=10) == 0
        assert [close_solved_tickets(now=NOW + week, limit=10) for _time in range(2)] == [1, 0]
        silent.refresh_from_db()
        open_one.refresh_from_db()
        assert (silent.state, open_one.state) == (TicketState.CLOSED, TicketState.ACKNOWLEDGED)
        assert history(silent)[-1] == ("STEP", "CLOSED", "")


class TestRetention:
    def test_forgets_the_words_of_what_ended_long_ago(self) -> None:
        line = make_line()
        ended, going_on = make_ticket(line), make_ticket(line)
        add_words(**key(ended), words="more", author=CUSTOMER, now=NOW)
        withdraw_ticket(**key(ended), author=CUSTOMER, now=NOW)
        later = NOW + timedelta(days=3 * 365)
        applied = [(rule.name, rule.apply(later - HOUR), rule.apply(later), rule.apply(later)) for rule in list_rules()]
        assert applied == [("tickets", 0, 1, 0), ("ticket_entries", 0, 1, 0)]
        ended.refresh_from_db()
        assert (ended.words, {words for _kind, _state, words in history(ended)}) == ("", {""})
        assert Ticket.objects.get(id=going_on.id).words == "charged twice"
