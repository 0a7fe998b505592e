"""Sets, changes and resets the service password of a line. The line is told by text each time."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import CodePurpose, Line, ServicePassword
from accounts.operations.check_service_password import unlock_service_password
from accounts.operations.service_password_rules import normalised, require_strong
from accounts.operations.sign_in import use_code
from accounts.operations.sign_ins import end_other_sign_ins
from accounts.operations.sim_cards import require_no_recent_sim_change
from accounts.queries.lines import get_line
from accounts.texts import SERVICE_PASSWORD_RESET, SERVICE_PASSWORD_SET
from kernel.errors import DomainError
from messaging.operations.queue_sms import queue_sms
from messaging.texts import SmsTemplate, instant_words


class ServicePasswordExists(DomainError):
    """The line has a service password already."""

    code = "SERVICE_PASSWORD_EXISTS"
    message = _("This number has a service password already.")
    cure = _("Change it, or reset it if you no longer know it.")
    http_status = 409


class NoServicePassword(DomainError):
    """The line has no service password, or none that waits."""

    code = "NO_SERVICE_PASSWORD"
    message = _("There is no service password that this could be done to.")
    http_status = 409


def set_service_password(*, account_id: uuid.UUID, line_id: uuid.UUID, password: str, code: str, now: datetime) -> None:
    """Give a line its first service password, for a code of the text.

    :param password: as it was entered; 8 to 64 characters, nothing that is easily guessed.
    :param code: sent for `CodePurpose.SERVICE_PASSWORD`; used up.
    :raises NotFound: the account has no such line in use.
    :raises ServicePasswordExists: it has one; the code was not looked at.
    :raises ServicePasswordWeak: too easy to guess; the code was not looked at.
    :raises CodeWrong: as `use_code`, as are CodeExpired, TooManyGuesses and SignInLocked.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    if ServicePassword.objects.filter(account_id=account_id, line_id=line_id).exists():
        raise ServicePasswordExists
    hashed = _hashed_if_strong(line, password)
    use_code(msisdn=line.msisdn, code=code, purpose=CodePurpose.SERVICE_PASSWORD, now=now)
    try:
        with transaction.atomic():
            ServicePassword.objects.create(account_id=account_id, line_id=line_id, password_hash=hashed, set_at=now)
            _tell(line, SERVICE_PASSWORD_SET, at=now, now=now)
    except IntegrityError:
        raise ServicePasswordExists from None
    # Tries against a password that was not there.
    unlock_service_password(msisdn=line.msisdn)


def change_service_password(
    *, account_id: uuid.UUID, line_id: uuid.UUID, password: str, kept_sign_in_id: uuid.UUID | None = None, now: datetime
) -> None:
    """Put another service password in the place of the old one, and sign the line out on every other browser.

    A reset that waits is withdrawn. Whoever calls this has just been shown the old one and a code
    (`accounts.web.step_up`).

    :param kept_sign_in_id: where it is changed; None signs out everywhere.
    :raises NotFound: the account has no such line in use.
    :raises ServicePasswordWeak: the new one is too easy to guess.
    :raises NoServicePassword: there is none to change.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    hashed = _hashed_if_strong(line, password)
    with transaction.atomic():
        kept = ServicePassword.objects.filter(account_id=account_id, line_id=line_id)
        if not kept.update(password_hash=hashed, set_at=now, next_hash="", next_at=None):
            raise NoServicePassword
        end_other_sign_ins(account_id=account_id, line_id=line_id, kept_id=kept_sign_in_id, now=now)
        _tell(line, SERVICE_PASSWORD_SET, at=now, now=now)


def reset_service_password(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    password: str,
    code: str,
    kept_sign_in_id: uuid.UUID | None = None,
    now: datetime,
) -> datetime:
    """Let a new service password hold after SERVICE_PASSWORD_RESET_SECONDS, for a code of the text.

    A phone in the wrong hands gets the code too, so the owner is told and has this long to withdraw it. Whoever knows
    the old one is signed out on every other browser at once.

    :param kept_sign_in_id: where it is reset; None signs out everywhere.
    :return: from when it holds.
    :raises NotFound: the account has no such line in use.
    :raises NoServicePassword: there is none to reset; the code was not looked at.
    :raises RecentSimChange: the line's SIM card was changed lately; the code was not looked at.
    :raises ServicePasswordWeak: too easy to guess; the code was not looked at.
    :raises CodeWrong: as `use_code`, as are CodeExpired, TooManyGuesses and SignInLocked.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    kept = ServicePassword.objects.filter(account_id=account_id, line_id=line_id).first()
    if kept is None:
        raise NoServicePassword
    require_no_recent_sim_change(account_id=account_id, line_id=line_id, now=now)
    hashed = _hashed_if_strong(line, password)
    use_code(msisdn=line.msisdn, code=code, purpose=CodePurpose.SERVICE_PASSWORD, now=now)
    holds_from = now + timedelta(seconds=settings.SERVICE_PASSWORD_RESET_SECONDS)
    with transaction.atomic():
        # One that was reset before and holds by now is the old one of this reset.
        ServicePassword.objects.filter(account_id=account_id, line_id=line_id).update(
            password_hash=kept.hash_at(now), next_hash=hashed, next_at=holds_from
        )
        end_other_sign_ins(account_id=account_id, line_id=line_id, kept_id=kept_sign_in_id, now=now)
        _tell(line, SERVICE_PASSWORD_RESET, at=holds_from, now=now)
    return holds_from


def withdraw_reset(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> None:
    """Keep the old service password instead of the one that waits.

    :raises NoServicePassword: none waits; nothing was changed.
    """
    waiting = ServicePassword.objects.filter(account_id=account_id, line_id=line_id, next_at__gt=now)
    if not waiting.update(next_hash="", next_at=None):
        raise NoServicePassword


def _hashed_if_strong(line: Line, password: str) -> str:
    plain = normalised(password=password)
    require_strong(password=plain, msisdn=line.msisdn)
    return make_password(plain)


def _tell(line: Line, template: SmsTemplate, *, at: datetime, now: datetime) -> None:
    queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=template,
        language=line.language,
        values={"at": instant_words(line.language, at), "service_number": settings.SERVICE_NUMBER},
        dedup_key=f"service-password:{template.kind}:{line.id}:{now.isoformat()}",
        now=now,
    )
