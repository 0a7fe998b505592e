"""What a demo line has done until the day it is made: ordered, paid, topped up, used."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from billing.models import ChargeReason
from billing.operations.import_history import ImportedCharge, ImportedTopUp, ImportedWallet
from kernel.channel import Channel
from kernel.clock import Month, month_of
from packages_app.models import AllowanceScope, Offering, UsageKind
from packages_app.operations.import_subscriptions import ImportedSubscription
from packages_app.operations.record_usage import UsageRow
from portal.demo import catalogue
from portal.demo.people import DemoLine, time_ordered_id

PROVIDER = "sandbox"
TOP_UP_STEP_FEN = 10_00
_TOP_UPS_FEN = (30_00, 50_00, 100_00, 200_00)
_ORDER_CHANNELS = (Channel.WEB, Channel.SMS, Channel.APP)
_DATA_RECORDS, _VOICE_RECORDS, _SMS_RECORDS = 12, 5, 3


@dataclass(frozen=True, slots=True)
class Past:
    """All of it, ready to be brought in."""

    subscriptions: list[ImportedSubscription]
    wallet: ImportedWallet
    top_ups: list[ImportedTopUp]
    charges: list[ImportedCharge]
    usage: list[UsageRow]


def past_of(demo: DemoLine, offerings: Mapping[str, Offering], *, months: int, as_of: datetime) -> Past:
    """Return the past of a line.

    :param offerings: the catalogue by code, each with its allowances.
    :param months: how many whole months of money it reaches back, before the month of `as_of`.
    :param as_of: until when; what is used is of this month alone.
    """
    first_month = month_of(as_of)
    for _ in range(months):
        first_month = first_month.previous
    begins_at = max(first_month.starts_at, demo.line.activated_at)
    subscriptions = list(_subscriptions(demo, begins_at, as_of))
    charges = [
        charge
        for sold in subscriptions
        for charge in _charges(demo, sold, offerings[sold.offering_code], begins_at, as_of)
    ]
    charges.sort(key=attrgetter("charged_at"))
    top_ups, left_fen = _top_ups(demo, charges, begins_at)
    wanted_fen = demo.fixed.balance_fen if demo.fixed else demo.chance.randrange(0, 120_00, 10)
    wallet = ImportedWallet(demo.line.account_id, 0, max(wanted_fen - left_fen, 0), begins_at)
    return Past(subscriptions, wallet, top_ups, charges, list(_usage(demo, offerings, as_of)))


def _subscriptions(demo: DemoLine, begins_at: datetime, as_of: datetime) -> Iterator[ImportedSubscription]:
    chance, since = demo.chance, demo.line.activated_at
    yield _sold(demo, demo.plan, since, Channel.STORE, None)
    for code in demo.fixed.extras if demo.fixed else _drawn_extras(chance):
        confirmed_at = since + (as_of - since) * chance.uniform(0.1, 0.97)
        yield _sold(demo, code, confirmed_at, chance.choice(_ORDER_CHANNELS), None)
    if demo.fixed is None:
        month = month_of(begins_at)
        while month.starts_at < as_of:
            if chance.random() < 0.1:
                earliest, latest = max(month.starts_at, begins_at), min(month.ends_at, as_of)
                confirmed_at = earliest + (latest - earliest) * chance.random()
                code = chance.choice(catalogue.PACKS)
                yield _sold(demo, code, confirmed_at, chance.choice(_ORDER_CHANNELS), month.ends_at)
            month = month.next


def _drawn_extras(chance: random.Random) -> list[str]:
    services = chance.sample(catalogue.VALUE_ADDED, chance.choices((0, 1, 2), weights=(65, 27, 8))[0])
    return [*services, *([chance.choice(catalogue.MONTHLY_PACKS)] if chance.random() < 0.2 else [])]


def _sold(
    demo: DemoLine, code: str, confirmed_at: datetime, channel: Channel, ends_at: datetime | None
) -> ImportedSubscription:
    ordered_at = confirmed_at - timedelta(seconds=demo.chance.randrange(40, 400))
    return ImportedSubscription(
        account_id=demo.line.account_id,
        line_id=demo.line.line_id,
        order_id=time_ordered_id(ordered_at, demo.chance),
        offering_code=code,
        channel=channel,
        reply="是",
        ordered_at=ordered_at,
        confirmed_at=confirmed_at,
        expires_at=ordered_at + timedelta(hours=24 if channel == Channel.SMS else 2),
        ends_at=ends_at,
    )


def _charges(
    demo: DemoLine, sold: ImportedSubscription, offering: Offering, begins_at: datetime, as_of: datetime
) -> Iterator[ImportedCharge]:
    """The price on confirmation, and again on each first of a month for what recurs; from `begins_at`."""
    if sold.confirmed_at >= begins_at:
        yield _charge(demo, sold, offering, ChargeReason.ORDER, f"order:{sold.order_id}", sold.confirmed_at)
    if sold.ends_at is None:
        month = month_of(max(sold.confirmed_at, begins_at - timedelta(microseconds=1))).next
        while month.starts_at <= as_of:
            yield _charge(demo, sold, offering, ChargeReason.SUBSCRIPTION, _fee_key(sold, month), month.starts_at)
            month = month.next


def _fee_key(sold: ImportedSubscription, month: Month) -> str:
    return f"fee:{sold.order_id}:{month}"


def _charge(
    demo: DemoLine, sold: ImportedSubscription, offering: Offering, reason: ChargeReason, key: str, at: datetime
) -> ImportedCharge:
    return ImportedCharge(
        account_id=sold.account_id,
        line_id=sold.line_id,
        msisdn=demo.line.msisdn,
        head=offering.head,
        name=offering.name_in(demo.line.language),
        provider_name=offering.provider_name,
        amount_fen=offering.price_fen,
        reason=reason,
        reason_id=sold.order_id,
        charge_key=key,
        charged_at=at,
    )


def _top_ups(demo: DemoLine, charges: list[ImportedCharge], begins_at: datetime) -> tuple[list[ImportedTopUp], int]:
    """Top up whenever the next charges could not be paid, and return with it what is left after the last."""
    top_ups = []
    balance_fen = 0
    for charged_at, at_once in groupby(charges, key=attrgetter("charged_at")):
        due_fen = sum(charge.amount_fen for charge in at_once)
        if due_fen > balance_fen:
            amount_fen = _top_up_amount(demo, due_fen - balance_fen)
            at = max(charged_at - timedelta(seconds=demo.chance.randrange(300, 3 * 86_400)), begins_at)
            top_ups.append(_top_up(demo, amount_fen, at))
            balance_fen += amount_fen
        balance_fen -= due_fen
    return top_ups, balance_fen


def _top_up_amount(demo: DemoLine, missing_fen: int) -> int:
    whole_step_fen = -(-missing_fen // TOP_UP_STEP_FEN) * TOP_UP_STEP_FEN
    common = [amount_fen for amount_fen in _TOP_UPS_FEN if amount_fen >= missing_fen]
    return whole_step_fen if demo.fixed or not common else demo.chance.choice(common[:2])


def _top_up(demo: DemoLine, amount_fen: int, at: datetime) -> ImportedTopUp:
    line = demo.line
    return ImportedTopUp(
        account_id=line.account_id,
        line_id=line.line_id,
        msisdn=line.msisdn,
        language=line.language,
        top_up_id=time_ordered_id(at, demo.chance),
        amount_fen=amount_fen,
        channel=demo.chance.choice((Channel.WEB, Channel.APP, Channel.WECHAT)),
        provider=PROVIDER,
        provider_payment_number=f"{demo.chance.randrange(10**17, 10**18)}",
        credited_at=at,
    )


def _usage(demo: DemoLine, offerings: Mapping[str, Offering], as_of: datetime) -> Iterator[UsageRow]:
    """This month's usage: of the plan's data as much as suits the day, of the rest a little."""
    chance = demo.chance
    starts_at = max(month_of(as_of).starts_at, demo.line.activated_at)
    general = [part for part in offerings[demo.plan].allowances.all() if part.scope == AllowanceScope.GENERAL]
    included = sum(part.amount for part in general if part.usage_kind == UsageKind.DATA)
    if demo.fixed:
        share = demo.fixed.data_percent / 100
    else:
        share = chance.betavariate(2, 2.5) * 1.4 * (as_of - starts_at) / timedelta(days=30)
    data = round(included * share)
    amounts = [
        *((UsageKind.DATA, amount) for amount in _parts(chance, data, _DATA_RECORDS)),
        *((UsageKind.VOICE, chance.randrange(8, 900)) for _ in range(_VOICE_RECORDS)),
        *((UsageKind.SMS, 1) for _ in range(_SMS_RECORDS)),
    ]
    for number, (usage_kind, amount) in enumerate(amounts):
        at = starts_at + (as_of - starts_at) * chance.random()
        yield UsageRow(demo.line.msisdn, f"{demo.line.msisdn[1:]}-{number}", at, usage_kind, amount)


def _parts(chance: random.Random, total: int, count: int) -> list[int]:
    """Cut a total into `count` unequal parts; none of them zero, so a total of 0 has no parts."""
    if total < count:
        return [1] * total
    weights = [chance.uniform(0.3, 1.7) for _ in range(count - 1)]
    parts = [int(total * weight / (sum(weights) + 1)) or 1 for weight in weights]
    return [*parts, total - sum(parts)]
