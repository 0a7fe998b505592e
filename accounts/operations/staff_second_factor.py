"""The second factor of staff: an authenticator app, and recovery codes for the day its phone is gone."""

import secrets
from datetime import datetime, timedelta
from typing import NoReturn

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from accounts.models import ELSEWHERE, SecondFactor, StaffRecoveryCode, StaffUser, TraceKind, TraceOutcome
from accounts.operations.budgets import BudgetSpent, clear_budget, take_from_budget
from accounts.operations.staff_traces import Trace, record_traces
from kernel.errors import DomainError
from kernel.sealing import seal, unseal

RECOVERY_CODES = 10
_DIGITS, _STEP_SECONDS, _TOLERATED_STEPS, _KEY_BYTES = 6, 30, 1, 20
# No letters that are taken for digits or for one another.
_LETTERS, _RECOVERY_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ", 12
_PAGE = "second_factor"


class SecondFactorWrong(DomainError):
    """The code is not right, or was used before."""

    code = "SECOND_FACTOR_WRONG"
    message = _("This code is not right.")
    cure = _("Enter the code that the app shows now; each works once.")
    field = "code"


class SecondFactorWaits(DomainError):
    """The last code was wrong a moment ago: the next may be tried after a pause that doubles each time."""

    code = "SECOND_FACTOR_WAITS"
    message = _("The last code was wrong a moment ago.")
    cure = _("Wait for the app's next code and enter that.")
    field = "code"
    http_status = 429


class SecondFactorLocked(BudgetSpent):
    """Too many wrong codes in a row."""

    code = "SECOND_FACTOR_LOCKED"
    message = _("Too many wrong codes were entered.")


class SecondFactorStands(DomainError):
    """There is a second factor: whoever knows the password alone cannot put another in its place."""

    code = "SECOND_FACTOR_STANDS"
    message = _("This sign-in has a second factor.")
    cure = _("Show its code, or one of your recovery codes; without both, ask a colleague who may reset it.")


class ResetRefused(DomainError):
    """Nobody resets their own second factor, and only a superuser that of a superuser."""

    code = "SECOND_FACTOR_RESET_REFUSED"
    message = _("You may not reset this second factor.")
    cure = _("Ask a colleague who may: for your own somebody else, for a superuser's another superuser.")


def make_second_factor_key() -> str:
    """Return a new secret for an authenticator app, in hex; it counts once `set_up_second_factor` proved it."""
    return secrets.token_hex(_KEY_BYTES)


def seal_new_key(*, staff: StaffUser, key: str) -> str:
    """Return a secret that is being set up as a session may keep it, since sessions lie in the database."""
    return seal(key, belongs_to=_place_of_new_key(staff))


def unseal_new_key(*, staff: StaffUser, sealed: str) -> str:
    """Return the secret that a session keeps.

    :raises CannotUnseal: it is somebody else's, or a key is missing.
    """
    return unseal(sealed, belongs_to=_place_of_new_key(staff))


def set_up_second_factor(
    *, staff: StaffUser, key: str, code: str, replace: bool, address: str, now: datetime
) -> tuple[SecondFactor, list[str]]:
    """Make an authenticator app the second factor, once its code shows that it has the secret.

    :param key: of `make_second_factor_key`.
    :param code: what the app shows.
    :param replace: whether the one that stands was shown in this session, so that another may take its place.
    :return: the device, and the recovery codes, which can be shown now and never again; those of before are void.
    :raises SecondFactorStands: there is one, and `replace` is False.
    :raises SecondFactorLocked: too many wrong codes.
    :raises SecondFactorWrong: the app shows something else.
    """
    _count_try(staff, now)
    app = TOTP(bytes.fromhex(key), _STEP_SECONDS, 0, _DIGITS)
    app.time = now.timestamp()
    digits = "".join(code.split())
    if not (digits.isdecimal() and app.verify(int(digits), _TOLERATED_STEPS)):
        _refuse(staff, address, now)
    with transaction.atomic():
        # Whoever else sets one up for this person waits here, and then finds this one.
        StaffUser.objects.select_for_update().get(id=staff.id)
        standing = SecondFactor.objects.filter(user=staff)
        if not replace and standing.filter(confirmed=True).exists():
            raise SecondFactorStands
        standing.delete()
        device = SecondFactor.objects.create(
            user=staff,
            name="app",
            key=ELSEWHERE,
            key_sealed=seal(key, belongs_to=SecondFactor.place_of_key(staff.id)),
            confirmed=True,
            last_t=app.t(),
            drift=app.drift,
            last_used_at=now,
        )
        codes = _replace_recovery_codes(staff, now)
        _note(staff, TraceKind.SECOND_FACTOR_SET_UP, address, now)
    clear_budget(key=_budget_key(staff))
    return device, codes


def check_second_factor(*, staff: StaffUser, code: str, address: str, now: datetime) -> tuple[SecondFactor, bool]:
    """Take a code of the authenticator app, or a recovery code; each works once.

    :return: the device that the session is to name, and whether a recovery code was used.
    :raises SecondFactorLocked: too many wrong codes; nothing was compared.
    :raises SecondFactorWaits: the last wrong code was a moment ago; nothing was compared.
    :raises SecondFactorWrong: neither is right, or there is no second factor.
    """
    digits = "".join(code.split())
    with transaction.atomic():
        device = SecondFactor.objects.select_for_update().filter(user=staff, confirmed=True).first()
        waits = device is not None and digits.isdecimal() and not device.verify_is_allowed()[0]
        if waits:
            raise SecondFactorWaits
        _count_try(staff, now)
        by_app = device is not None and digits.isdecimal() and device.verify_token(digits)
    by_recovery = device is not None and not by_app and _use_recovery_code(staff, digits, now)
    if device is None or not (by_app or by_recovery):
        _refuse(staff, address, now)
    clear_budget(key=_budget_key(staff))
    if by_recovery:
        _note(staff, TraceKind.RECOVERY_CODE_USED, address, now)
    return device, by_recovery


def make_recovery_codes(*, staff: StaffUser, address: str, now: datetime) -> list[str]:
    """Make new recovery codes; those of before are void.

    :return: the codes, which can be shown now and never again.
    """
    with transaction.atomic():
        codes = _replace_recovery_codes(staff, now)
        _note(staff, TraceKind.RECOVERY_CODES_MADE, address, now)
    return codes


def reset_second_factor(*, staff: StaffUser, by: StaffUser, reason: str, address: str, now: datetime) -> None:
    """Take somebody's second factor and recovery codes away; at the next sign-in they set up another.

    Their sessions are worth nothing from the next page on, since these name the device that is gone.

    :param reason: how it was made sure who asks; it stands in the traces.
    :raises ResetRefused: `by` may not.
    """
    if staff.id == by.id or (staff.is_superuser and not by.is_superuser):
        raise ResetRefused
    with transaction.atomic():
        SecondFactor.objects.filter(user=staff).delete()
        StaffRecoveryCode.objects.filter(staff=staff).delete()
        trace = Trace(TraceKind.SECOND_FACTOR_RESET, _PAGE, row_key=staff.username, reason=reason)
        record_traces(staff=by, traces=[trace], address=address, now=now)
    clear_budget(key=_budget_key(staff))


def _place_of_new_key(staff: StaffUser) -> str:
    return f"second-factor-set-up:{staff.id}"


def _count_try(staff: StaffUser, now: datetime) -> None:
    try:
        take_from_budget(
            key=_budget_key(staff),
            limit=settings.STAFF_SIGN_IN_TRIES,
            period=timedelta(seconds=settings.STAFF_SIGN_IN_LOCK_SECONDS),
            now=now,
        )
    except BudgetSpent as spent:
        raise SecondFactorLocked(next_at=spent.next_at, now=now) from None


def _refuse(staff: StaffUser, address: str, now: datetime) -> NoReturn:
    """Write the refusal down.

    :raises SecondFactorWrong: always.
    """
    trace = Trace(TraceKind.SIGN_IN_REFUSED, _PAGE, outcome=TraceOutcome.REFUSED)
    record_traces(staff=staff, traces=[trace], address=address, now=now)
    raise SecondFactorWrong


def _replace_recovery_codes(staff: StaffUser, now: datetime) -> list[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)]
    StaffRecoveryCode.objects.filter(staff=staff).delete()
    StaffRecoveryCode.objects.bulk_create(
        StaffRecoveryCode(staff=staff, code_hash=StaffRecoveryCode.hash_of(code), made_at=now) for code in codes
    )
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _use_recovery_code(staff: StaffUser, code: str, now: datetime) -> bool:
    unused = StaffRecoveryCode.objects.filter(staff=staff, code_hash=StaffRecoveryCode.hash_of(code), used_at=None)
    return unused.update(used_at=now) == 1


def _note(staff: StaffUser, kind: TraceKind, address: str, now: datetime) -> None:
    record_traces(staff=staff, traces=[Trace(kind, _PAGE)], address=address, now=now)


def _budget_key(staff: StaffUser) -> str:
    return f"staff:second-factor:{staff.id}"
