"""A number that its customer has stopped for a while, and what that costs."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Bar
from accounts.operations.barring import Author
from accounts.operations.own_bars import stop_on_request
from accounts.queries.lines import get_line
from billing.locks import lock_wallet
from billing.models import BillHead, ChargeReason
from billing.operations.charge import charge_wallet
from billing.queries.dues import is_owing
from billing.queries.own_suspension import get_own_bar_fee
from billing.texts import own_bar_words
from kernel.errors import DomainError


class OwesMoney(DomainError):
    """The account owes something; that comes first."""

    code = "OWES_MONEY"
    message = _("Something is owed for this number.")
    cure = _("Top up what is owed, then stop the number.")
    http_status = 409


class PriceChanged(DomainError):
    """What was shown is no longer what it costs."""

    code = "PRICE_CHANGED"
    message = _("The price has changed since you looked.")
    cure = _("Look at it once more.")
    http_status = 409


def suspend_on_request(
    *, account_id: uuid.UUID, line_id: uuid.UUID, days: int, agreed_fen: int, author: Author, now: datetime
) -> Bar:
    """Stop a line for some days as its customer wants it, and charge what that costs; both or neither.

    The fee is for all the days, whenever the number is restored; plan and services go on and cost what they cost.

    :param days: one of OWN_BAR_DAYS.
    :param agreed_fen: what the customer was shown.
    :raises PriceChanged: it costs something else by now.
    :raises OwesMoney: the account owes something.
    :raises InsufficientBalance: the wallet does not reach for the fee.
    :raises StopTooLong: so many days are not offered.
    :raises StoppedTooOften: it was stopped as often as it may be this year.
    :raises AlreadyBarred: it is stopped at the customer's request.
    :raises NotFound: the account has no such line in use.
    """
    fee_fen = get_own_bar_fee(days)
    if fee_fen != agreed_fen:
        raise PriceChanged
    with transaction.atomic():
        # Before the line, as everywhere: what dunning and payments lock first.
        lock_wallet(account_id)
        if is_owing(account_id):
            raise OwesMoney
        bar = stop_on_request(account_id=account_id, line_id=line_id, days=days, author=author, now=now)
        if fee_fen:
            line = get_line(account_id=account_id, line_id=line_id)
            charge_wallet(
                account_id=account_id,
                line_id=line_id,
                msisdn=line.msisdn,
                language=line.language,
                head=BillHead.PLAN,
                name=own_bar_words(line.language, days),
                provider_name="",
                amount_fen=fee_fen,
                reason=ChargeReason.ONE_OFF,
                reason_id=bar.id,
                charge_key=f"own-bar:{bar.id}",
                now=now,
            )
    return bar
