"""Top-ups paid at a payment provider's page."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.queries.lines import get_line_by_msisdn
from billing.gateways.base import Payer, ProviderUnavailable
from billing.gateways.registry import get_provider
from billing.models import TopUp, TopUpState
from billing.operations.top_ups import start_top_up
from billing.queries.campaigns import get_bonus_offer
from billing.queries.top_ups import get_top_up_for_visitor
from kernel.channel import Channel
from kernel.ids import PublicId
from kernel.phone import grouped_number


@dataclass(frozen=True, slots=True)
class OnlinePayment:
    """A top-up, and where the customer goes on: the provider's page, or the result page when it is decided."""

    top_up: TopUp
    next_url: str


def start_online_payment(
    *,
    payer_account_id: uuid.UUID,
    msisdn: str,
    amount_fen: int,
    request_key: str,
    channel: Channel,
    payer: Payer,
    now: datetime,
) -> OnlinePayment:
    """Start a top-up of any number in use with the best bonus that runs, and open its payment at the provider.

    :param payer_account_id: the signed-in account that pays.
    :param msisdn: E.164, the number to top up.
    :param request_key: made once per form; sent twice it leads to the same top-up. 60 characters at most.
    :param payer: whose browser goes on to the provider's page.
    :raises NumberUnknown: no line in use has the number.
    :raises AmountOutOfRange: the amount is outside the limits.
    :raises IdempotencyConflict: the form was sent before with other details.
    :return: with the result page, should the provider not answer: from there `resume_online_payment` tries again.
    """
    line = get_line_by_msisdn(msisdn)
    top_up = start_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        channel=channel,
        provider=settings.PAYMENT_PROVIDER,
        idempotency_key=f"payer:{payer_account_id}:{request_key}",
        now=now,
        payer_account_id=None if line.account_id == payer_account_id else payer_account_id,
        offer=get_bonus_offer(line.account_id, amount_fen, now=now),
    )
    try:
        return OnlinePayment(top_up, _next_url(top_up, payer, now))
    except ProviderUnavailable:
        return OnlinePayment(top_up, _result_path(top_up))


def resume_online_payment(
    *, account_id: uuid.UUID, top_up_id: uuid.UUID, visitor_account_id: uuid.UUID, payer: Payer, now: datetime
) -> OnlinePayment:
    """Lead a customer who left the provider's page back to it.

    :raises NotFound: the visitor has no such top-up.
    :raises ProviderUnavailable: the provider does not answer.
    """
    top_up = get_top_up_for_visitor(account_id, top_up_id, visitor_account_id=visitor_account_id)
    return OnlinePayment(top_up, _next_url(top_up, payer, now))


def _next_url(top_up: TopUp, payer: Payer, now: datetime) -> str:
    if top_up.state != TopUpState.PENDING or top_up.expires_at <= now:
        return _result_path(top_up)
    return get_provider(top_up.provider).create_payment(
        payment_number=top_up.payment_number,
        amount_fen=top_up.amount_fen,
        title=_("Top-up of %(number)s") % {"number": grouped_number(top_up.msisdn)},
        return_path=_result_path(top_up),
        payer=payer,
        expires_at=top_up.expires_at,
        now=now,
    )


def _result_path(top_up: TopUp) -> str:
    return reverse("billing:top-up-result", args=[PublicId(top_up.account_id, top_up.id)])
