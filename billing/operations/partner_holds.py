"""Money that a partner sets aside in a customer's wallet until it is sure of its sale; it goes free by itself."""

import hashlib
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.models import Hold
from billing.operations.holds import reserve
from kernel.errors import DomainError
from kernel.money import require_amount_between


class HoldTooLong(DomainError):
    """The money would be set free in the past, or too late."""

    code = "HOLD_TOO_LONG"
    cure = _("Choose a later instant, or an earlier one.")
    field = "expirationDate"

    def __init__(self) -> None:
        days = settings.PARTNER_HOLD_MOST_DAYS
        super().__init__(_("Money can be set aside from now on for %(days)s days at most.") % {"days": days})


def reserve_for_partner(
    *,
    account_id: uuid.UUID,
    amount_fen: int,
    purpose: str,
    client_id: str,
    idempotency_key: str,
    expires_at: datetime | None,
    now: datetime,
) -> Hold:
    """Set money of a wallet aside for a partner, once per key.

    :param purpose: in words the customer understands, 120 characters at most.
    :param expires_at: when it goes free by itself; None: after PARTNER_HOLD_HOURS.
    :raises AmountOutOfRange: less than 0.01 yuan, or more than one top-up may be.
    :raises HoldTooLong: `expires_at` is not after `now`, or more than PARTNER_HOLD_MOST_DAYS after it.
    :raises InsufficientBalance: the wallet cannot spare so much.
    :raises IdempotencyConflict: the key was used before for something else.
    """
    require_amount_between(amount_fen, minimum_fen=1, maximum_fen=settings.TOP_UP_MAXIMUM_FEN)
    ends = expires_at or now + timedelta(hours=settings.PARTNER_HOLD_HOURS)
    if not now < ends <= now + timedelta(days=settings.PARTNER_HOLD_MOST_DAYS):
        raise HoldTooLong
    key = hashlib.sha256(f"{client_id}:{idempotency_key}".encode()).hexdigest()
    return reserve(
        account_id=account_id,
        amount_fen=amount_fen,
        purpose=purpose,
        hold_key=f"partner:{key}",
        expires_at=ends,
        now=now,
    )
