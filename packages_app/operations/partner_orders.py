"""Orders that partner systems ask for and take back. Only the customer's own yes carries one out."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.errors import DomainError
from packages_app.locks import lock_cart
from packages_app.models import Order, PartnerOrder
from packages_app.operations.order_steps import cancel_locked_order, partner_actor, require_waiting
from packages_app.operations.orders import quote_cart, quote_order


class OrderOfAnother(DomainError):
    """An order is changed or taken back by who asked for it, and by nobody else."""

    code = "ORDER_OF_ANOTHER"
    message = _("This order was not asked for by you.")
    cure = _("Only who asked for an order can change or cancel it; its customer can turn it down.")
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerWish:
    """What a partner system asks for, for one line.

    :ivar client_id: its OAuth client; `client_name` is what its customer is told.
    :ivar offering_codes: each once; several are confirmed as one.
    :ivar item_ids: its own number of each of them, in the same order.
    :ivar start: an `OrderStart` value for a plan; None chooses the gentlest way.
    """

    account_id: uuid.UUID
    line_id: uuid.UUID
    client_id: str
    client_name: str
    offering_codes: Sequence[str]
    item_ids: Sequence[str]
    start: str | None = None
    external_id: str = ""
    category: str = ""
    description: str = ""
    priority: str = ""
    requested_start_at: datetime | None = None


def order_for_partner(*, wish: PartnerWish, request_key: str, now: datetime) -> Order:
    """Ask a customer in a partner's name: note the wish and send the text that asks for the yes. Moves no money.

    The code goes to the line by text and to nobody else.

    :param request_key: names this wish, 100 characters at most: the same key again returns the same order.
    :return: the order, or the first of its cart.
    :raises DomainError: as `quote_order` and `quote_cart`.
    """
    with transaction.atomic():
        order = _ask(wish, request_key, now)
        PartnerOrder.objects.get_or_create(
            account_id=order.account_id,
            order_id=order.id,
            defaults={
                "client_id": wish.client_id,
                "client_name": wish.client_name,
                "external_id": wish.external_id,
                "category": wish.category,
                "description": wish.description,
                "priority": wish.priority,
                "requested_start_at": wish.requested_start_at,
                "item_ids": list(wish.item_ids),
            },
        )
    return order


def describe_partner_order(
    *, account_id: uuid.UUID, order_id: uuid.UUID, client_id: str, words: Mapping[str, str]
) -> None:
    """Change what a partner says of an order that it asked for; what was ordered stays as it is.

    :param words: of external_id, category, description and priority those that change.
    :raises OrderOfAnother: somebody else asked for it.
    """
    with transaction.atomic():
        asked = _lock_own(account_id, order_id, client_id)
        for name, text in words.items():
            setattr(asked, name, text)
        asked.save(update_fields=list(words))


def cancel_partner_order(
    *, account_id: uuid.UUID, order_id: uuid.UUID, client_id: str, reason: str, now: datetime
) -> PartnerOrder:
    """Take back an order that waits for its customer's yes, and all of its cart.

    :param client_id: who takes it back: who asked for it.
    :param reason: in the partner's words.
    :raises NotFound: the account has no such order.
    :raises OrderOfAnother: somebody else asked for it.
    :raises DomainError: it does not wait any more, as `require_waiting`.
    """
    with transaction.atomic():
        cart = lock_cart(account_id=account_id, order_id=order_id)
        asked = _lock_own(account_id, cart[0].id, client_id)
        require_waiting(order=cart[0], now=now)
        actor = partner_actor(name=asked.client_name)
        for order in cart:
            cancel_locked_order(order=order, channel=Channel.PARTNER, actor=actor, reason=reason, now=now)
        asked.cancelled_at, asked.cancellation_reason = now, reason
        asked.save(update_fields=["cancelled_at", "cancellation_reason"])
    return asked


def _ask(wish: PartnerWish, request_key: str, now: datetime) -> Order:
    actor = partner_actor(name=wish.client_name)
    if len(wish.offering_codes) == 1:
        return quote_order(
            account_id=wish.account_id,
            line_id=wish.line_id,
            offering_code=wish.offering_codes[0],
            channel=Channel.PARTNER,
            request_key=request_key,
            now=now,
            start=wish.start,
            actor=actor,
        )
    cart = quote_cart(
        account_id=wish.account_id,
        line_id=wish.line_id,
        offering_codes=wish.offering_codes,
        channel=Channel.PARTNER,
        request_key=request_key,
        now=now,
        actor=actor,
    )
    return cart[0]


def _lock_own(account_id: uuid.UUID, order_id: uuid.UUID, client_id: str) -> PartnerOrder:
    asked = PartnerOrder.objects.select_for_update(no_key=True).filter(account_id=account_id, order_id=order_id).first()
    if asked is None or asked.client_id != client_id:
        raise OrderOfAnother
    return asked
