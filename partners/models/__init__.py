from partners.models.customer_token import CustomerToken
from partners.models.hub import Hub
from partners.models.hub_event import HubEvent, HubEventState
from partners.models.partner_call import PartnerCall
from partners.models.partner_client import PartnerClient, PartnerSecret, SightChoice
from partners.models.top_up_statement import StatementState, TopUpStatement

__all__ = [
    "CustomerToken",
    "Hub",
    "HubEvent",
    "HubEventState",
    "PartnerCall",
    "PartnerClient",
    "PartnerSecret",
    "SightChoice",
    "StatementState",
    "TopUpStatement",
]
