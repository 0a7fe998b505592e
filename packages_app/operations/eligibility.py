"""Whether a line may have an offering now. Asked when an order is quoted and again when it is confirmed."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Bar, Line, LineState
from accounts.queries.bars import get_cure, get_why
from billing.queries.balance import get_balance
from billing.queries.points import get_points
from kernel.errors import DomainError
from kernel.money import yuan_text
from kernel.regions import region_name
from packages_app.models import LinkKind, Offering, OfferingKind, OfferingLink, Recurrence
from packages_app.queries.catalogue import is_on_sale
from packages_app.queries.standing import Standing
from packages_app.queries.ties import list_ties


class NotOnSale(DomainError):
    """The offering is not on sale yet, or no more."""

    code = "NOT_ON_SALE"
    message = _("This is not on sale now.")
    cure = _("Choose another offer.")
    http_status = 409

    def __init__(self, *, begins_at: datetime | None = None) -> None:
        if begins_at is not None:
            day = date_format(localtime(begins_at).date())
            super().__init__(cure=_("It can be ordered from %(day)s.") % {"day": day})
        else:
            super().__init__()


class NotInProvince(DomainError):
    """The offering is sold elsewhere only."""

    code = "NOT_IN_PROVINCE"
    message = _("This is not sold in your province.")
    cure = _("Choose another offer.")
    http_status = 409

    def __init__(self, *, sold_in: Collection[str] = ()) -> None:
        if sold_in:
            places = _joined(region_name(code) for code in sorted(sold_in))
            super().__init__(cure=_("It is sold in %(places)s. Choose another offer.") % {"places": places})
        else:
            super().__init__()


class StarTooLow(DomainError):
    """The account's star is below what the offering asks for."""

    code = "STAR_TOO_LOW"
    message = _("Your star rating is too low for this.")
    cure = _("Your rating rises with your time with us and bills paid on time. Choose another offer until then.")
    http_status = 409

    def __init__(self, *, star: int | None = None, minimum: int | None = None, missing_points: int = 0) -> None:
        if star is None:
            super().__init__()
            return
        numbers = {"star": star, "minimum": minimum, "missing": missing_points}
        super().__init__(
            _("This is for customers of %(minimum)s stars or more; you have %(star)s.") % numbers,
            cure=_(
                "You lack %(missing)s points to %(minimum)s stars: see under Credit star what brings them. Choose"
                " another offer until then."
            )
            % numbers,
        )


class StarUnknown(DomainError):
    """The offering asks for a star, and the account has not been rated."""

    code = "STAR_UNKNOWN"
    message = _("This is for customers with a star rating, and you have none yet.")
    cure = _("Stars are given at the beginning of each month: see under Credit star when you get yours.")
    http_status = 409

    def __init__(self, *, minimum: int | None = None, missing_months: int = 0) -> None:
        if minimum is None:
            super().__init__()
            return
        cure = ngettext(
            "You get your first star in %(count)d month. Choose another offer until then.",
            "You get your first star in %(count)d months. Choose another offer until then.",
            missing_months,
        ) % {"count": missing_months}
        super().__init__(
            _("This is for customers of %(minimum)s stars or more, and you are not rated yet.") % {"minimum": minimum},
            cure=cure if missing_months > 0 else None,
        )


class NeedsAnother(DomainError):
    """The offering can only be had beside one that the line does not have."""

    code = "NEEDS_ANOTHER"
    message = _("This needs something else that the number does not have.")
    cure = _("Order that first.")
    http_status = 409

    def __init__(self, *, others: Sequence[Offering] = ()) -> None:
        if others:
            super().__init__(_("This can only be had together with: %(names)s.") % {"names": _names(others)})
        else:
            super().__init__()


class ExcludedByAnother(DomainError):
    """The offering cannot be had beside one that the line has."""

    code = "EXCLUDED_BY_ANOTHER"
    message = _("This cannot be had together with something the number has.")
    cure = _("Leave that first under My services, then order again once it has ended.")
    http_status = 409

    def __init__(self, *, others: Sequence[Offering] = ()) -> None:
        if others:
            super().__init__(_("This cannot be had together with: %(names)s.") % {"names": _names(others)})
        else:
            super().__init__()


class PresentPlanNeeded(DomainError):
    """Something the line has depends on the plan that this one would replace."""

    code = "PRESENT_PLAN_NEEDED"
    message = _("Something the number has can only be had with its present plan.")
    cure = _("Leave that first under My services, then change the plan once it has ended.")
    http_status = 409

    def __init__(self, *, dependents: Sequence[Offering] = ()) -> None:
        if dependents:
            super().__init__(_("With this plan you could not keep: %(names)s.") % {"names": _names(dependents)})
        else:
            super().__init__()


class LineNotActive(DomainError):
    """The line is suspended or closed."""

    code = "LINE_NOT_ACTIVE"
    message = _("This number is suspended, so nothing can be ordered for it.")
    cure = _("Have the number restored first, then order again.")
    http_status = 409

    def __init__(self, *, bars: Sequence[Bar] = ()) -> None:
        if bars:
            why = {"why": get_why(bars[0])}
            message = _("This number is stopped (%(why)s), so nothing can be ordered for it.") % why
            super().__init__(message, cure=get_cure(bars[0]))
        else:
            super().__init__()


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


class TooFewPoints(DomainError):
    """The account has fewer points than it costs."""

    code = "INSUFFICIENT_POINTS"
    message = _("You do not have enough points for this.")
    cure = _("You earn them with what you spend. Choose another offer until then.")
    http_status = 409


# All that can end an order whose line may not have it, by the code kept with the order.
REFUSALS: tuple[type[DomainError], ...] = (
    NotOnSale,
    LineNotActive,
    AlreadySubscribed,
    NotInProvince,
    StarTooLow,
    StarUnknown,
    NeedsAnother,
    ExcludedByAnother,
    PresentPlanNeeded,
    BalanceTooLow,
    TooFewPoints,
)
# Paid once, they may be bought again while one still lasts.
_REPEATABLE = (OfferingKind.DATA_PACK, OfferingKind.ROAMING_PASS)


def require_eligible(*, line: Line, offering: Offering, now: datetime, together_with: Collection[str] = ()) -> None:
    """Refuse an offering that the line may not have, whatever it costs.

    A plan takes the place of the present one, so that ties to the present plan bind what depends on it only.

    :param together_with: codes of what the same order brings: it counts as had already.
    :raises NotOnSale: it is not on sale at `now`.
    :raises LineNotActive: the line is not in use.
    :raises AlreadySubscribed: the line has it, and it is not something to buy twice; what is paid once may repeat.
    :raises NotInProvince: it is sold in other provinces only.
    :raises StarTooLow: it asks for a higher star than the account has.
    :raises StarUnknown: it asks for a star, and the account has not been rated.
    :raises NeedsAnother: it needs an offering that the line does not have: one of the plans named, each of the others.
    :raises ExcludedByAnother: it cannot be had beside what the line has; whichever of the two says so.
    :raises PresentPlanNeeded: something that the line has needs the plan that this one would replace.
    """
    standing = Standing(line, now)
    refusal = _refusal(standing, offering, list_ties([offering.code, *standing.held]), frozenset(together_with))
    if refusal is not None:
        raise refusal


def require_points(*, account_id: uuid.UUID, points: int, now: datetime) -> None:
    """Refuse what the account has not points enough for now; what holds it is the taking of the points itself.

    :param points: what the confirmation would take.
    :raises TooFewPoints: there are fewer.
    """
    if points and get_points(account_id, now).total < points:
        raise TooFewPoints


def list_obstacles(*, line: Line, offerings: Sequence[Offering], now: datetime) -> dict[str, DomainError]:
    """Return, for each of many offerings that the line may not have, the refusal that `require_eligible` would raise.

    The number of queries does not depend on how many there are.

    :return: by code; what the line may have is missing.
    """
    standing = Standing(line, now)
    ties = list_ties([*standing.held, *(offering.code for offering in offerings)])
    found = {offering.code: _refusal(standing, offering, ties, frozenset()) for offering in offerings}
    return {code: refusal for code, refusal in found.items() if refusal is not None}


def require_affordable(*, account_id: uuid.UUID, price_fen: int) -> None:
    """Refuse what the account cannot pay now.

    The balance is looked at to save the customer a text for nothing; what holds it is the charge itself.

    :param price_fen: what the confirmation would charge.
    :raises BalanceTooLow: the balance with its overdraft is below the price.
    """
    if price_fen == 0:
        return
    available_fen = get_balance(account_id).available_fen
    if available_fen < price_fen:
        raise BalanceTooLow(missing_fen=price_fen - available_fen)


def _refusal(
    standing: Standing, offering: Offering, ties: Sequence[OfferingLink], together_with: frozenset[str]
) -> DomainError | None:
    """Ask the rules in the order in which a person would want to hear of them."""
    if not is_on_sale(offering, standing.now):
        return NotOnSale(begins_at=offering.on_sale_from if offering.on_sale_from > standing.now else None)
    if standing.line.state != LineState.ACTIVE:
        return LineNotActive(bars=standing.bars)
    repeats = offering.kind in _REPEATABLE and offering.recurrence == Recurrence.ONCE
    if not repeats and offering.code in standing.held:
        return AlreadySubscribed()
    if offering.provinces and standing.province not in offering.provinces:
        return NotInProvince(sold_in=offering.provinces)
    return _refusal_of_star(standing, offering) or _refusal_of_ties(standing, offering, ties, together_with)


def _refusal_of_star(standing: Standing, offering: Offering) -> DomainError | None:
    if offering.minimum_star == 0:
        return None
    if standing.star is None:
        rating = standing.rating
        missing_months = rating.table.minimum_months - rating.months_on_network if rating else 0
        return StarUnknown(minimum=offering.minimum_star, missing_months=missing_months)
    if standing.star < offering.minimum_star:
        return StarTooLow(
            star=standing.star,
            minimum=offering.minimum_star,
            missing_points=standing.count_points_missing_to(offering.minimum_star),
        )
    return None


def _refusal_of_ties(
    standing: Standing, offering: Offering, ties: Sequence[OfferingLink], together_with: frozenset[str]
) -> DomainError | None:
    replaced = {code for code, held in standing.held.items() if _is_plan(offering) and _is_plan(held)}
    kept = (standing.held.keys() - replaced) | together_with
    needed = [tie.other for tie in ties if tie.kind == LinkKind.REQUIRES and tie.offering_id == offering.code]
    missing = [other for other in needed if other.code not in kept]
    # A line has one plan, so of several plans one will do.
    if any(_is_plan(other) and other.code in kept for other in needed):
        missing = [other for other in missing if not _is_plan(other)]
    if missing:
        return NeedsAnother(others=missing)
    excluding = [other for other in _excluded(offering, ties) if other.code in kept]
    if excluding:
        return ExcludedByAnother(others=excluding)
    dependents = _dependents_lost(standing, offering, ties, replaced)
    return PresentPlanNeeded(dependents=dependents) if dependents else None


def _excluded(offering: Offering, ties: Iterable[OfferingLink]) -> list[Offering]:
    """The other side of each exclusion, whichever side names it."""
    sides = [(tie.offering, tie.other) for tie in ties if tie.kind == LinkKind.EXCLUDES]
    return [second if first.code == offering.code else first for first, second in sides if offering in (first, second)]


def _dependents_lost(
    standing: Standing, offering: Offering, ties: Iterable[OfferingLink], replaced: Collection[str]
) -> list[Offering]:
    """What the line keeps of things that need a replaced plan and would not do with the new one."""
    if not replaced:
        return []
    plans_of: dict[str, set[str]] = {}
    for tie in ties:
        if tie.kind == LinkKind.REQUIRES and _is_plan(tie.other):
            plans_of.setdefault(tie.offering_id, set()).add(tie.other_id)
    return [
        held
        for code, held in standing.held.items()
        if code not in replaced and plans_of.get(code, set()) & set(replaced) and offering.code not in plans_of[code]
    ]


def _is_plan(offering: Offering) -> bool:
    return offering.kind == OfferingKind.PLAN


def _names(offerings: Iterable[Offering]) -> str:
    language = get_language() or ""
    return _joined(offering.name_in(language) for offering in offerings)


def _joined(words: Iterable[str]) -> str:
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(words)
