"""What a payment provider tells us without being asked. Believed only when everything about it fits."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateways.base import Payment, PaymentOutcome
from billing.gateways.registry import get_provider
from billing.models import TopUp, TopUpFailure, TopUpState
from billing.operations.top_ups import confirm_top_up, fail_top_up, note_paid_at
from billing.queries.top_ups import get_top_up_by_payment_number
from kernel.errors import DomainError, NotFound

CURRENCY = "CNY"


class NoticeNotRecent(DomainError):
    """The notice was signed too long ago, or in the future: somebody may be replaying it."""

    code = "NOTICE_NOT_RECENT"
    message = _("The payment notice is too old or from the future.")
    http_status = 400


class PaymentUnknown(DomainError):
    """No top-up of this provider has the payment number."""

    code = "PAYMENT_UNKNOWN"
    message = _("The payment notice is about a payment we do not know.")
    http_status = 400


class CurrencyDiffers(DomainError):
    """The payment was made in another currency."""

    code = "CURRENCY_DIFFERS"
    message = _("The payment was not made in yuan.")
    http_status = 400


class MerchantDiffers(DomainError):
    """The payment went to another merchant."""

    code = "MERCHANT_DIFFERS"
    message = _("The payment was made to another merchant.")
    http_status = 400


class PaymentUndecided(DomainError):
    """The notice tells of a payment that is still open: there is nothing to act on."""

    code = "PAYMENT_UNDECIDED"
    message = _("The payment notice is about a payment that is still open.")
    http_status = 400


class PaymentGivenBack(DomainError):
    """The payment was made and given back at the provider's: whether it was credited in between, staff must see."""

    code = "PAYMENT_GIVEN_BACK"
    message = _("The payment was made and given back by the payment provider.")
    http_status = 400


def accept_payment_notice(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> TopUp:
    """Verify a provider's notice and carry it out: credit what was paid, give up what was refused.

    Signature, age, order, merchant, currency and amount are all compared; whatever does not fit moves nothing. The same
    notice may come any number of times.

    :param provider: name of the provider, from the address that was called.
    :param body: the exact bytes received, `headers` with names in any case.
    :return: the top-up, with everything about it committed.
    :raises NotFound: the provider is not in use.
    :raises NoticeSignatureWrong, NoticeUnreadable, NoticeNotRecent: the notice itself is not in order.
    :raises PaymentUnknown, MerchantDiffers, CurrencyDiffers, PaidAmountDiffers, PaidTwice, PaymentUndecided,
        PaymentGivenBack: it does not fit the top-up.
    """
    notice = get_provider(provider).read_notice(body=body, headers=headers)
    if abs(now - notice.signed_at) > timedelta(seconds=settings.PAYMENT_CALLBACK_TOLERANCE):
        raise NoticeNotRecent
    try:
        top_up = get_top_up_by_payment_number(notice.payment.payment_number)
    except NotFound:
        raise PaymentUnknown from None
    if top_up.provider != provider:
        raise PaymentUnknown
    return settle_payment(top_up=top_up, payment=notice.payment, now=now)


def settle_payment(*, top_up: TopUp, payment: Payment, now: datetime) -> TopUp:
    """Bring a top-up to what the provider says of its payment, told or asked for.

    :raises MerchantDiffers, CurrencyDiffers, PaidAmountDiffers, PaidTwice, PaymentUndecided, PaymentGivenBack: it does
        not fit, and nothing moved.
    """
    if payment.merchant != get_provider(top_up.provider).merchant:
        raise MerchantDiffers
    if payment.currency != CURRENCY:
        raise CurrencyDiffers
    if payment.outcome is PaymentOutcome.REFUSED:
        return fail_top_up(account_id=top_up.account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=now)
    if payment.outcome is PaymentOutcome.OPEN:
        raise PaymentUndecided
    if payment.outcome is PaymentOutcome.GIVEN_BACK:
        # The provider tells of our own refunds too: what is credited stays as it is.
        if top_up.state == TopUpState.SUCCEEDED:
            return top_up
        raise PaymentGivenBack
    with transaction.atomic():
        confirmed = confirm_top_up(
            account_id=top_up.account_id,
            top_up_id=top_up.id,
            paid_fen=payment.paid_fen,
            provider_payment_number=payment.provider_payment_number,
            now=now,
        )
        note_paid_at(account_id=top_up.account_id, top_up_id=top_up.id, paid_at=payment.paid_at or now)
    return confirmed
