"""Requests are handed over once, and what came of each is written down and told once."""

import uuid
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from billing.models import EInvoice, EInvoiceBatch
from billing.operations.e_invoice_results import (
    NothingToExport,
    ResultsWrong,
    SettledResults,
    export_e_invoices,
    settle_e_invoices,
)
from billing.operations.e_invoices import withdraw_e_invoice
from billing.queries.e_invoice_results import EInvoiceResult, ResultProblem
from kernel.ids import PublicId
from messaging.models import Sms
from tests.factories.billing import NOW
from tests.factories.e_invoices import ask, billed

pytestmark = pytest.mark.django_db


def handed_over(count: int = 1) -> list[EInvoice]:
    """Requests of as many customers, in one file."""
    for _number in range(count):
        ask(billed())
    batch = export_e_invoices(made_by="wang", now=NOW)
    return list(EInvoice.objects.filter(batch_id=batch.id).order_by("account_id"))


def issued(row: EInvoice, number: str = "26352000000012345678", place: int = 2) -> EInvoiceResult:
    return EInvoiceResult(place, str(PublicId(row.account_id, row.id)), "ISSUED", invoice_number=number)


def refused(row: EInvoice, reason: str = "税号与抬头不符", place: int = 3) -> EInvoiceResult:
    return EInvoiceResult(place, str(PublicId(row.account_id, row.id)), "REFUSED", refusal=reason)


def settle(*results: EInvoiceResult) -> SettledResults:
    return settle_e_invoices(results=results, finished_by="wang", now=NOW)


def texts() -> list[str]:
    return list(Sms.objects.filter(kind="E_INVOICE").values_list("body", flat=True))


class TestExportEInvoices:
    def test_hands_over_what_waits(self) -> None:
        waiting, withdrawn = ask(billed()), ask(billed())
        withdraw_e_invoice(account_id=withdrawn.account_id, e_invoice_id=withdrawn.id, now=NOW)
        batch = export_e_invoices(made_by="wang", now=NOW)
        assert (batch.count, batch.total_fen, batch.made_by) == (1, 59_00, "wang")
        states = dict(EInvoice.objects.values_list("id", "state"))
        assert states == {waiting.id: "EXPORTED", withdrawn.id: "WITHDRAWN"}
        assert EInvoice.objects.get(id=waiting.id).batch_id == batch.id

    def test_hands_over_each_request_once(self) -> None:
        handed_over()
        with pytest.raises(NothingToExport):
            export_e_invoices(made_by="wang", now=NOW)
        assert EInvoiceBatch.objects.count() == 1

    def test_takes_the_oldest_first(self) -> None:
        late = ask(billed(), now=NOW + timedelta(minutes=1))
        early = ask(billed())
        assert export_e_invoices(made_by="wang", now=NOW, limit=1).count == 1
        assert EInvoice.objects.get(id=early.id).state == "EXPORTED"
        assert EInvoice.objects.get(id=late.id).state == "REQUESTED"


class TestSettleEInvoices:
    def test_writes_down_and_tells_what_came_of_each(self) -> None:
        first, second = handed_over(2)
        assert settle(issued(first), refused(second)) == SettledResults(issued=1, refused=1, repeated=0)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, first.invoice_number, first.refusal) == ("ISSUED", "26352000000012345678", "")
        assert (second.state, second.invoice_number, second.refusal) == ("REFUSED", "", "税号与抬头不符")
        assert (first.finished_by, first.finished_at) == ("wang", NOW)
        assert sorted(texts()) == [
            "【和风通信】电子发票已开具：2026年10月账单，金额59.00元。请登录网上营业厅，在“电子发票”中查看发票号码。",
            "【和风通信】电子发票未能开具：2026年10月账单，金额59.00元，原因：税号与抬头不符。请登录网上营业厅，在“电子发票”中重新申请。",
        ]

    def test_changes_nothing_the_second_time(self) -> None:
        first, second = handed_over(2)
        settle(issued(first), refused(second))
        assert settle(issued(first), refused(second)) == SettledResults(issued=0, refused=0, repeated=2)
        assert len(texts()) == 2

    def test_lets_a_customer_ask_again_after_a_refusal(self) -> None:
        (row,) = handed_over()
        settle(refused(row))
        line = type("Line", (), {"account_id": row.account_id, "id": row.line_id})()
        assert ask(line).state == "REQUESTED"

    def test_carries_out_all_lines_or_none(self) -> None:
        first, second = handed_over(2)
        unknown = EInvoiceResult(9, str(PublicId(uuid.uuid4(), uuid.uuid4())), "ISSUED", invoice_number="12345678")
        with pytest.raises(ResultsWrong) as caught:
            settle(issued(first), refused(second), unknown)
        assert [(plan.result.place, plan.problem) for plan in caught.value.wrong] == [
            (9, ResultProblem.REQUEST_UNKNOWN)
        ]
        assert set(EInvoice.objects.values_list("state", flat=True)) == {"EXPORTED"}
        assert texts() == []

    @pytest.mark.parametrize(
        ("state", "number", "reason", "problem"),
        [
            ("issued", "12345678", "", ResultProblem.STATE_UNKNOWN),
            ("", "12345678", "", ResultProblem.STATE_UNKNOWN),
            ("WITHDRAWN", "", "x", ResultProblem.STATE_UNKNOWN),
            ("ISSUED", "", "", ResultProblem.NUMBER_WRONG),
            ("ISSUED", "1234567", "", ResultProblem.NUMBER_WRONG),
            ("ISSUED", "1" * 21, "", ResultProblem.NUMBER_WRONG),
            ("ISSUED", "1234567x", "", ResultProblem.NUMBER_WRONG),
            ("ISSUED", "１２３４５６７８", "", ResultProblem.NUMBER_WRONG),
            ("REFUSED", "", "", ResultProblem.REASON_MISSING),
            ("REFUSED", "", "x" * 201, ResultProblem.REASON_MISSING),
        ],
    )
    def test_refuses_a_line_that_says_too_little(
        self, state: str, number: str, reason: str, problem: ResultProblem
    ) -> None:
        (row,) = handed_over()
        with pytest.raises(ResultsWrong) as caught:
            settle(EInvoiceResult(2, str(PublicId(row.account_id, row.id)), state, number, reason))
        assert [plan.problem for plan in caught.value.wrong] == [problem]
        assert EInvoice.objects.get().state == "EXPORTED"

    def test_refuses_a_request_that_was_not_handed_over(self) -> None:
        row = ask(billed())
        with pytest.raises(ResultsWrong) as caught:
            settle(issued(row))
        assert [plan.problem for plan in caught.value.wrong] == [ResultProblem.NOT_EXPORTED]

    def test_refuses_another_outcome_than_the_one_before(self) -> None:
        (row,) = handed_over()
        settle(issued(row))
        for other in (issued(row, "87654321"), refused(row)):
            with pytest.raises(ResultsWrong) as caught:
                settle(other)
            assert [plan.problem for plan in caught.value.wrong] == [ResultProblem.FINISHED_OTHERWISE]
        assert EInvoice.objects.get().invoice_number == "26352000000012345678"

    def test_refuses_a_request_or_number_that_stands_twice(self) -> None:
        first, second = handed_over(2)
        with pytest.raises(ResultsWrong) as caught:
            settle(issued(first), issued(first, place=3), issued(second, place=4))
        assert [(plan.result.place, plan.problem) for plan in caught.value.wrong] == [
            (3, ResultProblem.NAMED_TWICE),
            (4, ResultProblem.NUMBER_USED),
        ]
        settle(issued(first))
        with pytest.raises(ResultsWrong):
            settle(issued(second))
        assert len(texts()) == 1

    def test_reads_any_number_of_lines_with_as_many_queries(
        self, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        rows = handed_over(6)
        results = [issued(row, f"1234567{number}", place=number) for number, row in enumerate(rows)]
        with django_assert_max_num_queries(18):
            settle(*results)
