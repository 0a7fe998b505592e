"""Sets a started hall for a tour: people in every situation that a page may have to show."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings

from accounts.models import Budget, Line, ServicePassword
from accounts.operations.open_account import open_account
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from accounts.web.signed_in import SESSION_KEY
from billing.gateways.base import Payer
from billing.models import BankAccountKind, BankCard, BillHead, Charge, ChargeReason, TopUp, TopUpFailure
from billing.operations.bind_bank_card import start_binding
from billing.operations.charge import charge_wallet
from billing.operations.ledger import IdempotencyConflict
from billing.operations.online_payments import start_online_payment
from billing.operations.sandbox_bank import link_sandbox_card
from billing.operations.top_ups import confirm_top_up, fail_top_up
from billing.operations.wallets import open_wallet
from billing.queries.balance import get_balance
from billing.queries.bills import list_bills
from billing.queries.sandbox_cards import sandbox_card_number
from care.models import AboutKind, Ticket, TicketState
from care.operations.ticket_desk import answer_ticket, resolve_ticket
from kernel.channel import Channel
from kernel.clock import Month
from kernel.ids import PublicId
from packages_app.models import Order
from packages_app.operations.order_steps import AlreadyConfirmed
from packages_app.operations.orders import quote_order, refuse_order
from tests.factories.accounts import make_sign_in
from tests.factories.care import make_ticket
from tests.factories.packages_app import say_yes
from tests.halls import StartedHall

NEWCOMER = "+8613600000001"
# Nothing can be entered that has this hash.
UNUSABLE_HASH = "!"


@dataclass(frozen=True)
class Stage:
    """What a tour shows. Public ids stand in addresses.

    :ivar customer: has bills, services, orders and top-ups of every outcome, and a bank card.
    :ivar owing: cannot pay what was charged.
    :ivar newcomer: has nothing yet.
    """

    customer: Line
    owing: Line
    newcomer: Line
    bill: Month
    orders: dict[str, str]
    top_ups: dict[str, str]
    payment_number: str
    card: str
    unlinked_card: str
    subscription: str
    tickets: dict[str, str]


@contextmanager
def secrets_of(hall: StartedHall) -> Iterator[None]:
    """Sign sessions and hash codes as the hall does."""
    with override_settings(SECRET_KEY=(hall.var / "secrets" / "django").read_text().strip()):
        yield


def set_stage(*, customer: str, owing: str, now: datetime) -> Stage:
    """Bring about all that the pages can show; done again, all stays as it is. Within `open_records` and `secrets_of`.

    :param customer: E.164, of a demo line; another one for `owing`.
    """
    line, poor = get_line_by_msisdn(customer), get_line_by_msisdn(owing)
    _owe(poor, now)
    ServicePassword.objects.get_or_create(
        account_id=line.account_id, line_id=line.id, defaults={"password_hash": UNUSABLE_HASH, "set_at": now}
    )
    top_ups = {name: _top_up(line, name, now) for name in ("waiting", "credited", "failed")}
    paid, failed = top_ups["credited"], top_ups["failed"]
    confirm_top_up(
        account_id=line.account_id,
        top_up_id=paid.id,
        paid_fen=paid.amount_fen,
        provider_payment_number=f"tour-{paid.id}",
        now=now,
    )
    fail_top_up(account_id=line.account_id, top_up_id=failed.id, failure=TopUpFailure.REFUSED, now=now)
    orders = {
        "waiting": _order(line, "DATA-10GB", now),
        "bought": _order(line, "DATA-5GB-MONTHLY", now),
        "refused": _order(line, "DATA-2GB-1DAY", now),
    }
    with suppress(AlreadyConfirmed):
        say_yes(orders["bought"], now=now)
    refuse_order(account_id=line.account_id, order_id=orders["refused"].id, channel=Channel.WEB, reply="", now=now)
    return Stage(
        customer=line,
        owing=poor,
        newcomer=_newcomer(now),
        bill=list_bills(line.account_id, 1)[0].month,
        orders={name: _public(order) for name, order in orders.items()},
        top_ups={name: _public(top_up) for name, top_up in top_ups.items()},
        payment_number=top_ups["waiting"].payment_number,
        card=_public(_card(line, now)),
        unlinked_card=_public(_half_linked_card(line, now)),
        subscription=str(PublicId(line.account_id, orders["bought"].id)),
        tickets=_tickets(line, now),
    )


def session_of(line: Line, *, proofs: tuple[str, ...], now: datetime) -> str:
    """Sign a line in and return the cookie that says so. Within `open_records` and `secrets_of`.

    :param proofs: what it showed of itself just now.
    """
    session = SessionStore()
    entry = {
        "account": str(line.account_id),
        "line": str(line.id),
        "at": now.isoformat(),
        "proofs": dict.fromkeys(proofs, now.isoformat()),
        "sign_in": str(make_sign_in(line, at=now, browser=uuid.uuid4().hex).id),
    }
    session[SESSION_KEY] = [entry]
    session.save()
    return str(session.session_key)


def _public(row: Order | TopUp | BankCard | Ticket) -> str:
    return str(PublicId(row.account_id, row.id))


def _owe(line: Line, now: datetime) -> None:
    with suppress(IdempotencyConflict):
        charge_wallet(
            account_id=line.account_id,
            line_id=line.id,
            msisdn=line.msisdn,
            language=line.language,
            head=BillHead.PLAN,
            name="畅享套餐59元",
            provider_name="",
            amount_fen=get_balance(line.account_id).available_fen + 7_50,
            reason=ChargeReason.SUBSCRIPTION,
            reason_id=line.id,
            charge_key="tour",
            may_owe=True,
            now=now,
        )


def _top_up(line: Line, name: str, now: datetime) -> TopUp:
    return start_online_payment(
        payer_account_id=line.account_id,
        msisdn=line.msisdn,
        amount_fen=50_00,
        request_key=f"tour-{name}",
        channel=Channel.WEB,
        payer=Payer(address="127.0.0.1", on_handset=False),
        now=now,
    ).top_up


def _order(line: Line, code: str, now: datetime) -> Order:
    return quote_order(
        account_id=line.account_id,
        line_id=line.id,
        offering_code=code,
        channel=Channel.WEB,
        request_key=f"tour-{code}",
        now=now,
    )


def _newcomer(now: datetime) -> Line:
    with suppress(NumberUnknown):
        return get_line_by_msisdn(NEWCOMER)
    line = open_account(customer_name="郑新", msisdn=NEWCOMER, province="CN-GD", language="zh-hans", now=now)
    open_wallet(account_id=line.account_id, now=now)
    return line


def _card(line: Line, now: datetime) -> BankCard:
    return link_sandbox_card(
        account_id=line.account_id,
        line_id=line.id,
        account_kind=BankAccountKind.DEBIT,
        request_key="demo",
        now=now,
    )


def _half_linked_card(line: Line, now: datetime) -> BankCard:
    Budget.objects.filter(key__startswith="bank-code:", key__endswith=line.msisdn).delete()
    Budget.objects.filter(key=f"bank-code:account:day:{line.account_id}").delete()
    return start_binding(
        account_id=line.account_id,
        line_id=line.id,
        card_number=sandbox_card_number(msisdn=line.msisdn, kind_of_card="01"),
        account_kind=BankAccountKind.CREDIT,
        request_key=f"tour-{now:%d%H%M}",  # its code lives for minutes
        now=now,
    )


def _tickets(line: Line, now: datetime) -> dict[str, str]:
    """Return tickets that are worked on, wait for the customer, and are said to be solved."""
    charge = Charge.objects.filter(account_id=line.account_id, line_id=line.id).order_by("charged_at").first()
    about = (AboutKind.CHARGE, charge.id) if charge else None
    found = {
        name: make_ticket(line, words="重复扣费，请核实。", about=about, request_key=f"tour-{name}", now=now)
        for name in ("worked-on", "asked", "solved")
    }
    fresh = [name for name, ticket in found.items() if ticket.state == TicketState.ACKNOWLEDGED]
    for name in fresh:
        _work_on(found[name], name, now)
    return {name: _public(ticket) for name, ticket in found.items()}


def _work_on(ticket: Ticket, name: str, now: datetime) -> None:
    key: Any = {"account_id": ticket.account_id, "ticket_id": ticket.id}
    if name == "solved":
        resolve_ticket(**key, words="多扣的费用已退回您的余额。", staff_id=1, now=now)
    else:
        answer_ticket(**key, words="请问是哪一笔？", asks=name == "asked", staff_id=1, now=now)
