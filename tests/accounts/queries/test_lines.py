import uuid

import pytest

from accounts.models import Line, LineState
from accounts.queries.lines import (
    NumberUnknown,
    get_line,
    get_line_by_msisdn,
    list_account_ids_of_number,
    list_lines,
    list_numbers_of_accounts,
)
from kernel.errors import NotFound
from tests.factories.accounts import NOON, fresh_msisdn, make_line

pytestmark = pytest.mark.django_db


def second_line_of(line: Line, *, state: str = LineState.ACTIVE) -> Line:
    return Line.objects.create(account_id=line.account_id, msisdn=fresh_msisdn(), state=state, activated_at=NOON)


class TestGetLine:
    def test_returns_the_line_of_the_account(self) -> None:
        line = make_line()
        assert get_line(account_id=line.account_id, line_id=line.id) == line

    def test_does_not_find_a_line_under_another_account(self) -> None:
        with pytest.raises(NotFound):
            get_line(account_id=make_line().account_id, line_id=make_line().id)

    def test_does_not_find_a_closed_line(self) -> None:
        line = make_line()
        Line.objects.update(state=LineState.CLOSED)
        with pytest.raises(NotFound):
            get_line(account_id=line.account_id, line_id=line.id)


class TestGetLineByMsisdn:
    def test_returns_the_line_behind_a_number(self) -> None:
        line = make_line()
        assert get_line_by_msisdn(line.msisdn) == line

    def test_does_not_know_a_number_not_in_use(self) -> None:
        with pytest.raises(NumberUnknown):
            get_line_by_msisdn(fresh_msisdn())

    def test_does_not_know_the_number_of_a_closed_line(self) -> None:
        line = make_line()
        Line.objects.update(state=LineState.CLOSED)
        with pytest.raises(NumberUnknown):
            get_line_by_msisdn(line.msisdn)


class TestListLines:
    def test_returns_the_lines_in_use_oldest_first(self) -> None:
        first = make_line()
        make_line()
        second_line_of(first, state=LineState.CLOSED)
        third = second_line_of(first, state=LineState.SUSPENDED)
        assert list_lines(account_id=first.account_id) == [first, third]


class TestListAccountIdsOfNumber:
    def test_finds_accounts_that_have_or_had_the_number(self) -> None:
        old = make_line()
        Line.objects.update(state=LineState.CLOSED)
        now = make_line()
        Line.objects.create(account_id=now.account_id, msisdn=old.msisdn, activated_at=NOON)
        assert list_account_ids_of_number(old.msisdn) == [now.account_id, old.account_id]

    def test_finds_none_for_a_number_never_used(self) -> None:
        assert list_account_ids_of_number(fresh_msisdn()) == []


class TestListNumbersOfAccounts:
    def test_returns_numbers_in_use_by_account(self) -> None:
        first, other = make_line(), make_line()
        second = second_line_of(first)
        second_line_of(first, state=LineState.CLOSED)
        accounts = {first.account_id, other.account_id, uuid.UUID(int=1)}
        assert list_numbers_of_accounts(accounts) == {
            first.account_id: [first.msisdn, second.msisdn],
            other.account_id: [other.msisdn],
        }
