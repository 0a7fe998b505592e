"""TMF637 Product Inventory v4, product: what lines have, will have and had."""

from collections.abc import Sequence
from typing import Any

from kernel.ids import PublicId
from kernel.phone import national_number
from kernel.rest.resource import Api, Attribute, Caller, Column, Resource, by_public_id, by_uuid
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text
from kernel.rest.structures import (
    MONEY,
    QUANTITY,
    RELATED_PARTY,
    TIME_PERIOD,
    money,
    quantity,
    reference,
    reference_shape,
    time_period,
)
from packages_app.api.prepay_balance import LOGICAL_RESOURCE, PRODUCT_REF, by_number, logical_resource
from packages_app.api.product_offering import PRODUCT_OFFERING
from packages_app.models import AllowanceScope, OfferingKind, Recurrence
from packages_app.queries.terms import AllowanceTerms
from packages_app.queries.visible_products import (
    CHARGED,
    COLLECTED_FOR,
    KIND,
    NUMBER,
    ONE_TIME,
    POINTS_PRICE,
    RECURRING,
    STATUSES,
    Product,
    allowance_name,
    get_characteristic_condition,
    get_price_type_condition,
    list_products,
    list_visible_products,
)

API = Api(
    title="Product inventory",
    base_path="/tmf-api/productInventory/v4",
    scope="product",
    name="product-inventory",
    access=("read",),
)
_UNITS = {"DATA": "byte", "VOICE": "second", "SMS": "message"}
_CHARACTERISTIC = Structure(
    "ProductCharacteristic", {"name": Text(), "valueType": Text(), "value": Text()}, required=("name", "value")
)
_PRICE = Structure(
    "ProductPrice",
    {
        "name": Text(),
        "priceType": Text(choices=(RECURRING, ONE_TIME)),
        "recurringChargePeriod": Text(choices=("month",)),
        "price": Structure("ProductPriceAmount", {"taxIncludedAmount": MONEY}, required=("taxIncludedAmount",)),
    },
    required=("price", "priceType"),
)
_TERM = Structure("ProductTerm", {"name": Text(), "duration": QUANTITY, "validFor": TIME_PERIOD})
_ACCOUNT = reference_shape("BillingAccount")
_OFFERING = reference_shape("ProductOffering")
_RELATIONSHIP = Structure(
    "ProductRelationship",
    {"relationshipType": Text(choices=("replaces",)), "product": PRODUCT_REF},
    required=("relationshipType", "product"),
)


def _characteristics(product: Product) -> list[dict[str, str]]:
    terms = product.terms
    said = [(KIND, product.kind), (NUMBER, national_number(product.msisdn)), (CHARGED, terms["recurrence"])]
    said += [(allowance_name(allowance["usage_kind"]), _allowance(allowance)) for allowance in terms["allowances"]]
    if terms.get("points_price"):
        said.append((POINTS_PRICE, str(terms["points_price"])))
    if terms["provider_name"]:
        said.append((COLLECTED_FOR, terms["provider_name"]))
    return [{"name": name, "valueType": "string", "value": value} for name, value in said]


def _allowance(allowance: AllowanceTerms) -> str:
    amount = f"{allowance['amount']} {_UNITS[allowance['usage_kind']]}"
    if allowance["scope"] == AllowanceScope.GENERAL:
        return amount
    return f"{amount}, {allowance['scope']} {allowance['scope_value']}"


def _prices(product: Product) -> list[dict[str, Any]]:
    terms = product.terms
    if terms["recurrence"] == Recurrence.ONCE:
        return [_price(ONE_TIME, terms["price_fen"] + terms["one_off_fen"])]
    prices = [_price(RECURRING, terms["price_fen"], recurringChargePeriod="month")]
    return [*prices, _price(ONE_TIME, terms["one_off_fen"])] if terms["one_off_fen"] else prices


def _price(price_type: str, amount_fen: int, **more: str) -> dict[str, Any]:
    return {"name": price_type, "priceType": price_type, **more, "price": {"taxIncludedAmount": money(amount_fen)}}


def _terms(product: Product) -> list[dict[str, Any]] | None:
    if product.committed_until is None:
        return None
    return [
        {
            "name": "commitment",
            "duration": quantity(product.terms["commitment_months"], "month"),
            "validFor": time_period(product.started_at, product.committed_until),
        }
    ]


def _relationships(product: Product) -> list[dict[str, Any]] | None:
    if product.replaces_id is None:
        return None
    replaced = PublicId(product.account_id, product.replaces_id)
    return [{"relationshipType": "replaces", "product": PRODUCT.reference(str(replaced))}]


def _complete(rows: Sequence[Any], caller: Caller) -> list[Product]:
    return list_products(rows, language=caller.language)


PRODUCT: Resource[Product] = Resource(
    api=API,
    name="product",
    type_name="Product",
    summary="What lines have, will have and had: plans, packs, passes, services and contracts, on the terms sold.",
    rows=lambda caller: [list_visible_products(sight=caller.sight, now=caller.now)],
    complete=_complete,
    public_id=lambda product: str(PublicId(product.account_id, product.subscription_id)),
    find=by_public_id("id"),
    order=("account_id", "id"),
    attributes=(
        Attribute(name="name", shape=Text(), read=lambda product: product.name, always=True),
        Attribute(name="description", shape=Text(), read=lambda product: product.summary or None),
        Attribute(
            name="status",
            shape=Text(choices=STATUSES),
            read=lambda product: product.status,
            always=True,
            filters={"": Column("product_status")},
            sort="product_status",
            description="pendingTerminate is cancelled and runs out its paid month; cancelled was taken back in time.",
        ),
        Attribute(name="isBundle", shape=Flag(), read=lambda _product: False, always=True),
        Attribute(name="isCustomerVisible", shape=Flag(), read=lambda _product: True, always=True),
        Attribute(
            name="startDate",
            shape=Instant(),
            read=lambda product: product.started_at,
            always=True,
            filters={"": Column("started_at", Instant())},
            sort="started_at",
        ),
        Attribute(
            name="terminationDate",
            shape=Instant(),
            read=lambda product: product.ends_at,
            filters={"": Column("ends_at", Instant())},
            description="When it ends or ended; not there while it goes on until it is cancelled.",
        ),
        Attribute(
            name="billingAccount",
            shape=_ACCOUNT,
            read=lambda product: reference(product.account_id, "BillingAccount"),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="productOffering",
            shape=_OFFERING,
            read=lambda product: PRODUCT_OFFERING.reference(product.offering_code, name=product.name),
            always=True,
            filters={"id": Column("offering_id")},
            sort="offering_id",
        ),
        Attribute(
            name="productCharacteristic",
            shape=ListOf(_CHARACTERISTIC),
            read=_characteristics,
            always=True,
            filters={"name": get_characteristic_condition},
            description=(
                f"kind (one of {', '.join(OfferingKind)}), number, charged ({' or '.join(Recurrence)}), what a cycle "
                "includes (dataAllowance, voiceAllowance, smsAllowance), pointsPrice where it was had for points, and "
                "collectedFor where the money is another provider's."
            ),
        ),
        Attribute(
            name="productPrice",
            shape=ListOf(_PRICE),
            read=_prices,
            always=True,
            filters={"priceType": get_price_type_condition},
        ),
        Attribute(name="productTerm", shape=ListOf(_TERM), read=_terms, description="Until when it binds, if it does."),
        Attribute(
            name="productRelationship",
            shape=ListOf(_RELATIONSHIP),
            read=_relationships,
            description="The plan that ended when this one began.",
        ),
        Attribute(
            name="realizingResource",
            shape=ListOf(LOGICAL_RESOURCE),
            read=lambda product: [logical_resource(product.msisdn)],
            always=True,
            filters={"id": by_number, "value": by_number},
            description="The number that has it.",
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=lambda product: [
                reference(product.customer_id, "Customer", name=product.customer_name, role="customer")
            ],
            always=True,
            filters={"id": by_uuid("customer_id")},
        ),
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAw",
        "href": "https://hall.example.com/tmf-api/productInventory/v4/product/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAw",
        "name": "畅享套餐59元",
        "description": "30 GB 流量，300 分钟通话",
        "status": "active",
        "isBundle": False,
        "isCustomerVisible": True,
        "startDate": "2025-02-28T16:00:00Z",
        "billingAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "productOffering": {
            "id": "PLAN-JOY-59",
            "href": "https://hall.example.com/tmf-api/productCatalogManagement/v4/productOffering/PLAN-JOY-59",
            "name": "畅享套餐59元",
            "@referredType": "ProductOffering",
        },
        "productCharacteristic": [
            {"name": "kind", "valueType": "string", "value": "PLAN"},
            {"name": "number", "valueType": "string", "value": "13800138000"},
            {"name": "charged", "valueType": "string", "value": "MONTHLY"},
            {"name": "dataAllowance", "valueType": "string", "value": "32212254720 byte"},
        ],
        "productPrice": [
            {
                "name": "recurring",
                "priceType": "recurring",
                "recurringChargePeriod": "month",
                "price": {"taxIncludedAmount": {"unit": "CNY", "value": 59}},
            }
        ],
        "realizingResource": [{"id": "13800138000", "value": "13800138000", "@referredType": "LogicalResource"}],
        "relatedParty": [
            {
                "id": "019aaf00-0000-7000-8000-000000000004",
                "name": "陈**",
                "role": "customer",
                "@referredType": "Customer",
            }
        ],
        "@type": "Product",
    },
)
