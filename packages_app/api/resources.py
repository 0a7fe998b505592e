"""What this app serves over REST (`kernel.rest.registry`)."""

from django.urls import path

from packages_app.api import usage
from packages_app.api.accumulated_balance import ACCUMULATED_BALANCE
from packages_app.api.adjust_balance import ADJUST_BALANCE
from packages_app.api.bucket import BUCKET
from packages_app.api.cancel_product_order import CANCEL_PRODUCT_ORDER
from packages_app.api.product import PRODUCT
from packages_app.api.product_offering import PRODUCT_OFFERING
from packages_app.api.product_offering_price import PRODUCT_OFFERING_PRICE
from packages_app.api.product_order import PRODUCT_ORDER
from packages_app.api.product_specification import PRODUCT_SPECIFICATION
from packages_app.api.reserve_balance import RESERVE_BALANCE
from packages_app.api.topup_balance import TOPUP_BALANCE
from packages_app.api.usage_consumption import USAGE_CONSUMPTION_REPORT

RESOURCES = (
    *(BUCKET, TOPUP_BALANCE, ADJUST_BALANCE, RESERVE_BALANCE, ACCUMULATED_BALANCE),
    *(USAGE_CONSUMPTION_REPORT, PRODUCT),
    *(PRODUCT_ORDER, CANCEL_PRODUCT_ORDER),
    *(PRODUCT_OFFERING, PRODUCT_OFFERING_PRICE, PRODUCT_SPECIFICATION),
)
OTHER_DOORS = {
    # The address without a slash comes last: it is the one that `reverse` gives.
    usage.API: [
        path("usage/", usage.UsageView.as_view(schema=None), name="usage"),
        path("usage", usage.UsageView.as_view(), name="usage"),
    ],
}
