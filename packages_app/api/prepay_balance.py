"""TMF654 Prepay Balance v4: what its resources share."""

import uuid
from collections.abc import Sequence

from django.db.models import Q

from kernel.ids import NIL, PublicId
from kernel.phone import national_number, parse_msisdn
from kernel.rest.resource import Api
from kernel.rest.shapes import Text
from kernel.rest.structures import reference, reference_shape
from packages_app.queries.prepay_buckets import MONETARY

API = Api(
    title="Prepay balance",
    base_path="/tmf-api/prepayBalanceManagement/v4",
    scope="balance",
    name="prepay-balance",
)

PARTY_ACCOUNT = reference_shape("PartyAccount")
PRODUCT_REF = reference_shape("Product")
BUCKET_REF = reference_shape("Bucket")
# A number is its own id; either attribute names it.
LOGICAL_RESOURCE = reference_shape("LogicalResource", required=(), value=Text())


def wallet_id(account_id: uuid.UUID) -> str:
    """Return the public id of an account's wallet, as a bucket."""
    return str(PublicId(account_id, NIL))


def party_account(account_id: uuid.UUID) -> dict[str, str]:
    """Return the reference to an account."""
    return reference(account_id, "BillingAccount")


def logical_resource(msisdn: str) -> dict[str, str]:
    """Return the reference to a number."""
    number = national_number(msisdn)
    return reference(number, "LogicalResource", value=number)


def read_numbers(texts: Sequence[str]) -> list[str]:
    """Return phone numbers of a query string as E.164.

    :raises NumberInvalid: one of them is no mobile number.
    """
    return [parse_msisdn(text) for text in texts]


def by_number(texts: Sequence[str]) -> Q:
    """Return the condition that a row is of one of these numbers.

    :raises NumberInvalid: one of them is no mobile number.
    """
    return Q(msisdn__in=read_numbers(texts))


def is_money(texts: Sequence[str]) -> Q | None:
    """Return the condition that a row is of one of these usage types, where every row is of money."""
    return Q() if MONETARY in texts else None
