from datetime import UTC, datetime
from typing import Any

from accounts.models import Line
from billing.models import Bill, BillLine, BillRequest, Refund
from billing.operations.ask_for_bill import ask_for_bill
from billing.operations.partner_refunds import request_refund_for_partner
from kernel.clock import Month
from tests.factories.billing import NOW, make_charge, make_paid_top_up
from tests.rest.samples import Sample

OCTOBER = Month(2026, 10)


def make_bill(line: Line) -> Bill:
    """Charge a line 10 yuan in October, and bill it as the run of the month does, which comes once for all lines."""
    charge = make_charge(line, amount_fen=10_00, now=datetime(2026, 10, 8, tzinfo=UTC))
    period = {"account_id": line.account_id, "period_date": OCTOBER.first_date}
    BillLine.objects.create(
        **period,
        number=1,
        head=charge.head,
        name=charge.name,
        amount_fen=charge.amount_fen,
        line_id=line.id,
        msisdn=line.msisdn,
        charge_id=charge.id,
    )
    return Bill.objects.create(**period, total_fen=charge.amount_fen, issued_at=OCTOBER.ends_at)


def make_request(line: Line) -> BillRequest:
    """Ask for a bill as some other partner did."""
    return ask_for_bill(account_id=line.account_id, client_id="somebody", name="", description="", now=NOW)


def make_refund(line: Line) -> Refund:
    """Ask for 10 of 50 yuan that were paid online, as some other partner did."""
    top_up = make_paid_top_up(line)
    return request_refund_for_partner(
        account_id=top_up.account_id,
        top_up_id=top_up.id,
        amount_fen=10_00,
        reason="paid twice",
        client_id="somebody",
        idempotency_key="k",
        now=NOW,
    )


def _payment(line: Line) -> dict[str, Any]:
    return {
        "account": {"id": str(line.account_id)},
        "paymentMethod": {"name": "market wallet", "@type": "digitalWallet"},
        "totalAmount": {"unit": "CNY", "value": 10},
    }


def _wish(line: Line) -> dict[str, Any]:
    return {"billingAccount": {"id": str(line.account_id)}}


SAMPLES = {
    "customerBill": Sample(make=make_bill, changes=lambda _line: {"state": "settled"}),
    "customerBillOnDemand": Sample(make=make_request, body=_wish),
    "appliedCustomerBillingRate": Sample(make=make_charge),
    "payment": Sample(make=make_paid_top_up, body=_payment),
    "refund": Sample(make=make_refund, body=_payment),
}
