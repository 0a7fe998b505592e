from datetime import UTC, datetime
from typing import Any

from accounts.models import Line
from billing.models import Bill, BillLine, BillRequest
from billing.operations.ask_for_bill import ask_for_bill
from kernel.clock import Month
from tests.factories.billing import NOW, make_charge
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


def _wish(line: Line) -> dict[str, Any]:
    return {"billingAccount": {"id": str(line.account_id)}}


SAMPLES = {
    "customerBill": Sample(make=make_bill, changes=lambda _line: {"state": "settled"}),
    "customerBillOnDemand": Sample(make=make_request, body=_wish),
    "appliedCustomerBillingRate": Sample(make=make_charge),
}
