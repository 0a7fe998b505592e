"""Tasks of billing. They carry ids at most: what is due stands in the database."""

import uuid
from typing import Any

from celery import shared_task
from django.conf import settings

from billing.gateways.sandbox import SandboxProvider
from billing.operations.automatic_top_ups import sweep_automatic_top_ups, top_up_automatically
from billing.operations.dues import settle_dues, sweep_dues
from billing.operations.dunning import run_dunning
from billing.operations.earn_points import earn_points
from billing.operations.expire_top_ups import expire_top_ups
from billing.operations.holds import expire_holds
from billing.operations.late_fees import charge_late_fees
from billing.operations.ledger import expire_bonuses
from billing.operations.points_ledger import expire_points
from billing.operations.points_notices import remind_of_expiring_points
from billing.operations.rate_stars import SETTLING, rate_stars
from billing.operations.restore_paid import sweep_paid
from billing.operations.sandbox_cashier import send_sandbox_notices
from billing.operations.settle_refunds import settle_refunds
from billing.operations.star_simulations import run_star_simulations
from billing.operations.unbind_bank_card import settle_bank_cards
from billing.operations.wallets import lower_overdrafts
from billing.queries.star_runs import get_month_to_rate
from billing.task_names import (
    CHARGE_LATE_FEES,
    EARN_POINTS,
    EXPIRE_BONUSES,
    EXPIRE_HOLDS,
    EXPIRE_POINTS,
    EXPIRE_TOP_UPS,
    LOWER_OVERDRAFTS,
    RATE_STARS,
    REMIND_OF_EXPIRING_POINTS,
    RUN_DUNNING,
    SEND_SANDBOX_NOTICES,
    SETTLE_BANK_CARDS,
    SETTLE_DUES,
    SETTLE_REFUNDS,
    SIMULATE_STARS,
    SWEEP_AUTOMATIC_TOP_UPS,
    SWEEP_DUES,
    SWEEP_PAID,
    TOP_UP_AUTOMATICALLY,
)
from kernel.clock import month_of, now
from kernel.enqueue import look_again


@shared_task(name=CHARGE_LATE_FEES)
def charge_late_fees_task(**_future: Any) -> None:
    """Sweeper: charge the late fees of the month that has ended, where they are missing."""
    at = now()
    charge_late_fees(month=month_of(at).previous, now=at)


@shared_task(name=EARN_POINTS)
def earn_points_task(**_future: Any) -> None:
    """Sweeper: what was spent becomes points."""
    earn_points(now=now())


@shared_task(name=EXPIRE_POINTS)
def expire_points_task(**_future: Any) -> None:
    """Sweeper: take points that were not used in time out of the purses."""
    expire_points(now=now())


@shared_task(name=REMIND_OF_EXPIRING_POINTS)
def remind_of_expiring_points_task(**_future: Any) -> None:
    """Sweeper: tell whose points expire soon."""
    remind_of_expiring_points(now=now())


@shared_task(name=EXPIRE_BONUSES)
def expire_bonuses_task(**_future: Any) -> None:
    """Sweeper: take expired bonus out of the wallets."""
    expire_bonuses(now=now())


@shared_task(name=EXPIRE_HOLDS)
def expire_holds_task(**_future: Any) -> None:
    """Sweeper: set free what was set aside for too long."""
    expire_holds(now=now())


@shared_task(name=EXPIRE_TOP_UPS)
def expire_top_ups_task(**_future: Any) -> None:
    """Sweeper: settle top-ups that were not paid in time or whose outcome is unknown."""
    expire_top_ups(now=now())


@shared_task(name=LOWER_OVERDRAFTS)
def lower_overdrafts_task(**_future: Any) -> None:
    """Sweeper: overdrafts that were to be less follow, now that less of them is used."""
    lower_overdrafts(now=now())


@shared_task(name=RATE_STARS)
def rate_stars_task(**_future: Any) -> None:
    """Sweeper: rate the month that has begun, where that is missing or was cut off."""
    at = now()
    month = get_month_to_rate(at)
    if month and at >= month.starts_at + SETTLING:
        rate_stars(month=month, now=at)


@shared_task(name=RUN_DUNNING)
def run_dunning_task(**_future: Any) -> None:
    """Take what is owed for too long one step on, where a step is due."""
    run_dunning(now=now())


@shared_task(name=SEND_SANDBOX_NOTICES)
def send_sandbox_notices_task(**_future: Any) -> None:
    """Nudge and sweeper: the sandbox tells the hall of decided payments."""
    if SandboxProvider.name == settings.PAYMENT_PROVIDER:
        send_sandbox_notices(now=now())


@shared_task(name=SETTLE_DUES)
def settle_dues_task(*, account_id: str, **_future: Any) -> None:
    """Nudge: money arrived in the wallet of an account that owes something."""
    settle_dues(account_id=uuid.UUID(account_id), now=now())


@shared_task(name=SWEEP_DUES)
def sweep_dues_task(**_future: Any) -> None:
    """Sweeper: what is owed is paid where the nudge was lost."""
    sweep_dues(now=now())


@shared_task(name=SWEEP_PAID)
def sweep_paid_task(**_future: Any) -> None:
    """Sweeper: numbers whose account has paid are restored where the notice was lost."""
    sweep_paid(now=now())


@shared_task(name=SIMULATE_STARS)
def simulate_stars_task(**_future: Any) -> None:
    """Nudge and sweeper: star tables that wait to be tried out."""
    run_star_simulations(now=now())


@shared_task(name=SETTLE_REFUNDS)
def settle_refunds_task(**_future: Any) -> None:
    """Nudge and sweeper: the provider is asked to carry out approved refunds."""
    settle_refunds(now=now())


@shared_task(name=SETTLE_BANK_CARDS)
def settle_bank_cards_task(**_future: Any) -> None:
    """Sweeper: the bank is told of cards that were unlinked; codes that nobody entered lapse."""
    settle_bank_cards(now=now())


@shared_task(name=TOP_UP_AUTOMATICALLY)
def top_up_automatically_task(*, account_id: str, **_future: Any) -> None:
    """Nudge: a charge took a balance below what its customer wants topped up."""
    top_up_automatically(account_id=uuid.UUID(account_id), now=now())


@shared_task(name=SWEEP_AUTOMATIC_TOP_UPS)
def sweep_automatic_top_ups_task(**_future: Any) -> None:
    """Nudge and sweeper: automatic top-ups that no nudge of their own told of. It goes on while there are some."""
    if sweep_automatic_top_ups(now=now()):
        look_again(SWEEP_AUTOMATIC_TOP_UPS)
