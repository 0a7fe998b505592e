"""What an order would mean for a line: the price now and later, what begins and ends, until when. Plain data."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict

from django.db.models import Sum

from billing.models import Charge, ChargeReason
from kernel.clock import SHANGHAI, Month, month_of
from packages_app.models import FirstMonthRule, Order, OrderStart, Recurrence, Subscription
from packages_app.queries.proration import Share, get_first_share, get_share_by_days
from packages_app.queries.terms import AllowanceTerms, Terms


class Replaced(TypedDict):
    """The plan that ends when the ordered one begins; it ends at `ends_at`, None: at the confirmation.

    :ivar ended_before: when it was to end before this order, None if never; a withdrawn change puts that back.
    """

    subscription_id: str
    name_zh: str
    name_en: str
    price_fen: int
    ends_at: str | None
    ended_before: str | None


class Quote(TypedDict):
    """An order's price and dates; amounts in fen, instants in ISO 8601, None where none.

    `price_now_fen` is `fee_fen` and `one_off_fen` less `credit_fen`, what is left of the replaced plan's fee.

    :ivar start: an `OrderStart` value; `starts_at` is None when it begins with the confirmation.
    :ivar first_month: the `FirstMonthRule` that fee and allowances of the first month go by.
    :ivar share: the part of that month: [part, whole].
    :ivar allowances_now: what this month gets.
    :ivar next_bill_at: when the next price is due, None for what is paid once; `monthly_fen` from then on.
    :ivar ends_at: None when it recurs, or lasts `validity_days` from the confirmation.
    :ivar committed_until: it cannot be left before.
    :ivar holds_until: from then on the price or a date is another, so the order waits no longer than that.
    """

    start: str
    starts_at: str | None
    price_now_fen: int
    fee_fen: int
    one_off_fen: int
    credit_fen: int
    first_month: str
    share: list[int]
    allowances_now: list[AllowanceTerms]
    next_bill_at: str | None
    next_bill_fen: int
    monthly_fen: int
    validity_days: int | None
    ends_at: str | None
    committed_until: str | None
    replaces: Replaced | None
    holds_until: str | None


# What a customer says yes to. The other dates follow from the instant of the confirmation, as the quote says in words.
_BINDING = (
    *("start", "starts_at", "price_now_fen", "fee_fen", "one_off_fen", "credit_fen", "share", "allowances_now"),
    *("monthly_fen", "validity_days", "committed_until", "replaces"),
)


def get_quote(*, terms: Terms, start: str, replaces: Subscription | None, now: datetime) -> Quote:
    """Return what an offering would cost and change if it were confirmed at `now`.

    A plan that replaces another at once costs its share of the month by days, less the same share of what was paid for
    the other; one that begins next month costs nothing before.

    :param terms: on which it is sold.
    :param start: an `OrderStart` value.
    :param replaces: the plan in force that would end; no dearer one if it ends at once.
    """
    month = month_of(now)
    later = start == OrderStart.NEXT_MONTH
    recurs = terms["recurrence"] == Recurrence.MONTHLY
    first_month = _first_month_rule(terms, recurs, later, replaces)
    share = get_first_share(first_month, month.ends_at if later else now)
    fee_fen = 0 if later else share.of(terms["price_fen"])
    credit_fen = get_unused_fee_fen(replaces, now) if replaces and not later else 0
    starts_in = month.next if later else month
    committed_until = _months_after(starts_in, terms["commitment_months"]) if terms["commitment_months"] else None
    holds_until = _holds_until(first_month, month, now, later=later, committed=committed_until is not None)
    return Quote(
        start=start,
        starts_at=month.ends_at.isoformat() if later else None,
        price_now_fen=fee_fen + terms["one_off_fen"] - credit_fen,
        fee_fen=fee_fen,
        one_off_fen=terms["one_off_fen"],
        credit_fen=credit_fen,
        first_month=first_month,
        share=list(share),
        allowances_now=[] if later else get_first_allowances(terms, share),
        next_bill_at=month.ends_at.isoformat() if recurs else None,
        next_bill_fen=terms["price_fen"] if recurs else 0,
        monthly_fen=terms["price_fen"] if recurs else 0,
        validity_days=terms["validity_days"],
        ends_at=None if recurs or terms["validity_days"] else month.ends_at.isoformat(),
        committed_until=committed_until.isoformat() if committed_until else None,
        replaces=_replaced(replaces, month.ends_at if later else None),
        holds_until=holds_until.isoformat() if holds_until else None,
    )


def is_same_quote(agreed: Mapping[str, Any], offered: Quote) -> bool:
    """Tell whether a kept quote still says what one of this moment does, in all that a customer says yes to."""
    return bool(agreed) and all(agreed[name] == offered[name] for name in _BINDING)  # type: ignore[literal-required]


def get_first_allowances(terms: Terms | Mapping[str, Any], share: Share) -> list[AllowanceTerms]:
    """Return the allowances of a first month that gets a share of the whole, each rounded half up once."""
    return [AllowanceTerms(**{**given, "amount": share.of(given["amount"])}) for given in terms["allowances"]]


def get_unused_fee_fen(plan: Subscription, now: datetime) -> int:
    """Return what a plan's fee of this month is worth for the days that are left, never more than is paid for it.

    The turn of the month charges the fee of what was in force when the month began, if it has not yet. In the month of
    its beginning the order says what was paid, of which a plan before may have brought a part; one that came with a
    contract may have cost nothing so far.
    """
    month = month_of(now)
    worth_fen = get_share_by_days(now).of(plan.terms["price_fen"])
    return worth_fen if plan.started_at <= month.starts_at else min(_first_fee_fen(plan, month), worth_fen)


def _first_fee_fen(plan: Subscription, month: Month) -> int:
    quote = Order.objects.filter(account_id=plan.account_id, id=plan.id).values_list("quote", flat=True).first()
    if quote:
        return int(quote["fee_fen"])
    charged = Charge.objects.filter(
        account_id=plan.account_id,
        reason__in=(ChargeReason.ORDER, ChargeReason.SUBSCRIPTION),
        reason_id=plan.id,
        charged_at__gte=month.starts_at,
        charged_at__lt=month.ends_at,
    ).aggregate(fen=Sum("amount_fen"))["fen"]
    return int(charged or 0)


def parse_instant(text: str | None) -> datetime | None:
    """Return an instant of a quote."""
    return datetime.fromisoformat(text) if text else None


def _first_month_rule(terms: Terms, recurs: bool, later: bool, replaces: Subscription | None) -> str:
    if not recurs or later:
        return FirstMonthRule.FULL
    return FirstMonthRule.BY_DAYS if replaces else terms["first_month"]


def _months_after(month: Month, count: int) -> datetime:
    for _ in range(count):
        month = month.next
    return month.starts_at


def _holds_until(first_month: str, month: Month, now: datetime, *, later: bool, committed: bool) -> datetime | None:
    """Return when the price or a date that binds changes by itself; None when it does not."""
    if first_month == FirstMonthRule.BY_DAYS:
        return _end_of_day(now)
    if first_month == FirstMonthRule.HALF:
        sixteenth = month.starts_at + timedelta(days=15)
        return sixteenth if now < sixteenth else month.ends_at
    return month.ends_at if later or committed else None


def _end_of_day(now: datetime) -> datetime:
    tomorrow: date = now.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), SHANGHAI)


def _replaced(plan: Subscription | None, ends_at: datetime | None) -> Replaced | None:
    if plan is None:
        return None
    return Replaced(
        subscription_id=str(plan.id),
        name_zh=plan.terms["name_zh"],
        name_en=plan.terms["name_en"],
        price_fen=plan.terms["price_fen"],
        ends_at=ends_at.isoformat() if ends_at else None,
        ended_before=plan.ends_at.isoformat() if plan.ends_at else None,
    )


def get_order_start(quote: Mapping[str, Any]) -> str:
    """Return when a kept quote begins; one without contents, from another system, began with its confirmation."""
    return str(quote.get("start", OrderStart.NOW))


def get_replaced_id(quote: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the subscription that a kept quote ends."""
    replaces = quote.get("replaces")
    return uuid.UUID(replaces["subscription_id"]) if replaces else None
