"""Offers, orders and subscriptions; orders are made through the operations that make real ones."""

import itertools
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from accounts.models import Line
from billing.models import BillHead, Charge
from kernel.channel import Channel
from kernel.ids import uuid7
from messaging.models import Sms
from packages_app.models import (
    Bucket,
    CataloguePart,
    EvidenceKind,
    Offering,
    OfferingAllowance,
    OfferingKind,
    OfferingLink,
    Order,
    OrderEvidence,
    PartKind,
    Recurrence,
    Subscription,
    UsageKind,
)
from packages_app.operations import catalogue_parts
from packages_app.operations.confirm_order import confirm_order
from packages_app.operations.keep_offering import keep_offering
from packages_app.operations.orders import quote_cart, quote_order
from packages_app.operations.partner_orders import PartnerWish, order_for_partner
from packages_app.queries.catalogue import get_offering
from packages_app.queries.terms import get_terms
from tests.factories.billing import NOW, wallet_of

GB = 1024**3
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)

_numbers = itertools.count(1)


def make_offering(allowances: dict[str, int] | None = None, **fields: Any) -> Offering:
    """Put something on sale; by default a data pack of 1 GB for 5 yuan."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"DATA-1G-{number}",
        "kind": OfferingKind.DATA_PACK,
        "name_zh": "1GB流量包",
        "name_en": "1 GB data pack",
        "summary_zh": "全国流量1GB",
        "summary_en": "1 GB for the whole country",
        "price_fen": 5_00,
        "recurrence": Recurrence.ONCE,
        "head": BillHead.DATA,
        "on_sale_from": BEFORE,
    }
    offering = Offering(**(values | fields))
    amounts: dict[str, int] = {UsageKind.DATA: GB} if allowances is None else allowances
    keep_offering(offering=offering, allowances=general_allowances(amounts), author="", now=BEFORE)
    return get_offering(code=offering.code)


def make_part(kind: PartKind, **content: Any) -> CataloguePart:
    """Keep a part of the catalogue that nothing is published of yet; a price is once, of no amount."""
    given: Mapping[PartKind, dict[str, Any]] = {
        PartKind.OFFERING: {},
        PartKind.PRICE: {"type": "oneTime"},
        PartKind.SPECIFICATION: {"characteristics": []},
    }
    return catalogue_parts.make_part(
        kind=kind,
        name=f"Autumn {next(_numbers)}",
        description="",
        status=catalogue_parts.IN_DESIGN,
        content=given[kind] | content,
        author="test",
        now=NOW,
    )


def general_allowances(amounts: Mapping[str, int]) -> list[OfferingAllowance]:
    """Return allowances for any use at home, numbered in the order given; what is 0 is not included."""
    included = [(usage_kind, amount) for usage_kind, amount in amounts.items() if amount]
    return [
        OfferingAllowance(number=number, usage_kind=usage_kind, amount=amount)
        for number, (usage_kind, amount) in enumerate(included, start=1)
    ]


def make_service(allowances: dict[str, int] | None = None, **fields: Any) -> Offering:
    """Put a value-added service on sale, by default 9.90 yuan a month collected for its provider."""
    values: dict[str, Any] = {
        "code": f"MUSIC-{next(_numbers)}",
        "kind": OfferingKind.VALUE_ADDED,
        "name_zh": "听书会员",
        "name_en": "Audiobook club",
        "price_fen": 9_90,
        "recurrence": Recurrence.MONTHLY,
        "head": BillHead.THIRD_PARTY,
        "provider_name": "悦听科技",
    }
    return make_offering(allowances or {}, **(values | fields))


def make_plan(allowances: dict[str, int] | None = None, **fields: Any) -> Offering:
    """Put a plan on sale, by default 59 yuan a month with 30 GB and 500 minutes."""
    values: dict[str, Any] = {
        "code": f"PLAN-59-{next(_numbers)}",
        "kind": OfferingKind.PLAN,
        "name_zh": "畅享套餐59元",
        "name_en": "Breeze 59",
        "price_fen": 59_00,
        "recurrence": Recurrence.MONTHLY,
        "head": BillHead.PLAN,
    }
    if allowances is None:
        allowances = {UsageKind.DATA: 30 * GB, UsageKind.VOICE: 500 * 60}
    return make_offering(allowances, **(values | fields))


def tie(offering: Offering, kind: str, *others: Offering) -> None:
    """Let an offering need others (REQUIRES) or shut them out (EXCLUDES)."""
    OfferingLink.objects.bulk_create([OfferingLink(offering=offering, other=other, kind=kind) for other in others])


def give_plan(line: Line, offering: Offering | None = None, *, started_at: datetime = BEFORE) -> Subscription:
    """Give a line the plan it was opened with; that comes with the contract, not with an order."""
    offering = offering or make_plan()
    return Subscription.objects.create(
        account_id=line.account_id,
        id=uuid7(),
        line_id=line.id,
        offering=offering,
        terms=get_terms(offering),
        started_at=started_at,
    )


def ask_for(
    line: Line, offering: Offering, *, channel: str = Channel.WEB, request_key: str | None = None, now: datetime = NOW
) -> Order:
    """Quote an order that then waits for its confirmation."""
    return quote_order(
        account_id=line.account_id,
        line_id=line.id,
        offering_code=offering.code,
        channel=channel,
        request_key=request_key or uuid.uuid4().hex,
        now=now,
    )


def ask_for_change(line: Line, plan: Offering, *, start: str | None = None, now: datetime = NOW) -> Order:
    """Quote another plan, to begin at once or next month."""
    return quote_order(
        account_id=line.account_id,
        line_id=line.id,
        offering_code=plan.code,
        channel=Channel.WEB,
        request_key=uuid.uuid4().hex,
        now=now,
        start=start,
    )


def ask_for_cart(
    line: Line, *offerings: Offering, channel: str = Channel.WEB, request_key: str | None = None, now: datetime = NOW
) -> list[Order]:
    """Quote several things that one yes confirms."""
    return quote_cart(
        account_id=line.account_id,
        line_id=line.id,
        offering_codes=[offering.code for offering in offerings],
        channel=channel,
        request_key=request_key or uuid.uuid4().hex,
        now=now,
    )


def ask_for_partner(
    line: Line,
    *offerings: Offering,
    client_id: str = "shop",
    request_key: str | None = None,
    now: datetime = NOW,
    **words: Any,
) -> Order:
    """Ask the customer in a partner's name; returns the order, or the first of its cart."""
    wish = PartnerWish(
        account_id=line.account_id,
        line_id=line.id,
        client_id=client_id,
        client_name="A shop",
        offering_codes=[offering.code for offering in offerings],
        item_ids=[f"item-{number}" for number in range(1, len(offerings) + 1)],
        **words,
    )
    return order_for_partner(wish=wish, request_key=request_key or uuid.uuid4().hex, now=now)


def code_of(order: Order) -> str:
    """Read the code from the latest text about an order, as its customer would."""
    sent = OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id, kind=EvidenceKind.TEXT_QUEUED)
    text = sent.order_by("number").values_list("detail__text", flat=True).last()
    found = re.search(r"(?:确认码|code is )(\d{4})", str(text))
    assert found is not None, text
    return found[1]


def wrong_code_of(order: Order) -> str:
    """Return a code that is not the order's."""
    return f"{(int(code_of(order)) + 1) % 10_000:04d}"


def say_yes(order: Order, *, code: str | None = None, channel: str = Channel.WEB, now: datetime = NOW) -> Order:
    """Confirm an order with its code, or another."""
    code = code_of(order) if code is None else code
    return confirm_order(
        account_id=order.account_id,
        order_id=order.id,
        channel=channel,
        code=code,
        from_line=False,
        reply=code,
        now=now,
    )


def buy(line: Line, offering: Offering, *, now: datetime = NOW) -> Order:
    """Order and confirm."""
    return say_yes(ask_for(line, offering, now=now), now=now)


def steps_of(order: Order) -> list[str]:
    """Return the kinds of an order's evidence, in order."""
    evidence = OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id)
    return list(evidence.order_by("number").values_list("kind", flat=True))


def standing(account_id: uuid.UUID) -> dict[str, Any]:
    """Return all that an order could move: compare it before and after what must move nothing."""
    return {
        "wallet": wallet_of(account_id),
        "charges": sorted(Charge.objects.filter(account_id=account_id).values_list("charge_key", "amount_fen")),
        "subscriptions": sorted(
            Subscription.objects.filter(account_id=account_id).values_list("id", "state", "ends_at", "cancelled_at")
        ),
        "buckets": sorted(Bucket.objects.filter(account_id=account_id).values_list("id", "total", "used")),
        "orders": sorted(Order.objects.filter(account_id=account_id).values_list("id", "state")),
        "texts": sorted(Sms.objects.filter(account_id=account_id).values_list("dedup_key", flat=True)),
    }
