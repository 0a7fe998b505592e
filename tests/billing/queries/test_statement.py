from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from billing.operations.top_ups import confirm_top_up
from billing.queries.statement import get_statement
from tests.factories.billing import NOW, make_charge, make_line, make_top_up

pytestmark = pytest.mark.django_db


class TestGetStatement:
    def test_names_the_reason_of_each_movement(self) -> None:
        line = make_line(cash_fen=100_00)
        top_up = make_top_up(line)
        confirm_top_up(
            account_id=line.account_id, top_up_id=top_up.id, paid_fen=50_00, provider_payment_number="P1", now=NOW
        )
        charge = make_charge(line, name="流量包", amount_fen=1_00)
        statement = get_statement(line.account_id, limit=10)
        assert [
            (entry.version, entry.amount_fen, entry.after_fen, entry.reason_kind, entry.reason_id, entry.what)
            for entry in statement.entries
        ] == [
            (3, -1_00, 149_00, "CHARGE", charge.id, "流量包"),
            (2, 50_00, 150_00, "TOP_UP", top_up.id, ""),
            (1, 100_00, 100_00, "OPENING", line.account_id, ""),
        ]
        assert [entry.msisdn for entry in statement.entries] == [line.msisdn, line.msisdn, ""]
        assert statement.older_than is None

    def test_tells_where_to_go_on_only_when_there_is_more(self) -> None:
        line = make_line(cash_fen=100_00)
        make_charge(line, now=NOW + timedelta(minutes=1))
        make_charge(line, now=NOW + timedelta(minutes=2))
        first = get_statement(line.account_id, limit=2)
        assert ([entry.version for entry in first.entries], first.older_than) == ([3, 2], 2)
        second = get_statement(line.account_id, limit=2, older_than=first.older_than)
        assert ([entry.version for entry in second.entries], second.older_than) == ([1], None)
        assert get_statement(line.account_id, limit=3).older_than is None

    def test_reads_a_page_in_three_queries(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        line = make_line(cash_fen=100_00)
        for _number in range(5):
            top_up = make_top_up(line, amount_fen=1_00)
            confirm_top_up(
                account_id=line.account_id, top_up_id=top_up.id, paid_fen=1_00, provider_payment_number="P", now=NOW
            )
            make_charge(line)
        with django_assert_num_queries(3):
            get_statement(line.account_id, limit=20)
