"""Money on its way in: started, then credited once or given up."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from billing.models import PaymentNumber, TopUp, TopUpFailure, TopUpState
from billing.operations.ledger import IdempotencyConflict, credit_top_up
from billing.queries.campaigns import BonusOffer
from billing.queries.top_ups import get_top_up
from billing.texts import (
    AUTOMATIC_TOP_UP_RECEIVED,
    AUTOMATIC_TOP_UP_RECEIVED_WITH_BONUS,
    TOP_UP_RECEIVED,
    TOP_UP_RECEIVED_WITH_BONUS,
)
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.money import require_amount_between, yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

PARTNER = "PARTNER"

_TEXTS = (TOP_UP_RECEIVED, TOP_UP_RECEIVED_WITH_BONUS)
_AUTOMATIC_TEXTS = (AUTOMATIC_TOP_UP_RECEIVED, AUTOMATIC_TOP_UP_RECEIVED_WITH_BONUS)
_OPEN_STATES = [TopUpState.PENDING, TopUpState.UNKNOWN]


class PaidAmountDiffers(DomainError):
    """What was paid is not what the top-up asked for."""

    code = "PAID_AMOUNT_DIFFERS"
    message = _("The amount paid is not the amount of this top-up.")
    cure = _("Our staff will clear this up with the payment provider.")


class PaidTwice(DomainError):
    """The top-up was credited for another payment of the provider's."""

    code = "PAID_TWICE"
    message = _("This top-up was credited for another payment already.")
    cure = _("Our staff will clear this up with the payment provider.")


def start_top_up(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    msisdn: str,
    amount_fen: int,
    channel: Channel,
    provider: str,
    idempotency_key: str,
    now: datetime,
    payer_account_id: uuid.UUID | None = None,
    offer: BonusOffer | None = None,
    client_id: str = "",
    expires_at: datetime | None = None,
    ask_at: datetime | None = None,
) -> TopUp:
    """Write down that money is on its way to an account. Nothing moves yet.

    :param account_id: the account that is credited; `line_id` and `msisdn` (E.164) are the line named in texts.
    :param amount_fen: within TOP_UP_MINIMUM_FEN and TOP_UP_MAXIMUM_FEN.
    :param provider: name of the payment provider, or PARTNER.
    :param idempotency_key: unique per account, 120 characters at most; repeated with the same details it returns the
        same top-up.
    :param payer_account_id: who pays, when it is somebody else.
    :param offer: the bonus promised for it; a repeat keeps the first promise.
    :param client_id: the OAuth client of the partner that has taken the money.
    :param expires_at: until when it can be paid; None is after TOP_UP_LIFETIME.
    :param ask_at: when whoever takes the money is first asked what became of it; None is at `expires_at`.
    :return: the top-up; PENDING, unless the repeat of one that has gone on.
    :raises AmountOutOfRange: the amount is outside the limits.
    :raises IdempotencyConflict: the key was used for other details.
    :raises NotFound: the account has no such line in use.
    """
    require_amount_between(amount_fen, minimum_fen=settings.TOP_UP_MINIMUM_FEN, maximum_fen=settings.TOP_UP_MAXIMUM_FEN)
    line = get_line(account_id=account_id, line_id=line_id)
    expires_at = expires_at or now + timedelta(seconds=settings.TOP_UP_LIFETIME)
    wanted = TopUp(
        account_id=account_id,
        line_id=line_id,
        msisdn=msisdn,
        language=line.language,
        payer_account_id=payer_account_id,
        amount_fen=amount_fen,
        campaign_code=offer.campaign_code if offer else "",
        bonus_fen=offer.bonus_fen if offer else 0,
        bonus_days=offer.days if offer else 0,
        channel=channel,
        provider=provider,
        client_id=client_id,
        payment_number=_new_payment_number(now),
        idempotency_key=idempotency_key,
        request_hash=_request_hash(line_id, msisdn, amount_fen, provider, payer_account_id),
        requested_at=now,
        expires_at=expires_at,
        ask_at=ask_at or expires_at,
    )
    with transaction.atomic():
        TopUp.objects.bulk_create([wanted], ignore_conflicts=True)
        top_up = TopUp.objects.get(account_id=account_id, idempotency_key=idempotency_key)
        if top_up.id == wanted.id:
            PaymentNumber.objects.create(
                payment_number=wanted.payment_number, account_id=account_id, top_up_id=wanted.id
            )
        elif top_up.request_hash != wanted.request_hash:
            raise IdempotencyConflict
    return top_up


def confirm_top_up(
    *,
    account_id: uuid.UUID,
    top_up_id: uuid.UUID,
    paid_fen: int,
    provider_payment_number: str,
    now: datetime,
    taken_from_card: str = "",
) -> TopUp:
    """Credit a top-up whose money has arrived, with its bonus, once, and queue the text that says so.

    Doing it again changes nothing.

    Money that arrives after the top-up expired or failed is credited as well: it is the customer's.

    :param paid_fen: what arrived; must be the top-up's amount.
    :param provider_payment_number: the provider's own number of the payment.
    :param taken_from_card: of an automatic one: the last digits of the card, and the text says that nobody asked.
    :return: the top-up, SUCCEEDED.
    :raises NotFound: the account has no such top-up.
    :raises PaidAmountDiffers: another amount was paid; nothing is credited.
    :raises PaidTwice: it was credited for another payment.
    """
    with transaction.atomic():
        credited = credit_top_up(
            account_id=account_id,
            top_up_id=top_up_id,
            paid_fen=paid_fen,
            provider_payment_number=provider_payment_number,
            now=now,
        )
        if credited is None:
            return _already_confirmed(account_id, top_up_id, paid_fen, provider_payment_number)
        top_up, balance_fen = credited
        _tell(top_up, balance_fen, taken_from_card, now)
    return top_up


def note_paid_at(*, account_id: uuid.UUID, top_up_id: uuid.UUID, paid_at: datetime) -> None:
    """Note when a top-up was paid by its provider's clock: the day on which the provider's file names it. Once."""
    TopUp.objects.filter(account_id=account_id, id=top_up_id, paid_at__isnull=True).update(paid_at=paid_at)


def fail_top_up(*, account_id: uuid.UUID, top_up_id: uuid.UUID, failure: TopUpFailure, now: datetime) -> TopUp:
    """Give up a top-up that was not paid. One that is credited or given up already stays as it is.

    :param failure: why.
    :return: the top-up as it stands now.
    :raises NotFound: the account has no such top-up.
    """
    TopUp.objects.filter(account_id=account_id, id=top_up_id, state__in=_OPEN_STATES).update(
        state=TopUpState.FAILED, failure=failure, finished_at=now
    )
    return get_top_up(account_id, top_up_id)


def credit_partner_top_up(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    msisdn: str,
    amount_fen: int,
    client_id: str,
    idempotency_key: str,
    now: datetime,
) -> TopUp:
    """Credit a top-up that a partner has taken the money for, once per client and key.

    :param client_id: the partner's OAuth client; `idempotency_key` is the partner's own, such as its order id.
    :return: the top-up, SUCCEEDED.
    :raises AmountOutOfRange: the amount is outside the limits.
    :raises IdempotencyConflict: the partner used the key for other details.
    :raises NotFound: the account has no such line in use.
    """
    key = hashlib.sha256(f"{client_id}|{idempotency_key}".encode()).hexdigest()
    with transaction.atomic():
        top_up = start_top_up(
            account_id=account_id,
            line_id=line_id,
            msisdn=msisdn,
            amount_fen=amount_fen,
            channel=Channel.PARTNER,
            provider=PARTNER,
            client_id=client_id,
            idempotency_key=f"partner:{key}",
            now=now,
        )
        return confirm_top_up(
            account_id=account_id,
            top_up_id=top_up.id,
            paid_fen=amount_fen,
            provider_payment_number=idempotency_key[:64],
            now=now,
        )


def _already_confirmed(
    account_id: uuid.UUID, top_up_id: uuid.UUID, paid_fen: int, provider_payment_number: str
) -> TopUp:
    top_up = get_top_up(account_id, top_up_id)
    if top_up.amount_fen != paid_fen:
        raise PaidAmountDiffers
    if top_up.provider_payment_number != provider_payment_number:
        raise PaidTwice
    return top_up


def _tell(top_up: TopUp, balance_fen: int, taken_from_card: str, now: datetime) -> None:
    plain, with_bonus = _AUTOMATIC_TEXTS if taken_from_card else _TEXTS
    queue_sms(
        account_id=top_up.account_id,
        msisdn=top_up.msisdn,
        template=with_bonus if top_up.bonus_fen else plain,
        language=top_up.language,
        values={
            "amount": yuan_text(top_up.amount_fen),
            "bonus": yuan_text(top_up.bonus_fen),
            "number": mask_msisdn(top_up.msisdn),
            "card": taken_from_card,
            "balance": yuan_text(balance_fen),
            "at": instant_words(top_up.language, now),
        },
        dedup_key=f"top-up:{top_up.id}",
        now=now,
    )


def _new_payment_number(now: datetime) -> str:
    """Day and 96 random bits, 32 characters: as long as providers take, and nobody guesses another's."""
    return f"{now.astimezone(SHANGHAI):%Y%m%d}{secrets.token_hex(12)}"


def _request_hash(*details: object) -> str:
    return hashlib.sha256("|".join(map(str, details)).encode()).hexdigest()
