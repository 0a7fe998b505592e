"""The first page: for visitors what the hall does, for a signed-in line the three numbers people come for."""

import functools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Bar, Line, LineState
from accounts.queries.bars import get_cure, get_why, list_open_bars
from billing.queries.balance import Balance, get_balance
from kernel.clock import now as current_instant
from kernel.ids import PublicId
from kernel.templatetags.hall_format import yuan
from packages_app.queries.front_page import FrontPage, LocalOffer, WaitingOrder, get_front_page
from packages_app.queries.terms import get_name
from portal.web.functions import ALLOWANCES, BILL, OFFERS, ORDERS, RECORDS, SERVICES, STATEMENT


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the panel of the current line, what waits for its customer, and where to go; visitors see the entrance."""
    line: Line | None = cast("Any", request).line
    if not line:
        return render(request, "portal/entrance.html")
    now = current_instant()
    balance = get_balance(line.account_id)
    front_page = get_front_page(line.account_id, line.id, now)
    carts = _group_by_cart(front_page.waiting)
    context = {
        **_panel(balance, front_page, now),
        "plan_name": get_name(front_page.plan_terms, _language()) if front_page.plan_terms else "",
        "todos": [*_line_todos(line, balance), *(_order_todo(cart) for cart in carts)],
        "waiting_count": len(carts),
        "tiles": _tiles(waiting=len(carts)),
        "local_offer": _local_offer(front_page.local_offer),
    }
    return render(request, "portal/home.html", context)


def _panel(balance: Balance, front_page: FrontPage, now: datetime) -> dict[str, object]:
    """Return the parameters of components/_panel.html."""
    data, voice = front_page.data, front_page.voice
    return {
        "balance_fen": balance.total_fen,
        "data_left": data.left,
        "data_total": data.total,
        "voice_left": voice.left,
        "voice_total": voice.total,
        "resets_on": _day(localtime(front_page.resets_at).date(), _language()) if data.total or voice.total else "",
        "updated_at": _instant(max(balance.updated_at, front_page.updated_at or balance.updated_at), now),
    }


def _line_todos(line: Line, balance: Balance) -> list[dict[str, str]]:
    """Return what is wrong with the line or its money, with the cure (parameters of components/_todo.html)."""
    todos = []
    if line.state == LineState.SUSPENDED:
        todos += [_bar_todo(bar) for bar in list_open_bars(line.account_id, line.id)]
    if balance.owed_fen:
        todos.append(
            {
                "tone": "warn",
                "title": _("You owe %(amount)s yuan") % {"amount": yuan(balance.owed_fen)},
                "text": _("Top up at least %(amount)s yuan: it is then paid by itself.")
                % {"amount": yuan(balance.missing_fen)},
                "action_url": reverse("billing:top-up"),
                "action_label": _("Top up"),
            }
        )
    elif balance.total_fen < 0:
        todos.append(
            {
                "tone": "warn",
                "title": _("You owe %(amount)s yuan") % {"amount": yuan(-balance.total_fen)},
                "text": _("Top up at least this much to keep the number in use."),
                "action_url": reverse("billing:top-up"),
                "action_label": _("Top up"),
            }
        )
    return todos


def _bar_todo(bar: Bar) -> dict[str, str]:
    """Return why the number is stopped and what helps."""
    return {
        "tone": "stop",
        "title": _("This number is stopped: %(why)s") % {"why": get_why(bar)},
        "text": str(get_cure(bar)),
        "action_url": reverse("billing:barring"),
        "action_label": _("Look"),
    }


def _order_todo(cart: Sequence[WaitingOrder]) -> dict[str, str]:
    """Return what waits for one yes: an order, or all of a cart."""
    price = {"price": yuan(sum(order.price_fen for order in cart))}
    return {
        "tone": "wait",
        "title": _("Confirm your order: %(name)s")
        % {"name": _(", ").join(get_name(order.terms, _language()) for order in cart)},
        "text": _("%(price)s yuan. Without your yes nothing is ordered.") % price,
        "action_url": reverse("packages:order-waiting", args=[PublicId(cart[0].account_id, cart[0].id)]),
        "action_label": _("Look"),
    }


def _local_offer(offer: LocalOffer | None) -> dict[str, object]:
    """Return the parameters of components/_quiet_offer.html; nothing without an offer."""
    if offer is None:
        return {}
    return {
        "name": offer.name_in(_language()),
        "price_fen": offer.price_fen,
        "cycle": offer.recurrence,
        "url": reverse("packages:offering", args=[offer.code]),
    }


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _tiles(*, waiting: int) -> list[dict[str, object]]:
    """Return the functions people use most, the most used first: the older people's version shows the first four."""
    tiles: list[dict[str, object]] = [
        {"url": one.url, "label": one.label, "icon": one.icon}
        for one in (BILL, SERVICES, ALLOWANCES, OFFERS, RECORDS, STATEMENT)
    ]
    tiles.append({"url": ORDERS.url, "label": ORDERS.label, "icon": ORDERS.icon, "badge": waiting})
    tiles.append({"url": reverse("functions"), "label": _("All functions"), "icon": "search"})
    return tiles


def _group_by_cart(orders: Sequence[WaitingOrder]) -> list[list[WaitingOrder]]:
    """Return orders in the groups that one yes confirms, in the order in which each group is met first."""
    groups: dict[Any, list[WaitingOrder]] = {}
    for order in orders:
        groups.setdefault(order.cart_id or order.id, []).append(order)
    return list(groups.values())


@functools.lru_cache(maxsize=64)
def _day(day: date, language: str) -> str:
    """Kept, since writing a date in a language costs as much as a query."""
    return date_format(day, "MONTH_DAY_FORMAT")


def _instant(instant: datetime, now: datetime) -> str:
    """Write an instant, with its day unless that is today."""
    local = localtime(instant)
    time = f"{local:%H:%M}"
    return time if local.date() == localtime(now).date() else f"{_day(local.date(), _language())} {time}"
