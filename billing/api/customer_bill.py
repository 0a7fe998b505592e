"""TMF678 customerBill: the monthly bills of accounts."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.api.customer_bill_management import API, BILLING_ACCOUNT, bill_id, billing_account, by_bill_id
from billing.models import Bill
from billing.queries.dues import get_due_date
from billing.queries.visible_bills import PARTIALLY_PAID, SENT, SETTLED, get_bill_state, list_visible_bills
from kernel.clock import SHANGHAI, month_from_date
from kernel.errors import DomainError
from kernel.rest.resource import Attribute, Caller, Change, Column, Resource, by_uuid
from kernel.rest.shapes import Instant, ListOf, Structure, Text, Yuan
from kernel.rest.structures import MONEY, RELATED_PARTY, TIME_PERIOD, money, reference, time_period

PDF = "application/pdf"
_STATES = (SENT, PARTIALLY_PAID, SETTLED)
_DOCUMENT = Structure(
    "BillDocument",
    {"id": Text(), "href": Text(), "name": Text(), "mimeType": Text(), "attachmentType": Text(), "url": Text()},
    required=("id",),
)


class BillStateFollowsPayments(DomainError):
    """A partner wants a bill to be what its payments do not say."""

    code = "BILL_STATE_FOLLOWS_PAYMENTS"
    message = gettext_lazy("The state of a bill follows from what was paid of it.")
    cure = gettext_lazy("Top up the account: what is owed is settled from its balance.")
    field = "state"
    http_status = 409


def _document(bill: Bill) -> list[dict[str, str]]:
    public_id = bill_id(bill.account_id, bill.period_date)
    address = f"{CUSTOMER_BILL.href(public_id)}/document"
    name = _("Bill of %(month)s") % {"month": date_format(bill.period_date, "YEAR_MONTH_FORMAT")}
    return [
        {
            "id": public_id,
            "href": address,
            "name": name,
            "mimeType": PDF,
            "attachmentType": "document",
            "url": address,
        }
    ]


def _period(bill: Bill) -> dict[str, str]:
    month = month_from_date(bill.period_date)
    return time_period(month.starts_at, month.ends_at)


def _due_at(bill: Bill) -> datetime:
    """Return the first instant after the last day on which it can be paid without a late fee."""
    day = get_due_date(month_from_date(bill.period_date)) + timedelta(days=1)
    return datetime.combine(day, time.min, SHANGHAI)


def _change(bill: Any, changes: dict[str, Any], _caller: Caller) -> Bill:
    state = get_bill_state(bill)
    if changes.get("state", state) != state:
        raise BillStateFollowsPayments
    kept: Bill = bill
    return kept


CUSTOMER_BILL: Resource[Any] = Resource(
    api=API,
    name="customerBill",
    type_name="CustomerBill",
    summary="What an account was charged in one calendar month of Asia/Shanghai; one for each account and month.",
    rows=lambda caller: [list_visible_bills(sight=caller.sight)],
    complete=lambda bills, _caller: bills,
    public_id=lambda bill: bill_id(bill.account_id, bill.period_date),
    find=by_bill_id,
    order=("account_id", "period_date"),
    attributes=(
        Attribute(
            name="billDate",
            shape=Instant(),
            read=lambda bill: bill.issued_at,
            always=True,
            filters={"": Column("issued_at", Instant())},
            sort="issued_at",
        ),
        Attribute(name="lastUpdate", shape=Instant(), read=lambda bill: bill.issued_at, always=True),
        Attribute(name="category", shape=Text(choices=("normal",)), read=lambda _bill: "normal", always=True),
        Attribute(name="runType", shape=Text(choices=("onCycle",)), read=lambda _bill: "onCycle", always=True),
        Attribute(
            name="state",
            shape=Text(choices=_STATES),
            read=get_bill_state,
            always=True,
            filters={"": Column("bill_state")},
            description="Follows from what was paid: sent, partiallyPaid, settled.",
        ),
        Attribute(name="billingPeriod", shape=TIME_PERIOD, read=_period, always=True, sort="period_date"),
        Attribute(
            name="amountDue",
            shape=MONEY,
            read=lambda bill: money(bill.total_fen),
            always=True,
            filters={"value": Column("total_fen", Yuan())},
            sort="total_fen",
            description="What the month cost, corrections included.",
        ),
        Attribute(name="taxIncludedAmount", shape=MONEY, read=lambda bill: money(bill.total_fen), always=True),
        Attribute(
            name="remainingAmount",
            shape=MONEY,
            read=lambda bill: money(bill.owed_fen),
            always=True,
            description="What is not paid yet.",
        ),
        Attribute(name="paymentDueDate", shape=Instant(), read=_due_at, always=True),
        Attribute(
            name="billDocument",
            shape=ListOf(_DOCUMENT),
            read=_document,
            always=True,
            filters={"id": by_bill_id},
            description="The bill as a PDF file, at `url` with the same token.",
        ),
        Attribute(
            name="billingAccount",
            shape=BILLING_ACCOUNT,
            read=lambda bill: billing_account(bill.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=lambda bill: [reference(bill.customer_id, "Customer", role="customer")],
            always=True,
            filters={"id": by_uuid("customer_id")},
        ),
    ),
    change=Change(
        body=Structure(
            "CustomerBill_Update",
            {"state": Text(choices=("new", "onHold", "validated", *_STATES))},
            description="A state other than the one that follows from what was paid is refused.",
        ),
        change=_change,
        summary="Takes the state that the bill has; any other is refused, since it follows from what was paid.",
        example={"state": SETTLED},
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
        "href": "https://hall.example.com/tmf-api/customerBillManagement/v4/customerBill/"
        "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
        "billDate": "2026-10-31T18:00:00Z",
        "lastUpdate": "2026-10-31T18:00:00Z",
        "category": "normal",
        "runType": "onCycle",
        "state": SETTLED,
        "billingPeriod": {"startDateTime": "2026-09-30T16:00:00Z", "endDateTime": "2026-10-31T16:00:00Z"},
        "amountDue": {"unit": "CNY", "value": 79},
        "taxIncludedAmount": {"unit": "CNY", "value": 79},
        "remainingAmount": {"unit": "CNY", "value": 0},
        "paymentDueDate": "2026-11-15T16:00:00Z",
        "billDocument": [
            {
                "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
                "href": "https://hall.example.com/tmf-api/customerBillManagement/v4/customerBill/"
                "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk/document",
                "name": "2026年10月账单",
                "mimeType": PDF,
                "attachmentType": "document",
                "url": "https://hall.example.com/tmf-api/customerBillManagement/v4/customerBill/"
                "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk/document",
            }
        ],
        "billingAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "relatedParty": [
            {"id": "019aaf00-0000-7000-8000-000000000004", "role": "customer", "@referredType": "Customer"}
        ],
        "@type": "CustomerBill",
    },
)
