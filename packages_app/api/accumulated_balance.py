"""TMF654 accumulatedBalance: what an account has left in all, of money and of each kind of allowance."""

from collections.abc import Sequence

from django.db.models import Q

from kernel.ids import PublicId
from kernel.rest.resource import Attribute, Column, Resource, by_uuid
from kernel.rest.shapes import ListOf, Text
from kernel.rest.structures import QUANTITY, RELATED_PARTY, reference
from packages_app.api.bucket import BUCKET, UNITS, amount_of
from packages_app.api.prepay_balance import (
    API,
    BUCKET_REF,
    LOGICAL_RESOURCE,
    PARTY_ACCOUNT,
    logical_resource,
    party_account,
    read_numbers,
)
from packages_app.queries.accumulated_balances import (
    SUM_IDS,
    AccumulatedBalance,
    get_account_condition,
    list_accumulated_balances,
    list_visible_sums,
)
from packages_app.queries.prepay_buckets import MONETARY

_USAGE_TYPES = {sum_id: usage_type for usage_type, sum_id in SUM_IDS.items()}


def _find(texts: Sequence[str]) -> Q | None:
    wanted: Q | None = None
    for text in texts:
        try:
            public_id = PublicId.parse(text)
        except ValueError:
            continue
        usage_type = _USAGE_TYPES.get(public_id.row_id)
        if usage_type is not None:
            found = Q(account_id=public_id.account_id, usage_type=usage_type)
            wanted = found if wanted is None else wanted | found
    return wanted


def _by_number(texts: Sequence[str]) -> Q | None:
    return get_account_condition(read_numbers(texts))


ACCUMULATED_BALANCE: Resource[AccumulatedBalance] = Resource(
    api=API,
    name="accumulatedBalance",
    type_name="AccumulatedBalance",
    summary="What an account has left in all: one sum of money, and one of each kind of allowance in force.",
    rows=lambda caller: list_visible_sums(sight=caller.sight, now=caller.now),
    complete=lambda rows, caller: list_accumulated_balances(rows, now=caller.now),
    public_id=lambda found: str(PublicId(found.account_id, SUM_IDS[found.usage_type])),
    find=_find,
    order=("account_id", "usage_type"),
    attributes=(
        Attribute(
            name="name",
            shape=Text(choices=tuple(UNITS)),
            read=lambda found: found.usage_type,
            always=True,
            filters={"": Column("usage_type")},
            sort="usage_type",
            description="What it can be spent on.",
        ),
        Attribute(
            name="totalBalance",
            shape=QUANTITY,
            read=lambda found: amount_of(found.usage_type, found.total),
            always=True,
        ),
        Attribute(
            name="bucket",
            shape=ListOf(BUCKET_REF),
            read=lambda found: [
                BUCKET.reference(str(PublicId(found.account_id, bucket_id))) for bucket_id in found.bucket_ids
            ],
            always=True,
        ),
        Attribute(
            name="logicalResource",
            shape=ListOf(LOGICAL_RESOURCE),
            read=lambda found: [logical_resource(msisdn) for msisdn in found.numbers],
            always=True,
            filters={"id": _by_number, "value": _by_number},
        ),
        Attribute(
            name="partyAccount",
            shape=PARTY_ACCOUNT,
            read=lambda found: party_account(found.account_id),
            always=True,
            filters={"id": by_uuid("account_id")},
            sort="account_id",
        ),
        Attribute(
            name="relatedParty",
            shape=ListOf(RELATED_PARTY),
            read=lambda found: [reference(found.customer_id, "Customer", name=found.customer_name, role="customer")],
            always=True,
            filters={"id": by_uuid("of_customer_id")},
        ),
    ),
    example={
        "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
        "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/accumulatedBalance/"
        "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
        "name": MONETARY,
        "totalBalance": {"amount": 86.5, "units": "CNY"},
        "bucket": [
            {
                "id": "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
                "href": "https://hall.example.com/tmf-api/prepayBalanceManagement/v4/bucket/"
                "AZqvAAAAcACAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA",
                "@referredType": "Bucket",
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
        "@type": "AccumulatedBalance",
    },
)
