from typing import Any

from accounts.models import Line
from tests.factories import usage
from tests.factories.billing import make_hold, make_top_up, propose
from tests.rest.samples import Sample


def _top_up(line: Line) -> dict[str, Any]:
    return {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}


def _wallet(line: Line) -> dict[str, Any]:
    return {"usageType": "monetary", "logicalResource": [{"value": line.msisdn}]}


SAMPLES = {
    "bucket": Sample(make=usage.make_bucket, body=_wallet, makes_anew=False),
    "adjustBalance": Sample(make=propose, body=_top_up),
    "reserveBalance": Sample(make=make_hold, body=_top_up),
    "accumulatedBalance": Sample(make=usage.make_bucket),
    "usageConsumptionReport": Sample(make=usage.make_bucket),
    "product": Sample(make=usage.make_subscription),
    "topupBalance": Sample(make=make_top_up, body=_top_up),
}
