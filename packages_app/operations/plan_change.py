"""When a plan may begin and what ends then. A line has exactly one plan at any instant once it has one."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kernel.clock import SHANGHAI, month_of
from kernel.errors import DomainError
from packages_app.models import Offering, OfferingKind, OrderStart, Subscription
from packages_app.operations.eligibility import AlreadySubscribed
from packages_app.queries.subscriptions import get_coming_plan, get_current_plan, list_subscriptions


class StartNotPossible(DomainError):
    """It cannot begin when it was asked to."""

    code = "START_NOT_POSSIBLE"
    message = _("This cannot begin on the day you chose.")
    cure = _("A plan that costs no more than yours begins on the first of next month; anything else when you confirm.")
    http_status = 409


class PlanChangeElsewhere(DomainError):
    """The plan has a fee at its start and could only begin next month: that fee is asked for in a shop."""

    code = "PLAN_CHANGE_ELSEWHERE"
    message = _("This plan cannot be ordered online.")
    cure = _("Call us or visit a shop.")
    http_status = 409


class PlanChangePending(DomainError):
    """A change of plan is confirmed and has not begun."""

    code = "PLAN_CHANGE_PENDING"
    message = _("A change of your plan is on its way already.")
    cure = _("Withdraw it under My services first, then order the other plan.")
    http_status = 409


class PlanBound(DomainError):
    """A commitment keeps the line with its plan.

    :ivar until: when it ends.
    """

    code = "PLAN_BOUND"
    message = _("A contract binds you to your plan.")
    cure = _("Order again when it has ended.")
    http_status = 409

    def __init__(self, *, until: datetime | None = None) -> None:
        if until is None:
            super().__init__()
        else:
            day = {"day": f"{until.astimezone(SHANGHAI):%Y-%m-%d}"}
            super().__init__(
                cure=_("It keeps your plan as it is until %(day)s: another can begin from that day on.") % day
            )
        self.until = until


# What can end an order of a plan, by the code kept with the order; beside those of `eligibility`.
PLAN_REFUSALS: tuple[type[DomainError], ...] = (PlanBound, PlanChangeElsewhere, PlanChangePending)


@dataclass(frozen=True, slots=True)
class PlanStarts:
    """When a plan may begin, the gentlest way first, and the plan in force that ends then."""

    starts: tuple[OrderStart, ...]
    replaces: Subscription | None


def get_plan_starts(*, account_id: uuid.UUID, line_id: uuid.UUID, offering: Offering, now: datetime) -> PlanStarts:
    """Return how an offering may begin on a line.

    What is no plan begins with its confirmation, and so does a line's first plan. A dearer plan may begin next month,
    which takes nothing of the plan that is paid, or at once; another next month only.

    :raises AlreadySubscribed: it is the plan the line has.
    :raises PlanChangePending: another change has been confirmed.
    :raises PlanBound: a commitment of the plan, or of a device contract where the new plan is cheaper.
    :raises PlanChangeElsewhere: it has a fee at its start and cannot begin at once.
    """
    if offering.kind != OfferingKind.PLAN:
        return PlanStarts((OrderStart.NOW,), None)
    if get_coming_plan(account_id, line_id, now) is not None:
        raise PlanChangePending
    current = get_current_plan(account_id, line_id, now)
    if current is None:
        return PlanStarts((OrderStart.NOW,), None)
    if current.offering_id == offering.code:
        raise AlreadySubscribed
    price_fen: int = current.terms["price_fen"]
    _require_free(account_id, line_id, current, now, is_cheaper=offering.price_fen < price_fen)
    starts = [OrderStart.NEXT_MONTH] if offering.one_off_fen == 0 else []
    if offering.price_fen > price_fen and _is_free_at(current, now) and current.started_at < now:
        starts.append(OrderStart.NOW)
    if not starts:
        raise PlanChangeElsewhere
    return PlanStarts(tuple(starts), current)


def choose_start(*, starts: PlanStarts, start: str | None) -> str:
    """Return when it begins: as asked for, or the gentlest way.

    :raises StartNotPossible: it cannot begin then.
    """
    if start is None:
        return starts.starts[0]
    if start not in starts.starts:
        raise StartNotPossible
    return start


def _require_free(
    account_id: uuid.UUID, line_id: uuid.UUID, current: Subscription, now: datetime, *, is_cheaper: bool
) -> None:
    """Refuse while something binds the plan up to the first instant at which another could begin, or later."""
    had = list_subscriptions(account_id, line_id, now)
    first_of_next = month_of(now).ends_at
    binding = [current, *(item for item in had if is_cheaper and item.offering.kind == OfferingKind.DEVICE_CONTRACT)]
    for item in binding:
        if item.committed_until is not None and not _is_free_at(item, first_of_next):
            raise PlanBound(until=item.committed_until)


def _is_free_at(subscription: Subscription, instant: datetime) -> bool:
    return subscription.committed_until is None or subscription.committed_until <= instant
