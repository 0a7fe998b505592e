"""Each invariant of e-invoices is broken once on purpose."""

import pytest
from django.db import connection

from billing.models import EInvoice
from billing.queries.audit import list_checks
from kernel.audit import run_check
from tests.factories.billing import make_line
from tests.factories.e_invoices import ask, billed, hand_over, issue, paid_top_up, refuse, subject_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def e_invoice() -> EInvoice:
    """Issued for a bill; beside it one of a top-up that somebody else paid, one refused, one that waits."""
    payer = make_line()
    ask(payer, subject_of(paid_top_up(make_line(), payer_account_id=payer.account_id)))
    refuse(hand_over(ask(billed())))
    first = issue(hand_over(ask(billed())))
    ask(billed())
    return first


def broken() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return [check.name for check in list_checks() if run_check(check).violations]


class TestEInvoiceChecks:
    def test_find_books_in_order(self, e_invoice: EInvoice) -> None:
        assert broken() == []

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("UPDATE billing_e_invoice SET amount_fen = 1 WHERE state = 'ISSUED'", "e_invoice_amount_is_of_the_books"),
            ("UPDATE billing_e_invoice SET top_up_id = id WHERE top_up_id IS NOT NULL",
             "e_invoice_amount_is_of_the_books"),
            ("UPDATE billing_e_invoice SET invoice_number = '12345678' WHERE state <> 'ISSUED'",
             "e_invoice_number_stands_once"),
            ("DELETE FROM messaging_sms WHERE kind = 'E_INVOICE'", "e_invoice_outcome_has_one_text"),
            ("UPDATE messaging_sms SET dedup_key = 'e-invoice:x' WHERE kind = 'E_INVOICE'",
             "e_invoice_outcome_has_one_text"),
            ("DELETE FROM billing_e_invoice_batch", "e_invoice_batch_is_its_requests"),
            ("UPDATE billing_e_invoice_batch SET total_fen = 1", "e_invoice_batch_is_its_requests"),
        ],
    )  # fmt: skip
    def test_find_what_is_broken(self, e_invoice: EInvoice, statement: str, found: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert found in broken()

    def test_find_one_bill_on_two_invoices(self, e_invoice: EInvoice) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX e_invoice_once_for_each_subject")
        EInvoice.objects.filter(state="REFUSED").update(state="EXPORTED", refusal="")
        EInvoice.objects.filter(state="EXPORTED").update(account_id=e_invoice.account_id)
        assert "e_invoice_once_for_each_subject" in broken()
