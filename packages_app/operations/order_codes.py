"""The confirmation code of an order: four random digits that work for that order only, kept as a keyed hash."""

import secrets
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from kernel.channel import Channel
from kernel.errors import DomainError
from kernel.money import yuan_text
from messaging.models import Sms
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words
from packages_app.locks import lock_cart
from packages_app.models import EvidenceKind, OfferingKind, Order, OrderEvidence
from packages_app.operations.order_steps import BY_HALL, add_evidence, require_waiting
from packages_app.queries.orders import list_orders_of_line
from packages_app.queries.terms import get_name
from packages_app.texts import CART_CONFIRMATION, ORDER_CONFIRMATION, cart_words, offer_words, yes_word

CODE_DIGITS = 4
_KEY_SALT = "packages_app.order_code"


class TextJustSent(DomainError):
    """The confirmation text left a moment ago, or often enough."""

    code = "TEXT_JUST_SENT"
    message = _("The text was sent a moment ago.")
    cure = _("Wait a minute for it before you ask for another.")
    http_status = 429


class TextsUsedUp(DomainError):
    """An order's text is sent a few times, not more."""

    code = "TEXTS_USED_UP"
    message = _("The text was sent several times and is not sent again.")
    cure = _("Check that your phone is on and has room for texts, or let this order lapse and order again.")
    http_status = 429


def make_code(*, account_id: uuid.UUID, line_id: uuid.UUID) -> str:
    """Return a new random code that none of the line's latest orders has, so that a reply `是 4821` names one order."""
    others = list_orders_of_line(account_id, line_id)
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if not any(is_code_of(order=other, code=code) for other in others):
            return code


def hash_code(*, order_id: uuid.UUID, code: str) -> str:
    """Return the keyed hash under which a code is kept; the same code of another order has another."""
    return salted_hmac(_KEY_SALT, f"{order_id}:{code}", algorithm="sha256").hexdigest()


def is_code_of(*, order: Order, code: str) -> bool:
    """Tell in constant time whether a code is the order's. Full-width digits and spaces around it are forgiven."""
    typed = unicodedata.normalize("NFKC", code).strip()
    return constant_time_compare(order.code_hash, hash_code(order_id=order.id, code=typed))


def queue_order_text(*, cart: Sequence[Order], code: str, channel: str, now: datetime) -> None:
    """Queue the one text that asks for the second yes, and keep its exact words as evidence of each order.

    :param cart: one order, or all that are confirmed as one; inserted or locked by the caller's transaction, with the
        code `code`.
    :param channel: where the text was asked for.
    """
    first = cart[0]
    line = get_line(account_id=first.account_id, line_id=first.line_id)
    words = {
        **_words_of_offer(cart, line.language),
        "code": code,
        "yes": yes_word(line.language),
        "deadline": instant_words(line.language, first.expires_at),
    }
    texts = _texts_of(first).count()
    sms_id = queue_sms(
        account_id=first.account_id,
        msisdn=line.msisdn,
        template=replace(ORDER_CONFIRMATION if len(cart) == 1 else CART_CONFIRMATION, lifetime=first.expires_at - now),
        language=line.language,
        values=words,
        dedup_key=f"order-confirmation:{first.id}:{texts + 1}",
        now=now,
    )
    text = Sms.objects.values_list("body", flat=True).get(account_id=first.account_id, id=sms_id)
    for order in cart:
        add_evidence(
            order=order,
            kind=EvidenceKind.TEXT_QUEUED,
            channel=channel,
            actor=BY_HALL,
            now=now,
            detail={"sms_id": str(sms_id), "to": line.msisdn, "text": text},
        )


def _words_of_offer(cart: Sequence[Order], language: str) -> dict[str, object]:
    if len(cart) > 1:
        offers = [(get_name(order.terms, language), order.terms, order.quote) for order in cart]
        price = yuan_text(sum(order.price_fen for order in cart))
        return {"count": len(cart), "offers": cart_words(language, offers), "price": price}
    (order,) = cart
    is_plan = order.offering.kind == OfferingKind.PLAN
    offer = offer_words(language, terms=order.terms, quote=order.quote, is_plan=is_plan)
    return {"name": get_name(order.terms, language), "offer": offer}


def resend_order_text(*, account_id: uuid.UUID, order_id: uuid.UUID, channel: str, now: datetime) -> Order:
    """Send the confirmation text again with a new code; the old code is worthless then. Wrong guesses stay counted.

    :return: the order; what is confirmed with it got the same code.
    :raises NotFound: the account has no such order.
    :raises TextJustSent: the last one left less than `ORDER_TEXT_RESEND_AFTER` seconds ago.
    :raises TextsUsedUp: `ORDER_TEXTS` of them were sent.
    :raises DomainError: the order does not wait any more, as `require_waiting`.
    """
    with transaction.atomic():
        cart = lock_cart(account_id=account_id, order_id=order_id)
        require_waiting(order=cart[0], now=now)
        sent = list(_texts_of(cart[0]).order_by("number"))
        if len(sent) >= settings.ORDER_TEXTS:
            raise TextsUsedUp
        if sent and now < sent[-1].at + timedelta(seconds=settings.ORDER_TEXT_RESEND_AFTER):
            raise TextJustSent
        code = _give_new_code(cart)
        queue_order_text(cart=cart, code=code, channel=channel, now=now)
    return next(order for order in cart if order.id == order_id)


def renew_order_code(*, account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> str:
    """Give a waiting order a new code and return it, for the reply that lists several waiting orders with their codes.

    The caller sends it to the line itself and nowhere else. Wrong guesses stay counted. What is confirmed with the
    order gets the same code.

    :raises NotFound: the account has no such order.
    :raises DomainError: the order does not wait any more, as `require_waiting`.
    """
    with transaction.atomic():
        cart = lock_cart(account_id=account_id, order_id=order_id)
        require_waiting(order=cart[0], now=now)
        code = _give_new_code(cart)
        for order in cart:
            add_evidence(order=order, kind=EvidenceKind.CODE_RENEWED, channel=Channel.SMS, actor=BY_HALL, now=now)
    return code


def _give_new_code(cart: Sequence[Order]) -> str:
    code = make_code(account_id=cart[0].account_id, line_id=cart[0].line_id)
    for order in cart:
        order.code_hash = hash_code(order_id=order.id, code=code)
        order.save(update_fields=["code_hash"])
    return code


def _texts_of(order: Order) -> QuerySet[OrderEvidence]:
    return OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id, kind=EvidenceKind.TEXT_QUEUED)
