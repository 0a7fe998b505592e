"""TMF678 appliedCustomerBillingRate: every single charge, on a bill or not yet."""

from typing import Any

from billing.api.customer_bill import CUSTOMER_BILL
from billing.api.customer_bill_management import API, BILLING_ACCOUNT, bill_id, billing_account, by_bill_id
from billing.models import BillHead, Charge, ChargeReason
from billing.queries.visible_bills import list_visible_charges
from kernel.ids import PublicId
from kernel.phone import national_number
from kernel.rest.resource import Attribute, Column, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text, Yuan
from kernel.rest.structures import MONEY, money, reference, reference_shape

_BILL = reference_shape("CustomerBill")
_PRODUCT = reference_shape("Product")
_CHARACTERISTIC = Structure(
    "BillingRateCharacteristic",
    {"name": Text(), "valueType": Text(), "value": Text()},
    required=("name", "value"),
)
# Orders and the subscriptions made by them have one id.
_OF_PRODUCTS = frozenset({ChargeReason.ORDER, ChargeReason.SUBSCRIPTION})


def _bill(charge: Any) -> dict[str, str] | None:
    if charge.period_date is None:
        return None
    return CUSTOMER_BILL.reference(bill_id(charge.account_id, charge.period_date))


def _product(charge: Charge) -> dict[str, str] | None:
    if charge.reason not in _OF_PRODUCTS:
        return None
    return reference(PublicId(charge.account_id, charge.reason_id), "Product", name=charge.name)


def _characteristics(charge: Charge) -> list[dict[str, str]]:
    said = {"head": charge.head, "reason": charge.reason, "number": national_number(charge.msisdn)}
    if charge.provider_name:
        said["collectedFor"] = charge.provider_name
    return [{"name": name, "valueType": "string", "value": value} for name, value in said.items()]


APPLIED_RATE: Resource[Any] = Resource(
    api=API,
    name="appliedCustomerBillingRate",
    type_name="AppliedCustomerBillingRate",
    summary="Every charge with its reason; those of the running month stand on no bill yet.",
    rows=lambda caller: [list_visible_charges(sight=caller.sight)],
    complete=lambda charges, _caller: charges,
    public_id=lambda charge: str(PublicId(charge.account_id, charge.id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(
            name="name",
            shape=Text(),
            read=lambda charge: charge.name,
            always=True,
            filters={"": Column("name")},
        ),
        Attribute(
            name="appliedBillingRateType",
            shape=Text(choices=("appliedBillingCharge",)),
            read=lambda _charge: "appliedBillingCharge",
            always=True,
        ),
        Attribute(
            name="date",
            shape=Instant(),
            read=lambda charge: charge.charged_at,
            always=True,
            filters={"": Column("charged_at", Instant())},
            sort="charged_at",
        ),
        Attribute(
            name="isBilled",
            shape=Flag(),
            read=lambda charge: charge.is_billed,
            always=True,
            filters={"": Column("is_billed", Flag())},
        ),
        Attribute(
            name="taxIncludedAmount",
            shape=MONEY,
            read=lambda charge: money(charge.amount_fen),
            always=True,
            filters={"value": Column("amount_fen", Yuan())},
            sort="amount_fen",
        ),
        Attribute(name="bill", shape=_BILL, read=_bill, filters={"id": by_bill_id}),
        Attribute(
            name="billingAccount",
            shape=BILLING_ACCOUNT,
            read=lambda charge: billing_account(charge.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="product",
            shape=_PRODUCT,
            read=_product,
            filters={"id": by_public_id("reason_id")},
            description="What was subscribed to, where the charge comes from an order or a subscription.",
        ),
        Attribute(
            name="characteristic",
            shape=ListOf(_CHARACTERISTIC),
            read=_characteristics,
            always=True,
            description=(
                f"head (one of {', '.join(BillHead)}), reason (one of {', '.join(ChargeReason)}), number, and "
                "collectedFor where the money is another provider's."
            ),
        ),
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg",
        "href": "https://hall.example.com/tmf-api/customerBillManagement/v4/appliedCustomerBillingRate/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg",
        "name": "畅享套餐59元",
        "appliedBillingRateType": "appliedBillingCharge",
        "date": "2026-10-01T00:00:00Z",
        "isBilled": True,
        "taxIncludedAmount": {"unit": "CNY", "value": 59},
        "bill": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
            "href": "https://hall.example.com/tmf-api/customerBillManagement/v4/customerBill/"
            "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAADFqk",
            "@referredType": "CustomerBill",
        },
        "billingAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "product": {
            "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAw",
            "name": "畅享套餐59元",
            "@referredType": "Product",
        },
        "characteristic": [
            {"name": "head", "valueType": "string", "value": "PLAN"},
            {"name": "reason", "valueType": "string", "value": "SUBSCRIPTION"},
            {"name": "number", "valueType": "string", "value": "13800138000"},
        ],
        "@type": "AppliedCustomerBillingRate",
    },
)
