from typing import Any

from accounts.models import Line, PartnerMessage
from accounts.operations.partner_messages import send_partner_message
from tests.factories.billing import NOW
from tests.rest.samples import Sample


def make_message(line: Line) -> PartnerMessage:
    """Tell a line something, as some other partner did."""
    return send_partner_message(
        line=line, content="您的包裹已到达取件点。", client_id="somebody", idempotency_key="k", now=NOW
    )


def _message(line: Line) -> dict[str, Any]:
    return {
        "content": "The fitter comes tomorrow.",
        "messageType": "SMS",
        "receiver": [{"phoneNumber": line.msisdn}],
        "sender": {"name": "market"},
    }


SAMPLES = {
    "communicationMessage": Sample(make=make_message, body=_message, changes_own_only=True),
    "customer": Sample(
        make=lambda line: line.account.customer,
        body=lambda _line: {"name": "李小龙", "engagedParty": {"id": "crm-1", "@referredType": "Individual"}},
        changes=lambda _line: {"name": "李小明", "engagedParty": {"id": "crm-2", "@referredType": "Individual"}},
        changes_own_only=True,
    ),
}
