"""E-invoices from many sides at once. Each race has a control: the same trial without its guard comes out wrong."""

from datetime import UTC, datetime

import pytest

from accounts.models import Line
from billing.models import EInvoice, EInvoiceBatch
from billing.operations import e_invoices
from billing.operations.e_invoice_results import export_e_invoices, settle_e_invoices
from billing.operations.e_invoices import withdraw_e_invoice
from billing.operations.issue_bills import issue_bills
from billing.queries.e_invoice_results import EInvoiceResult
from billing.queries.e_invoices import InvoiceSubject, get_paid_and_invoiced_fen
from kernel.ids import PublicId
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, make_charge, make_line, opened_long_ago
from tests.factories.e_invoices import OCTOBER, OCTOBER_BILL, ask, billed, hand_over, paid_top_up, subject_of
from tests.races import meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def paid_from_a_top_up() -> tuple[Line, list[InvoiceSubject]]:
    """Return a line whose one top-up paid its one bill, and both."""
    line = opened_long_ago(make_line())
    top_up = paid_top_up(line, 59_00)
    make_charge(line, amount_fen=59_00, now=datetime(2026, 10, 5, tzinfo=UTC))
    issue_bills(month=OCTOBER, now=NOW)
    return line, [OCTOBER_BILL, subject_of(top_up)]


class TestAskingFromManySides:
    def test_is_one_request_of_one_bill(self) -> None:
        line = billed()
        assert outcomes(lambda _number: ask(line)) == {"OK": 1, "E_INVOICE_ASKED_ALREADY": 63}
        assert EInvoice.objects.count() == 1
        assert broken_invariants() == {}

    def test_is_one_request_of_one_form(self) -> None:
        line = billed()
        assert outcomes(lambda _number: ask(line, request_key="1" * 32)) == {"OK": 64}
        assert EInvoice.objects.count() == 1

    def test_invoices_the_same_money_once(self) -> None:
        """The bill was paid from the top-up: one of both may be invoiced."""
        line, subjects = paid_from_a_top_up()
        assert outcomes(lambda number: ask(line, subjects[number]), times=2) == {"OK": 1, "PAID_MONEY_INVOICED": 1}
        assert broken_invariants() == {}

    def test_control_without_its_turn_the_same_money_is_invoiced_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line, subjects = paid_from_a_top_up()
        monkeypatch.setattr(e_invoices, "_take_turn", lambda _account_id: None)
        looked = meet_after(get_paid_and_invoiced_fen, times=2)
        monkeypatch.setattr(e_invoices, "get_paid_and_invoiced_fen", looked)
        assert outcomes(lambda number: ask(line, subjects[number]), times=2) == {"OK": 2}

    def test_control_without_its_turn_the_constraint_refuses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line = billed()
        monkeypatch.setattr(e_invoices, "_take_turn", lambda _account_id: None)
        looked = meet_after(get_paid_and_invoiced_fen, times=8)
        monkeypatch.setattr(e_invoices, "get_paid_and_invoiced_fen", looked)
        assert outcomes(lambda _number: ask(line), times=8) == {"OK": 1, "DATABASE_ERROR": 7}


class TestHandingOverFromManySides:
    def test_puts_each_request_into_one_file(self) -> None:
        for _number in range(3):
            ask(billed())
        assert outcomes(lambda _number: export_e_invoices(made_by="wang", now=NOW), times=16) == {
            "OK": 1,
            "NOTHING_TO_EXPORT": 15,
        }
        assert EInvoiceBatch.objects.values_list("count", flat=True).get() == 3
        assert broken_invariants() == {}

    def test_takes_it_or_lets_it_be_withdrawn(self) -> None:
        e_invoice = ask(billed())

        def act(number: int) -> object:
            if number % 2:
                return export_e_invoices(made_by="wang", now=NOW)
            return withdraw_e_invoice(account_id=e_invoice.account_id, e_invoice_id=e_invoice.id, now=NOW)

        ended = outcomes(act, times=16)
        e_invoice.refresh_from_db()
        if e_invoice.state == "EXPORTED":
            assert ended == {"OK": 1, "NOTHING_TO_EXPORT": 7, "E_INVOICE_NOT_WITHDRAWABLE": 8}
        else:
            assert (e_invoice.state, ended) == ("WITHDRAWN", {"OK": 8, "NOTHING_TO_EXPORT": 8})
        assert broken_invariants() == {}


class TestOutcomesFromManySides:
    def test_are_written_down_and_told_once(self) -> None:
        e_invoice = hand_over(ask(billed()))
        request = str(PublicId(e_invoice.account_id, e_invoice.id))
        results = [
            EInvoiceResult(2, request, "ISSUED", invoice_number="12345678"),
            EInvoiceResult(2, request, "REFUSED", refusal="抬头不符"),
        ]
        ended = outcomes(
            lambda number: settle_e_invoices(results=[results[number % 2]], finished_by="wang", now=NOW), times=16
        )
        assert ended == {"OK": 8, "RESULTS_WRONG": 8}
        assert Sms.objects.filter(kind="E_INVOICE").count() == 1
        assert broken_invariants() == {}
