"""TMF676 Payment v4: what its resources share."""

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from accounts.queries.visible_lines import get_visible_line_of_account
from billing.operations.card_payments import PROVIDER as BANK_CARD
from billing.operations.redeem_voucher import PROVIDER as VOUCHER
from billing.operations.top_ups import PARTNER
from kernel.errors import DomainError, NotFound
from kernel.rest.resource import Api, Caller
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text
from kernel.rest.structures import (
    ACCOUNT,
    MONEY,
    RELATED_PARTY,
    TIME_PERIOD,
    reference,
    reference_shape,
)

API = Api(title="Payment", base_path="/tmf-api/paymentManagement/v4", scope="payment", name="payment-management")

# How a payment or refund stands, in the words of the standard.
WAITING, AUTHORIZED, DONE, FAILED, DENIED = "pendingAuthorization", "authorized", "done", "failed", "denied"

CHANNEL = reference_shape("Channel")
PAYMENT_METHOD = Structure(
    "PaymentMethodRefOrValue",
    {
        "id": Text(),
        "href": Text(),
        "name": Text(),
        "description": Text(max_length=500),
        "authorizationCode": Text(),
        "isPreferred": Flag(),
        "status": Text(),
        "statusDate": Instant(),
        "statusReason": Text(),
        "account": ListOf(ACCOUNT),
        "relatedParty": RELATED_PARTY,
        "relatedPlace": Structure(
            "RelatedPlace",
            {"id": Text(), "href": Text(), "name": Text(), "role": Text(), "@referredType": Text()},
        ),
        "validFor": TIME_PERIOD,
        "@type": Text(),
        "@referredType": Text(),
    },
    required=("name", "@type"),
    description="@type is the kind: digitalWallet, bankCard, voucher, partner.",
)
# What both bodies take.
AMOUNTS = {"totalAmount": MONEY, "amount": MONEY, "taxAmount": MONEY}

_METHODS = {
    PARTNER: ("partner", _("paid to a partner")),
    VOUCHER: ("voucher", _("recharge card")),
    BANK_CARD: ("bankCard", _("linked bank card")),
}
_BY_PROVIDER = ("digitalWallet", _("payment provider"))


class AmountsDiffer(DomainError):
    """Amount and tax do not add up to the total; what is meant cannot be known."""

    code = "AMOUNTS_DIFFER"
    message = _("A payment carries no tax: amount is the same as totalAmount, and taxAmount is 0.")
    cure = _("Send totalAmount alone.")
    field = "amount"


def payment_method(provider: str) -> dict[str, Any]:
    """Return the way in which the money of a top-up came.

    :param provider: as the top-up names it.
    """
    kind, name = _METHODS.get(provider, _BY_PROVIDER)
    return {"id": provider, "name": name, "@type": kind}


def account(account_id: uuid.UUID) -> dict[str, str]:
    """Return the reference to the account that is paid into."""
    return reference(account_id, "BillingAccount")


def amount_of(wanted: dict[str, Any]) -> int:
    """Return the fen that a body is about.

    :raises AmountsDiffer: its amounts contradict each other.
    """
    total_fen: int = wanted["totalAmount"]
    if wanted.get("amount", total_fen) != total_fen or wanted.get("taxAmount", 0) != 0:
        raise AmountsDiffer
    return total_fen


def line_of(wanted: dict[str, Any], caller: Caller) -> Line:
    """Return the line that is told about the money of the account that a body names.

    :raises NotFound: there is no such account, it has no line in use, or the caller may not see it.
    """
    try:
        return get_visible_line_of_account(sight=caller.sight, account_id=uuid.UUID(wanted["account"]["id"]))
    except (ValueError, NotFound):
        raise NotFound(field="account.id") from None
