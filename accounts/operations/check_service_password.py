"""Compares a service password. Each try is counted before, so that no race gets more tries than there are."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Line, ServicePassword
from accounts.operations.budgets import BudgetSpent, clear_budget, take_from_budget
from accounts.operations.service_password_rules import normalised
from accounts.operations.sign_in_lock import count_try, forget_tries
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from kernel.errors import DomainError
from kernel.ids import NIL


class ServicePasswordWrong(DomainError):
    """Not the service password of the number, which may have none, or not be in use."""

    code = "SERVICE_PASSWORD_WRONG"
    message = _("The service password does not fit the number.")
    field = "password"

    def __init__(self, *, tries_left: int) -> None:
        cure = ngettext(
            "You have %(count)d more try. A code by text message works as well.",
            "You have %(count)d more tries. A code by text message works as well.",
            tries_left,
        )
        super().__init__(cure=cure % {"count": tries_left})


class ServicePasswordLocked(BudgetSpent):
    """A wrong service password was entered too often in a row."""

    code = "SERVICE_PASSWORD_LOCKED"
    message = _(
        "The service password is locked, because a wrong one was entered too often. Use a code by text instead."
    )


class TooManyPasswords(BudgetSpent):
    """One address has tried as many service passwords as it may, whosever they were."""

    code = "TOO_MANY_PASSWORDS"
    message = _("Too many service passwords were tried from here.")


def check_service_password(*, msisdn: str, password: str, address: str, now: datetime) -> Line:
    """Compare what was entered with the number's service password. Opens transactions of its own: a try stays counted.

    Numbers that are not in use, or have no service password, cost the same work and answer as a wrong one.

    :param msisdn: E.164.
    :param address: where the request came from.
    :return: the line.
    :raises ServicePasswordWrong: it does not fit.
    :raises ServicePasswordLocked: too many wrong ones in a row for this number; nothing was counted.
    :raises TooManyPasswords: too many from this address; nothing was counted.
    :raises SignInLocked: too many failures in a row, with codes or passwords; nothing was counted.
    """
    with transaction.atomic(durable=True):
        tries = _count(msisdn=msisdn, address=address, now=now)
    # Hashing takes long, so no row is locked meanwhile.
    line, kept_hash = _kept(msisdn=msisdn, now=now)
    entered = normalised(password=password)
    if line is None or not kept_hash:
        make_password(entered)
    elif check_password(entered, kept_hash):
        with transaction.atomic(durable=True):
            forget_tries(msisdn=msisdn)
            clear_budget(key=_lock_key(msisdn))
        return line
    tries_left = settings.SERVICE_PASSWORD_TRIES - tries
    if not tries_left:
        lock_until = now + timedelta(seconds=settings.SERVICE_PASSWORD_LOCK_SECONDS)
        raise ServicePasswordLocked(next_at=lock_until, now=now)
    raise ServicePasswordWrong(tries_left=tries_left)


def unlock_service_password(*, msisdn: str) -> None:
    """Let a number try its service password anew. The password stays as it is; repeating changes nothing."""
    clear_budget(key=_lock_key(msisdn))


def _count(*, msisdn: str, address: str, now: datetime) -> int:
    """Count a try, or nothing: the caller's transaction takes back what was counted before a refusal."""
    count_try(msisdn=msisdn, now=now)
    try:
        tries = take_from_budget(
            key=_lock_key(msisdn),
            limit=settings.SERVICE_PASSWORD_TRIES,
            period=timedelta(seconds=settings.SERVICE_PASSWORD_LOCK_SECONDS),
            now=now,
            prolong=True,
        )
    except BudgetSpent as spent:
        raise ServicePasswordLocked(next_at=spent.next_at, now=now) from None
    try:
        take_from_budget(
            key=f"service-password:address:hour:{address}",
            limit=settings.SERVICE_PASSWORD_TRIES_PER_ADDRESS_HOUR,
            period=timedelta(hours=1),
            now=now,
        )
    except BudgetSpent as spent:
        raise TooManyPasswords(next_at=spent.next_at, now=now) from None
    return tries


def _kept(*, msisdn: str, now: datetime) -> tuple[Line | None, str]:
    """Return the line of a number and the hash of its password; without one after the same looks."""
    try:
        line = get_line_by_msisdn(msisdn)
    except NumberUnknown:
        line = None
    account_id, line_id = (line.account_id, line.id) if line else (NIL, NIL)
    kept = ServicePassword.objects.filter(account_id=account_id, line_id=line_id).first()
    return line, kept.hash_at(now) if kept else ""


def _lock_key(msisdn: str) -> str:
    return f"service-password:failures:{msisdn}"
