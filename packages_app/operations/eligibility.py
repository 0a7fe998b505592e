"""Whether a line may have an offering now. Asked when an order is quoted and again when it is confirmed."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import Line, LineState
from billing.queries.balance import get_balance
from kernel.errors import DomainError
from kernel.money import yuan_text
from packages_app.models import Offering, OfferingKind, Recurrence
from packages_app.queries.catalogue import is_on_sale
from packages_app.queries.subscriptions import is_subscribed


class NotOnSale(DomainError):
    """The offering is not on sale yet, or no more."""

    code = "NOT_ON_SALE"
    message = _("This is not on sale now.")
    cure = _("Choose another offer.")
    http_status = 409


class PlanChangeElsewhere(DomainError):
    """Plans cannot be changed in the hall."""

    code = "PLAN_CHANGE_ELSEWHERE"
    message = _("Plans cannot be changed online.")
    cure = _("Call us or visit a shop: a new plan begins on the first of a month.")
    http_status = 409


class LineNotActive(DomainError):
    """The line is suspended or closed."""

    code = "LINE_NOT_ACTIVE"
    message = _("This number is suspended, so nothing can be ordered for it.")
    cure = _("Have the number restored first, then order again.")
    http_status = 409


class AlreadySubscribed(DomainError):
    """The line has this already, and having it twice would make no sense."""

    code = "ALREADY_SUBSCRIBED"
    message = _("You already have this.")
    cure = _("Look at what you have under My services.")
    http_status = 409


class BalanceTooLow(DomainError):
    """The balance does not cover the price."""

    code = "INSUFFICIENT_BALANCE"
    message = _("Your balance is not enough for this.")
    cure = _("Top up, then order again.")
    http_status = 409

    def __init__(self, *, missing_fen: int | None = None) -> None:
        if missing_fen is None:
            super().__init__()
        else:
            missing = {"missing": yuan_text(missing_fen)}
            super().__init__(cure=_("Top up at least %(missing)s yuan, then order again.") % missing)


def require_eligible(*, line: Line, offering: Offering, now: datetime) -> None:
    """Refuse an offering that the line may not have, whatever it costs.

    :raises NotOnSale: it is not on sale at `now`.
    :raises PlanChangeElsewhere: it is a plan.
    :raises LineNotActive: the line is not in use.
    :raises AlreadySubscribed: the line has it, and it is not something to buy twice; packs paid once may repeat.
    """
    if not is_on_sale(offering, now):
        raise NotOnSale
    if offering.kind == OfferingKind.PLAN:
        raise PlanChangeElsewhere
    if line.state != LineState.ACTIVE:
        raise LineNotActive
    repeats = offering.kind == OfferingKind.DATA_PACK and offering.recurrence == Recurrence.ONCE
    if not repeats and is_subscribed(line.account_id, line.id, offering.code, now):
        raise AlreadySubscribed


def require_orderable(*, line: Line, offering: Offering, now: datetime) -> None:
    """Refuse an offering that the line may not have or the account cannot pay now.

    The balance is looked at to save the customer a text for nothing; what holds it is the charge itself.

    :raises BalanceTooLow: the balance with its overdraft is below the price.
    :raises DomainError: as `require_eligible`.
    """
    require_eligible(line=line, offering=offering, now=now)
    if offering.price_fen == 0:
        return
    available_fen = get_balance(line.account_id).available_fen
    if available_fen < offering.price_fen:
        raise BalanceTooLow(missing_fen=offering.price_fen - available_fen)
