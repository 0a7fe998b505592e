"""TMF622 Product Ordering v4: what its resources share."""

from kernel.rest.resource import Api
from kernel.rest.shapes import Instant, ListOf, Structure, Text, Whole
from kernel.rest.structures import MONEY, reference_shape
from packages_app.api.prepay_balance import LOGICAL_RESOURCE

API = Api(
    title="Product ordering",
    base_path="/tmf-api/productOrderingManagement/v4",
    scope="order",
    name="product-ordering",
)

BILLING_ACCOUNT = reference_shape("BillingAccount")
PRODUCT_OFFERING = reference_shape("ProductOffering")
PRODUCT_ORDER_REF = reference_shape("ProductOrder")
CHANNEL = reference_shape("RelatedChannel", role=Text())
NOTE = Structure(
    "OrderNote", {"id": Text(), "author": Text(), "date": Instant(), "text": Text(max_length=500)}, required=("text",)
)
ORDER_PRICE = Structure(
    "OrderPrice",
    {
        "name": Text(),
        "priceType": Text(choices=("oneTime", "recurring", "points")),
        "recurringChargePeriod": Text(choices=("month",)),
        "unitOfMeasure": Text(),
        "price": Structure("OrderPriceAmount", {"taxIncludedAmount": MONEY}),
    },
    required=("priceType",),
)
ACTIONS = ("add", "modify", "delete", "noChange")

ORDERED_PRODUCT = Structure(
    "OrderedProduct",
    {
        "id": Text(),
        "href": Text(),
        "name": Text(),
        "realizingResource": ListOf(LOGICAL_RESOURCE, max_length=1),
        "@referredType": Text(),
    },
    description="`realizingResource` is the number; the product itself is named once the customer has confirmed.",
)
ITEM = Structure(
    "ProductOrderItem",
    {
        "id": Text(),
        "action": Text(choices=ACTIONS),
        "quantity": Whole(),
        "state": Text(),
        "productOffering": PRODUCT_OFFERING,
        "product": ORDERED_PRODUCT,
        "itemTotalPrice": ListOf(ORDER_PRICE),
    },
    required=("id", "action"),
)
WANTED_ITEM = Structure(
    "ProductOrderItem_Create",
    {
        "id": Text(max_length=40),
        "action": Text(choices=ACTIONS),
        "quantity": Whole(),
        "productOffering": PRODUCT_OFFERING,
        "product": ORDERED_PRODUCT,
        "billingAccount": BILLING_ACCOUNT,
    },
    required=("id", "action"),
    description="`product.realizingResource` (the number) or `product.id` (something it has) says for which number.",
)
