"""TMF654 bucket: the wallet of an account and the allowances in force of its lines."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.operations.wallets import open_wallet
from kernel.errors import DomainError
from kernel.ids import PublicId
from kernel.money import yuan_text
from kernel.rest.resource import Attribute, Caller, Column, Creation, Resource, by_public_id, by_uuid
from kernel.rest.selection import find_row
from kernel.rest.shapes import Flag, Instant, ListOf, Structure, Text
from kernel.rest.structures import (
    CURRENCY,
    QUANTITY,
    RELATED_PARTY,
    TIME_PERIOD,
    quantity,
    reference,
    time_period,
    yuan_quantity,
)
from kernel.volume import volume_text, whole_minutes
from packages_app.api.prepay_balance import (
    API,
    LOGICAL_RESOURCE,
    PARTY_ACCOUNT,
    PRODUCT_REF,
    logical_resource,
    party_account,
    read_numbers,
    wallet_id,
)
from packages_app.api.product import PRODUCT
from packages_app.api.target import account_named_by
from packages_app.queries.prepay_buckets import (
    ACTIVE,
    MONETARY,
    SUSPENDED,
    PrepayBucket,
    get_bucket_condition,
    list_prepay_buckets,
    list_visible_bucket_rows,
)

UNITS = {MONETARY: CURRENCY, "data": "byte", "voice": "second", "sms": "message"}


class BucketComesWithOrder(DomainError):
    """An allowance was asked for, which only an order brings, with the customer's second yes."""

    code = "BUCKET_COMES_WITH_ORDER"
    message = gettext_lazy("Allowances come with what the customer orders.")
    cure = gettext_lazy("Order a package, or ask for the monetary bucket.")
    field = "usageType"


def amount_of(usage_type: str, amount: int) -> dict[str, Any]:
    """Return an amount of what a bucket holds: money in yuan, everything else in its unit."""
    return yuan_quantity(amount) if usage_type == MONETARY else quantity(amount, UNITS[usage_type])


def _remaining_words(bucket: PrepayBucket) -> str:
    match bucket.usage_type:
        case "data":
            return volume_text(bucket.remaining)
        case "voice":
            return _("%(count)s min") % {"count": whole_minutes(bucket.remaining)}
        case "sms":
            return _("%(count)s texts") % {"count": bucket.remaining}
    return _("%(amount)s yuan") % {"amount": yuan_text(bucket.remaining)}


def _products(bucket: PrepayBucket) -> list[dict[str, str]] | None:
    if bucket.subscription_id is None:
        return None
    product_id = PublicId(bucket.account_id, bucket.subscription_id)
    return [PRODUCT.reference(str(product_id), name=bucket.product_name)]


def _by_number(texts: Sequence[str]) -> Q | None:
    return get_bucket_condition(read_numbers(texts))


def _create(wanted: dict[str, Any], caller: Caller, _key: str) -> PrepayBucket:
    if wanted["usageType"] != MONETARY:
        raise BucketComesWithOrder
    account_id = account_named_by(wanted, caller)
    open_wallet(account_id=account_id, now=caller.now)
    opened = find_row(BUCKET, wallet_id(account_id), caller)
    assert opened is not None
    return opened


def _complete(rows: Sequence[dict[str, Any]], caller: Caller) -> list[PrepayBucket]:
    return list_prepay_buckets(rows, language=caller.language)


BUCKET: Resource[PrepayBucket] = Resource(
    api=API,
    name="bucket",
    type_name="Bucket",
    summary=(
        "What is left: one monetary bucket (the wallet) for each account, and one bucket for each allowance in force. "
        "Data is counted in bytes, voice in seconds, texts in messages, money in yuan."
    ),
    rows=lambda caller: list_visible_bucket_rows(sight=caller.sight, now=caller.now),
    complete=_complete,
    public_id=lambda bucket: str(PublicId(bucket.account_id, bucket.row_id)),
    find=by_public_id("row_id"),
    order=("account_id", "row_id"),
    attributes=(
        Attribute(
            name="name",
            shape=Text(),
            read=lambda bucket: bucket.product_name or _("Wallet"),
            always=True,
        ),
        Attribute(
            name="confirmationDate",
            shape=Instant(),
            read=lambda bucket: bucket.opened_at,
            always=True,
            filters={"": Column("opened_at", Instant())},
            sort="opened_at",
            description="When the bucket was opened.",
        ),
        Attribute(
            name="status",
            shape=Text(choices=(ACTIVE, SUSPENDED)),
            read=lambda bucket: bucket.status,
            always=True,
            filters={"": Column("status")},
            sort="status",
        ),
        Attribute(
            name="usageType",
            shape=Text(choices=tuple(UNITS)),
            read=lambda bucket: bucket.usage_type,
            always=True,
            filters={"": Column("usage_type")},
            sort="usage_type",
        ),
        Attribute(
            name="isShared",
            shape=Flag(),
            read=lambda bucket: len(bucket.numbers) > 1,
            always=True,
            description="Whether several numbers use it.",
        ),
        Attribute(
            name="remainingValue",
            shape=QUANTITY,
            read=lambda bucket: amount_of(bucket.usage_type, bucket.remaining),
            always=True,
        ),
        Attribute(name="remainingValueName", shape=Text(), read=_remaining_words, always=True),
        Attribute(
            name="reservedValue",
            shape=QUANTITY,
            read=lambda bucket: amount_of(bucket.usage_type, bucket.reserved),
            always=True,
        ),
        Attribute(
            name="validFor",
            shape=TIME_PERIOD,
            read=lambda bucket: time_period(bucket.starts_at, bucket.ends_at),
            always=True,
            filters={
                "startDateTime": Column("starts_at", Instant()),
                "endDateTime": Column("ends_at", Instant()),
            },
            sort="ends_at",
        ),
        Attribute(
            name="product",
            shape=ListOf(PRODUCT_REF),
            read=_products,
            filters={"id": by_public_id("subscription_id")},
        ),
        Attribute(
            name="logicalResource",
            shape=ListOf(LOGICAL_RESOURCE),
            read=lambda bucket: [logical_resource(msisdn) for msisdn in bucket.numbers],
            always=True,
            filters={"id": _by_number, "value": _by_number},
            description="The numbers that use it.",
        ),
        Attribute(
            name="partyAccount",
            shape=PARTY_ACCOUNT,
            read=lambda bucket: party_account(bucket.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=lambda bucket: [reference(bucket.customer_id, "Customer", name=bucket.customer_name, role="customer")],
            always=True,
            filters={"id": by_uuid("customer_id")},
        ),
    ),
    creation=Creation(
        body=Structure(
            "Bucket_Create",
            {
                "usageType": Text(choices=tuple(UNITS)),
                "logicalResource": ListOf(LOGICAL_RESOURCE),
                "product": ListOf(PRODUCT_REF),
                "partyAccount": PARTY_ACCOUNT,
                "relatedParty": ListOf(RELATED_PARTY),
                "name": Text(),
                "description": Text(max_length=500),
            },
            required=("usageType",),
            description=(
                "One of logicalResource, product, partyAccount and relatedParty (the customer) names the account; none "
                "is needed of a caller that sees only one. name and description are taken and not kept."
            ),
        ),
        create=_create,
        summary=(
            "Answers the monetary bucket of an account, which is opened if it is not there yet: an account has one. "
            "Allowances come with what is ordered."
        ),
        example={"usageType": MONETARY, "logicalResource": [{"value": "13800138000"}]},
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg",
        "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/bucket/"
        "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAg",
        "name": "畅享套餐59元",
        "confirmationDate": "2026-03-01T00:00:00Z",
        "status": ACTIVE,
        "usageType": "data",
        "isShared": False,
        "remainingValue": {"amount": 8697308774, "units": "byte"},
        "remainingValueName": "8.1 GB",
        "reservedValue": {"amount": 0, "units": "byte"},
        "validFor": {"startDateTime": "2026-02-28T16:00:00Z", "endDateTime": "2026-03-31T16:00:00Z"},
        "product": [
            {
                "id": "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAw",
                "href": "https://hall.example.com/tmf-api/productInventory/v4/product/"
                "AZqvAAAAcACAAAAAAAAAAQAZqvAAAAcACAAAAAAAAAAw",
                "name": "畅享套餐59元",
                "@referredType": "Product",
            }
        ],
        "logicalResource": [{"id": "13800138000", "value": "13800138000", "@referredType": "LogicalResource"}],
        "partyAccount": {"id": "019aaf00-0000-7000-8000-000000000001", "@referredType": "BillingAccount"},
        "relatedParty": [
            {
                "id": "019aaf00-0000-7000-8000-000000000004",
                "name": "陈**",
                "role": "customer",
                "@referredType": "Customer",
            }
        ],
        "@type": "Bucket",
    },
)
