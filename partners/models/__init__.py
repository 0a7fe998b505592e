from partners.models.customer_token import CustomerToken
from partners.models.partner_call import PartnerCall
from partners.models.partner_client import PartnerClient, PartnerSecret, SightChoice

__all__ = ["CustomerToken", "PartnerCall", "PartnerClient", "PartnerSecret", "SightChoice"]
