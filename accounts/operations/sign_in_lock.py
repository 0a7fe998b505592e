"""Locks online sign-in of a number after many wrong codes in a row, whichever codes they were tried against."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Budget
from accounts.operations.budgets import BudgetSpent, clear_budget, take_from_budget


class SignInLocked(BudgetSpent):
    """Too many wrong codes in a row were entered for this number."""

    code = "SIGN_IN_LOCKED"
    message = _("Signing in online is locked for this number, because too many wrong codes were entered.")


def count_try(*, msisdn: str, now: datetime) -> None:
    """Count a try before its code is looked at; a right code starts the count anew by `forget_tries`.

    :raises SignInLocked: as many tries in a row failed as are allowed; nothing was counted.
    """
    try:
        take_from_budget(
            key=_key(msisdn),
            limit=settings.SIGN_IN_FAILURES_BEFORE_LOCK,
            period=timedelta(seconds=settings.SIGN_IN_LOCK_SECONDS),
            now=now,
            prolong=True,
        )
    except BudgetSpent as spent:
        raise SignInLocked(next_at=spent.next_at, now=now) from None


def forget_tries(*, msisdn: str) -> None:
    """Start the count anew."""
    clear_budget(key=_key(msisdn))


def require_not_locked(*, msisdn: str, now: datetime) -> None:
    """Refuse a locked number.

    :raises SignInLocked: it is locked.
    """
    held = Budget.objects.filter(key=_key(msisdn)).first()
    if held and held.count >= settings.SIGN_IN_FAILURES_BEFORE_LOCK and held.ends_at > now:
        raise SignInLocked(next_at=held.ends_at, now=now)


def _key(msisdn: str) -> str:
    return f"sign-in:failures:{msisdn}"
