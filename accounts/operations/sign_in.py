"""Signs a line in by the code of its text."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import CodePurpose, Line, SignInCode
from accounts.operations.sign_in_lock import count_try, forget_tries
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from kernel.errors import DomainError

# The guess is counted before the code is compared, by one conditional statement that also locks the row until commit:
# no race gets more guesses than there are. A clock that was set back must not lengthen a code's life, so a code from
# the future does not count either.
_COUNT_GUESS = """
UPDATE accounts_sign_in_code SET guesses = guesses + 1
 WHERE key = %(key)s AND used_at IS NULL AND sent_at <= %(now)s AND expires_at > %(now)s AND guesses < %(limit)s
RETURNING code_hash, guesses
"""


class CodeWrong(DomainError):
    """The code is not the one that was sent."""

    code = "CODE_WRONG"
    message = _("This is not the code that we sent to this number.")
    cure = _("Look at the newest text and enter its 6 digits.")
    field = "code"

    def __init__(self, *, guesses_left: int) -> None:
        cure = ngettext(
            "Look at the newest text and enter its 6 digits. You have %(count)d more try.",
            "Look at the newest text and enter its 6 digits. You have %(count)d more tries.",
            guesses_left,
        )
        super().__init__(cure=cure % {"count": guesses_left})


class CodeExpired(DomainError):
    """There is no code that could be right: too old, used already, or none was asked for."""

    code = "CODE_EXPIRED"
    message = _("The code has expired or was used already.")
    cure = _("Ask for a new code.")
    field = "code"


class TooManyGuesses(DomainError):
    """This code was guessed at as often as it may be."""

    code = "TOO_MANY_GUESSES"
    message = _("A wrong code was entered too often, so this code no longer works.")
    cure = _("Ask for a new code.")
    field = "code"


def sign_in_with_code(*, msisdn: str, code: str, now: datetime) -> Line:
    """Check the code of a number and use it up. Opens a transaction of its own, so that a counted guess stays counted.

    :param msisdn: E.164; a number not in use gets the same answers as a wrong code.
    :param code: what was entered.
    :return: the line to sign in.
    :raises CodeWrong: not the code; one guess less is left.
    :raises CodeExpired: no live code; nothing was counted.
    :raises TooManyGuesses: the code's guesses are used up, this one among them or before.
    :raises SignInLocked: too many wrong codes in a row; nothing was counted.
    """
    return use_code(msisdn=msisdn, code=code, purpose=CodePurpose.SIGN_IN, now=now)


def use_code(*, msisdn: str, code: str, purpose: CodePurpose, now: datetime) -> Line:
    """Check a number's code for a purpose and use it up, in a transaction of its own.

    :return: the line that has proved to hold the number.
    :raises CodeWrong: as `sign_in_with_code`.
    :raises CodeExpired: as `sign_in_with_code`.
    :raises TooManyGuesses: as `sign_in_with_code`.
    :raises SignInLocked: as `sign_in_with_code`.
    """
    key = SignInCode.key_of(msisdn, purpose)
    with transaction.atomic(durable=True):
        count_try(msisdn=msisdn, now=now)
        code_hash, guesses = _count_guess(key=key, now=now)
        right = constant_time_compare(code_hash, SignInCode.hash_of(key, code))
        if right:
            SignInCode.objects.filter(key=key).update(used_at=now)
            forget_tries(msisdn=msisdn)
    guesses_left = settings.SIGN_IN_CODE_GUESSES - guesses
    try:
        if right:
            return get_line_by_msisdn(msisdn)
    except NumberUnknown:
        pass  # the code was never sent to anybody; whoever hit it by chance learns nothing
    if not guesses_left:
        raise TooManyGuesses
    raise CodeWrong(guesses_left=guesses_left)


def _count_guess(*, key: str, now: datetime) -> tuple[str, int]:
    """Count one guess and return the hash to compare with and the guesses made.

    :raises CodeExpired: there is no live code.
    :raises TooManyGuesses: there is none left.
    """
    limit = settings.SIGN_IN_CODE_GUESSES
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_GUESS, {"key": key, "now": now, "limit": limit})
        counted = cursor.fetchone()
    if counted is not None:
        return counted[0], counted[1]
    guessed_up = SignInCode.objects.filter(key=key, used_at=None, expires_at__gt=now, guesses__gte=limit)
    if guessed_up.exists():
        raise TooManyGuesses
    raise CodeExpired
