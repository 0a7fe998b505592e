"""Reads what stands in the way of a change of number, of handing a line over, and of porting it out: each reason with
its cure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import Line, LineState
from accounts.queries.documents import get_document
from accounts.queries.line_acts import list_number_changes
from accounts.queries.sim_cards import get_recent_sim_change
from billing.queries.balance import Balance, get_balance
from billing.queries.bank_cards import list_cards
from kernel.money import yuan_text
from packages_app.queries.orders import list_waiting_orders
from packages_app.queries.subscriptions import list_coming_subscriptions, list_subscriptions


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason, in the language of the page.

    :ivar code: stable, UPPER_CASE.
    :ivar message: why not.
    :ivar cure: what helps, or from when it is over.
    """

    code: str
    message: str
    cure: str

    def __str__(self) -> str:
        return _("%(message)s %(cure)s") % {"message": self.message, "cure": self.cure}


def list_porting_obstacles(*, line: Line, now: datetime) -> list[Obstacle]:
    """Return why a number cannot be taken to another operator at `now`; nothing stands in the way of an empty list."""
    balance = get_balance(line.account_id)
    return [
        *_registration(line),
        *_debts(balance),
        *_commitments(line, now),
        *_barring(line),
        *_recent_opening(line, now),
        *_recent_number_change(line, now),
    ]


def list_number_change_obstacles(*, line: Line, now: datetime) -> list[Obstacle]:
    """Return why a line cannot get another number at `now`."""
    return [
        *_debts(get_balance(line.account_id)),
        *_barring(line),
        *_recent_number_change(line, now),
        *_recent_sim_change(line, now),
        *_waiting_orders(line, now),
        *_linked_cards(line),
    ]


def list_hand_over_obstacles(*, line: Line, now: datetime) -> list[Obstacle]:
    """Return why a line cannot go to another owner at `now`. Money, bills and records stay with the old one."""
    balance = get_balance(line.account_id)
    return [
        *_registration(line),
        *_debts(balance),
        *_money_left(balance),
        *_commitments(line, now),
        *_barring(line),
        *_recent_sim_change(line, now),
        *_waiting_orders(line, now),
        *_linked_cards(line),
    ]


def _registration(line: Line) -> Iterator[Obstacle]:
    if get_document(line.account_id) is None:
        yield Obstacle(
            "NO_REAL_NAME",
            _("The number is not registered with your real name."),
            _("Bring your identity document to a shop: it takes a few minutes."),
        )


def _debts(balance: Balance) -> Iterator[Obstacle]:
    owed_fen = balance.owed_fen + max(-balance.total_fen, 0)
    if owed_fen:
        yield Obstacle(
            "OWES",
            _("%(amount)s yuan are owed.") % {"amount": yuan_text(owed_fen)},
            _("Top up: it is then paid by itself."),
        )


def _money_left(balance: Balance) -> Iterator[Obstacle]:
    if balance.held_fen:
        yield Obstacle(
            "MONEY_SET_ASIDE",
            _("%(amount)s yuan are set aside for something that is under way.")
            % {"amount": yuan_text(balance.held_fen)},
            _("Wait until that is done, or call it off."),
        )
    if balance.cash_fen > 0:
        yield Obstacle(
            "MONEY_LEFT",
            _("There are %(amount)s yuan in the wallet, which do not go to the new owner.")
            % {"amount": yuan_text(balance.cash_fen)},
            _("Have them refunded first, or use them up."),
        )


def _commitments(line: Line, now: datetime) -> Iterator[Obstacle]:
    held = [
        *list_subscriptions(line.account_id, line.id, now),
        *list_coming_subscriptions(line.account_id, line.id, now),
    ]
    until = [one.committed_until for one in held if one.committed_until is not None and one.committed_until > now]
    if until:
        yield Obstacle(
            "COMMITTED",
            _("A contract binds until %(day)s.") % {"day": _day(max(until))},
            _("Wait until then, or ask in a shop what ending it early costs."),
        )


def _barring(line: Line) -> Iterator[Obstacle]:
    if line.state != LineState.ACTIVE:
        yield Obstacle(
            "BARRED",
            _("The number is suspended."),
            _("Have it restored first: on its page you see why it is suspended and what helps."),
        )


def _recent_opening(line: Line, now: datetime) -> Iterator[Obstacle]:
    opens_at = line.activated_at + timedelta(days=settings.PORTING_AFTER_DAYS)
    if now < opens_at:
        yield Obstacle(
            "OPENED_RECENTLY",
            _("The number has been open for less than %(days)d days.") % {"days": settings.PORTING_AFTER_DAYS},
            _("It can be taken along from %(day)s.") % {"day": _day(opens_at)},
        )


def _recent_number_change(line: Line, now: datetime) -> Iterator[Obstacle]:
    changes = list_number_changes(account_id=line.account_id, line_id=line.id)
    over_at = changes[0].at + timedelta(days=settings.NUMBER_CHANGE_AFTER_DAYS) if changes else now
    if now < over_at:
        yield Obstacle(
            "NUMBER_CHANGED_RECENTLY",
            _("The number was changed less than %(days)d days ago.") % {"days": settings.NUMBER_CHANGE_AFTER_DAYS},
            _("This is over on %(day)s.") % {"day": _day(over_at)},
        )


def _recent_sim_change(line: Line, now: datetime) -> Iterator[Obstacle]:
    recent = get_recent_sim_change(account_id=line.account_id, line_id=line.id, now=now)
    if recent is not None:
        yield Obstacle(
            "SIM_CHANGED_RECENTLY",
            _("The SIM card of this number was changed a short while ago."),
            _("From %(time)s on this is over.") % {"time": date_format(localtime(recent.until), "DATETIME_FORMAT")},
        )


def _waiting_orders(line: Line, now: datetime) -> Iterator[Obstacle]:
    if list_waiting_orders(line.account_id, line.id, now):
        yield Obstacle(
            "ORDER_WAITING",
            _("An order waits for its confirmation."),
            _("Confirm it or turn it down first."),
        )


def _linked_cards(line: Line) -> Iterator[Obstacle]:
    if list_cards(line.account_id):
        yield Obstacle(
            "CARD_LINKED",
            _("A bank card is linked, and the bank sends its codes to this number."),
            _("Unlink it under Payment methods first."),
        )


def _day(instant: datetime) -> str:
    return date_format(localtime(instant).date())
