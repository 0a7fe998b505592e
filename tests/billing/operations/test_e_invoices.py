"""Asking for e-invoices: one for each bill and top-up, of what was paid, by who paid."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from billing.models import BuyerKind, EInvoice, EInvoiceState
from billing.operations.e_invoices import (
    AskedAlready,
    BuyerNameMissing,
    NotInvoiceable,
    NotWithdrawable,
    PaidMoneyInvoiced,
    TaxpayerNumberWrong,
    withdraw_e_invoice,
)
from billing.operations.issue_bills import issue_bills
from billing.operations.ledger import IdempotencyConflict
from billing.queries.e_invoices import InvoiceSubject
from kernel.errors import NotFound
from tests.factories.accounts import make_staff
from tests.factories.billing import NOW, make_charge, make_line, make_refund, make_top_up, opened_long_ago
from tests.factories.e_invoices import COMPANY, OCTOBER, ask, billed, paid_top_up, subject_of

pytestmark = pytest.mark.django_db


class TestRequestEInvoice:
    def test_takes_the_amount_of_a_bill_from_the_books(self) -> None:
        line = billed()
        e_invoice = ask(line, buyer_name="  张  三 ", email="zhang@example.com")
        assert (e_invoice.state, e_invoice.amount_fen, e_invoice.subject_key) == ("REQUESTED", 59_00, "bill:2026-10")
        assert (e_invoice.buyer_name, e_invoice.taxpayer_number, e_invoice.email) == ("张 三", "", "zhang@example.com")
        assert (e_invoice.msisdn, e_invoice.language) == (line.msisdn, line.language)

    def test_takes_the_amount_of_a_top_up_from_the_books(self) -> None:
        line = make_line()
        e_invoice = ask(line, subject_of(paid_top_up(line)))
        assert (e_invoice.amount_fen, e_invoice.period_date) == (50_00, None)

    def test_is_for_who_paid_for_somebody_else(self) -> None:
        payer, other = make_line(), make_line()
        top_up = paid_top_up(other, payer_account_id=payer.account_id)
        e_invoice = ask(payer, subject_of(top_up))
        assert (e_invoice.account_id, e_invoice.top_up_account_id) == (payer.account_id, other.account_id)
        with pytest.raises(NotFound):
            ask(other, subject_of(top_up))

    @pytest.mark.parametrize("number", [COMPANY, COMPANY.lower(), f" {COMPANY[:9]} {COMPANY[9:]} ", "350100123456789"])
    def test_takes_a_companys_number_as_people_type_it(self, number: str) -> None:
        e_invoice = ask(billed(), buyer_kind=BuyerKind.COMPANY, buyer_name="某公司", taxpayer_number=number)
        assert e_invoice.taxpayer_number == "".join(number.split()).upper()

    @pytest.mark.parametrize(
        "number",
        [
            "",
            "91350100M000100Y44",
            "91350100M000100Y4",
            "1" * 16,
            "3501001234567",
            "９１３５０１００Ｍ０００１００Ｙ４３",
        ],
    )
    def test_refuses_a_companys_number_with_a_slip(self, number: str) -> None:
        line = billed()
        with pytest.raises(TaxpayerNumberWrong):
            ask(line, buyer_kind=BuyerKind.COMPANY, buyer_name="某公司", taxpayer_number=number)
        assert not EInvoice.objects.exists()

    def test_leaves_a_number_out_of_a_persons_invoice(self) -> None:
        assert ask(billed(), taxpayer_number="what is this").taxpayer_number == ""

    @pytest.mark.parametrize("name", ["", "  ", "x" * 101])
    def test_needs_a_title(self, name: str) -> None:
        line = billed()
        with pytest.raises(BuyerNameMissing):
            ask(line, buyer_name=name)
        assert not EInvoice.objects.exists()

    def test_is_one_request_when_the_form_is_sent_twice(self) -> None:
        line, key = billed(), "1" * 32
        first = ask(line, request_key=key)
        assert ask(line, request_key=key, now=NOW + timedelta(minutes=1)).id == first.id
        with pytest.raises(IdempotencyConflict):
            ask(line, request_key=key, buyer_name="李四")
        assert EInvoice.objects.count() == 1

    def test_is_made_once_for_each_bill(self) -> None:
        line = billed()
        ask(line)
        with pytest.raises(AskedAlready):
            ask(line)
        assert EInvoice.objects.count() == 1

    def test_may_be_made_anew_after_it_was_withdrawn(self) -> None:
        line = billed()
        first = ask(line)
        withdraw_e_invoice(account_id=line.account_id, e_invoice_id=first.id, now=NOW)
        assert ask(line).id != first.id

    def test_is_refused_for_a_bill_that_is_not_paid(self) -> None:
        line = billed(cash_fen=1_00, may_owe=True)
        with pytest.raises(NotInvoiceable):
            ask(line)

    def test_is_refused_for_a_bill_of_nothing(self) -> None:
        line = opened_long_ago(make_line(cash_fen=1_00))
        issue_bills(month=OCTOBER, now=datetime(2026, 11, 1, tzinfo=UTC))
        with pytest.raises(NotInvoiceable):
            ask(line)

    def test_is_refused_for_a_bill_that_bonus_paid(self) -> None:
        line = opened_long_ago(make_line(bonus_fen=100_00))
        make_charge(line, amount_fen=59_00, now=datetime(2026, 10, 5, tzinfo=UTC))
        issue_bills(month=OCTOBER, now=datetime(2026, 11, 1, tzinfo=UTC))
        with pytest.raises(PaidMoneyInvoiced):
            ask(line)

    def test_is_refused_where_the_same_money_is_invoiced_already(self) -> None:
        line = billed(cash_fen=59_00)
        top_up = paid_top_up(line, 30_00)
        ask(line, subject_of(top_up))
        ask(line)
        later = paid_top_up(line, 10_00)
        make_charge(line, amount_fen=10_00, now=datetime(2026, 11, 5, tzinfo=UTC))
        issue_bills(month=OCTOBER.next, now=datetime(2026, 12, 1, tzinfo=UTC))
        ask(line, InvoiceSubject(month=OCTOBER.next))
        with pytest.raises(PaidMoneyInvoiced):
            ask(line, subject_of(later))
        assert EInvoice.objects.count() == 3

    def test_leaves_to_others_what_they_paid_in(self) -> None:
        line = billed(cash_fen=58_99, may_owe=True)
        paid_top_up(line, 100_00, payer_account_id=make_line().account_id)
        with pytest.raises((NotInvoiceable, PaidMoneyInvoiced)):
            ask(line)

    @pytest.mark.parametrize("provider", ["VOUCHER", "PARTNER"])
    def test_is_refused_for_what_others_sold(self, provider: str) -> None:
        line = make_line()
        with pytest.raises(NotFound):
            ask(line, subject_of(paid_top_up(line, provider=provider)))

    def test_is_refused_for_a_top_up_that_did_not_arrive(self) -> None:
        line = make_line()
        with pytest.raises(NotInvoiceable):
            ask(line, subject_of(make_top_up(line)))

    def test_is_refused_for_a_top_up_that_goes_back(self) -> None:
        line = make_line()
        top_up = paid_top_up(line)
        make_refund(top_up, asked_by=make_staff("clerk"))
        with pytest.raises(NotInvoiceable):
            ask(line, subject_of(top_up))

    def test_is_refused_for_what_is_not_there_or_another_customers(self) -> None:
        line, other = billed(), make_line(cash_fen=1_00)
        for wrong in (
            InvoiceSubject(month=OCTOBER.next),
            InvoiceSubject(),
            InvoiceSubject(top_up_account_id=line.account_id, top_up_id=uuid.uuid4()),
            subject_of(paid_top_up(other)),
        ):
            with pytest.raises(NotFound):
                ask(line, wrong)
        with pytest.raises(NotFound):
            ask(other)
        with pytest.raises(NotFound):
            ask(line, line_id=other.id)
        assert not EInvoice.objects.exists()


class TestWithdrawEInvoice:
    def test_takes_a_request_back_once(self) -> None:
        e_invoice = ask(billed())
        for _time in range(2):
            left = withdraw_e_invoice(account_id=e_invoice.account_id, e_invoice_id=e_invoice.id, now=NOW)
            assert (left.state, left.finished_at) == ("WITHDRAWN", NOW)

    @pytest.mark.parametrize("state", [EInvoiceState.EXPORTED, EInvoiceState.ISSUED, EInvoiceState.REFUSED])
    def test_comes_too_late_once_it_is_handed_over(self, state: EInvoiceState) -> None:
        e_invoice = ask(billed())
        EInvoice.objects.update(state=state, batch_id=uuid.uuid4(), invoice_number="12345678", refusal="x")
        with pytest.raises(NotWithdrawable):
            withdraw_e_invoice(account_id=e_invoice.account_id, e_invoice_id=e_invoice.id, now=NOW)
        assert EInvoice.objects.get().state == state

    def test_is_for_its_own_account(self) -> None:
        e_invoice = ask(billed())
        with pytest.raises(NotFound):
            withdraw_e_invoice(account_id=make_line().account_id, e_invoice_id=e_invoice.id, now=NOW)
        assert EInvoice.objects.get().state == "REQUESTED"
