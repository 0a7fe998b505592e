from typing import Any

from accounts.models import Line
from tests.factories.care import make_site, make_ticket
from tests.rest.samples import Sample


def _complaint(line: Line) -> dict[str, Any]:
    return {
        "description": "charged twice",
        "severity": "Minor",
        "ticketType": "complaint",
        "relatedEntity": [{"id": line.msisdn, "role": "number", "@referredType": "LogicalResource"}],
    }


SAMPLES = {
    "geographicSite": Sample(make=lambda _line: make_site(), body=lambda _line: {"name": "东站店"}, for_everybody=True),
    "troubleTicket": Sample(
        make=make_ticket, body=_complaint, changes=lambda _line: {"note": [{"text": "and once more"}]}
    ),
}
