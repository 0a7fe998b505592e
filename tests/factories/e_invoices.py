"""Bills and top-ups that are paid, and requests for their e-invoices."""

import uuid
from datetime import UTC, datetime
from typing import Any

from accounts.models import Line
from billing.models import BuyerKind, EInvoice, TopUp
from billing.operations.e_invoice_results import export_e_invoices, settle_e_invoices
from billing.operations.e_invoices import request_e_invoice
from billing.operations.issue_bills import issue_bills
from billing.operations.top_ups import confirm_top_up
from billing.queries.e_invoice_results import EInvoiceResult
from billing.queries.e_invoices import InvoiceSubject
from kernel.clock import Month
from kernel.ids import PublicId
from tests.factories.billing import NOW, make_charge, make_line, make_top_up, opened_long_ago

OCTOBER = Month(2026, 10)
OCTOBER_BILL = InvoiceSubject(month=OCTOBER)
# Of a company that was made up; the check digit is right.
COMPANY = "91350100M000100Y43"


def billed(cash_fen: int = 100_00, amount_fen: int = 59_00, **changes: Any) -> Line:
    """A line whose account has a bill for October."""
    line = opened_long_ago(make_line(cash_fen=cash_fen))
    make_charge(line, amount_fen=amount_fen, now=datetime(2026, 10, 5, tzinfo=UTC), **changes)
    issue_bills(month=OCTOBER, now=datetime(2026, 11, 1, tzinfo=UTC))
    return line


def ask(line: Line, subject: InvoiceSubject = OCTOBER_BILL, **changes: Any) -> EInvoice:
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "subject": subject,
        "buyer_kind": BuyerKind.PERSONAL,
        "buyer_name": "张三",
        "taxpayer_number": "",
        "email": "",
        "request_key": uuid.uuid4().hex,
        "now": NOW,
    }
    return request_e_invoice(**{**arguments, **changes})


def paid_top_up(line: Line, amount_fen: int = 50_00, **changes: Any) -> TopUp:
    top_up = make_top_up(line, amount_fen=amount_fen)
    TopUp.objects.filter(account_id=top_up.account_id, id=top_up.id).update(**changes)
    return confirm_top_up(
        account_id=top_up.account_id,
        top_up_id=top_up.id,
        paid_fen=amount_fen,
        provider_payment_number=uuid.uuid4().hex,
        now=NOW,
    )


def subject_of(top_up: TopUp) -> InvoiceSubject:
    return InvoiceSubject(top_up_account_id=top_up.account_id, top_up_id=top_up.id)


def hand_over(e_invoice: EInvoice) -> EInvoice:
    """Hand over everything that waits, this request with it."""
    export_e_invoices(made_by="wang", now=NOW)
    e_invoice.refresh_from_db()
    return e_invoice


def issue(e_invoice: EInvoice, number: str = "26352000000012345678") -> EInvoice:
    """Write down that an invoice was issued."""
    return _settle(e_invoice, "ISSUED", invoice_number=number)


def refuse(e_invoice: EInvoice) -> EInvoice:
    """Write down that an invoice could not be issued."""
    return _settle(e_invoice, "REFUSED", refusal="税号与抬头不符")


def _settle(e_invoice: EInvoice, state: str, **outcome: str) -> EInvoice:
    request = str(PublicId(e_invoice.account_id, e_invoice.id))
    settle_e_invoices(results=[EInvoiceResult(2, request, state, **outcome)], finished_by="wang", now=NOW)
    e_invoice.refresh_from_db()
    return e_invoice
