from typing import Any

from accounts.models import Line, PartnerGrant
from kernel.ids import PublicId
from packages_app.models import Order, PartKind, PartnerOrder
from packages_app.operations.partner_orders import cancel_partner_order
from tests.factories import usage
from tests.factories.billing import NOW, make_hold, make_top_up, propose
from tests.factories.packages_app import ask_for, ask_for_partner, make_offering, make_part
from tests.rest.samples import Sample


def _top_up(line: Line) -> dict[str, Any]:
    return {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}


def _wallet(line: Line) -> dict[str, Any]:
    return {"usageType": "monetary", "logicalResource": [{"value": line.msisdn}]}


def _order(line: Line) -> dict[str, Any]:
    product = {"realizingResource": [{"value": line.msisdn}]}
    item = {"id": "1", "action": "add", "productOffering": {"id": make_offering().code}, "product": product}
    return {"productOrderItem": [item]}


def _cancelled(line: Line) -> PartnerOrder:
    order = ask_for_partner(line, make_offering(), client_id="shop")
    return cancel_partner_order(
        account_id=order.account_id, order_id=order.id, client_id="shop", reason="wrong size", now=NOW
    )


def _cancellation(line: Line) -> dict[str, Any]:
    """Order in the name of the partner that may see the line, which can then take it back."""
    client_id = PartnerGrant.objects.filter(account_id=line.account_id).latest("granted_at").client_id
    order: Order = ask_for_partner(line, make_offering(), client_id=client_id)
    return {"productOrder": {"id": str(PublicId(order.account_id, order.id))}}


def _catalogue(kind: PartKind) -> Sample:
    return Sample(
        make=lambda _line: make_part(kind),
        body=lambda _line: {"name": "Autumn"},
        changes=lambda _line: {"name": "Winter", "description": "for cold days"},
        for_everybody=True,
    )


SAMPLES = {
    "bucket": Sample(make=usage.make_bucket, body=_wallet, makes_anew=False),
    "adjustBalance": Sample(make=propose, body=_top_up),
    "reserveBalance": Sample(make=make_hold, body=_top_up),
    "accumulatedBalance": Sample(make=usage.make_bucket),
    "usageConsumptionReport": Sample(make=usage.make_bucket),
    "product": Sample(make=usage.make_subscription),
    "productOrder": Sample(
        make=lambda line: ask_for(line, make_offering()), body=_order, changes=lambda _line: {"state": "acknowledged"}
    ),
    "cancelProductOrder": Sample(make=_cancelled, body=_cancellation),
    "productOffering": _catalogue(PartKind.OFFERING),
    "productOfferingPrice": _catalogue(PartKind.PRICE),
    "productSpecification": _catalogue(PartKind.SPECIFICATION),
    "topupBalance": Sample(make=make_top_up, body=_top_up),
}
