"""Reads lines. The one ownership rule: a line is reached through its account, or by its number for the house itself."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import Line, LineState, NumberDirectory
from kernel.errors import NotFound
from kernel.ids import NIL


class NumberUnknown(NotFound):
    """No line in use has this number."""

    code = "NUMBER_UNKNOWN"
    message = _("This number is not in use with us.")
    cure = _("Check the number and try again.")
    field = "msisdn"


@dataclass(frozen=True, slots=True)
class LineToTell:
    """A line with what a text to it needs.

    :ivar msisdn: E.164; `language` is that of its texts.
    """

    account_id: uuid.UUID
    line_id: uuid.UUID
    msisdn: str
    language: str


def get_line(*, account_id: uuid.UUID, line_id: uuid.UUID) -> Line:
    """Return a line of an account that is in use.

    :raises NotFound: the account has no such line, or it is closed.
    """
    line = Line.objects.filter(account_id=account_id, id=line_id).exclude(state=LineState.CLOSED).first()
    if line is None:
        raise NotFound
    return line


def lock_line(*, account_id: uuid.UUID, line_id: uuid.UUID) -> Line:
    """Return a line of an account that is in use, locked until the caller's transaction ends.

    :raises NotFound: the account has no such line, or it is closed.
    """
    lines = Line.objects.select_for_update(of=("self",), no_key=True).filter(account_id=account_id, id=line_id)
    line = lines.exclude(state=LineState.CLOSED).first()
    if line is None:
        raise NotFound
    return line


def get_line_by_msisdn(msisdn: str) -> Line:
    """Return the line in use behind a number. A number that nobody has costs as many looks: the time tells nothing.

    :param msisdn: E.164.
    :raises NumberUnknown: no line in use has it.
    """
    entry = NumberDirectory.objects.filter(msisdn=msisdn).first()
    account_id, line_id = (entry.account_id, entry.line_id) if entry else (NIL, NIL)
    try:
        return get_line(account_id=account_id, line_id=line_id)
    except NotFound:
        raise NumberUnknown from None


def list_lines(*, account_id: uuid.UUID) -> list[Line]:
    """Return the lines in use of an account, oldest first."""
    return list(Line.objects.filter(account_id=account_id).exclude(state=LineState.CLOSED).order_by("id"))


def list_account_ids_of_number(msisdn: str) -> list[uuid.UUID]:
    """Return the accounts that have or had a number, for staff; customers are found by `get_line_by_msisdn`."""
    return list(Line.objects.filter(msisdn=msisdn).order_by("-account_id").values_list("account_id", flat=True))


def list_numbers_of_accounts(account_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the numbers in use of each account, E.164, oldest first; accounts without one are left out."""
    numbers: dict[uuid.UUID, list[str]] = {}
    lines = Line.objects.filter(account_id__in=account_ids).exclude(state=LineState.CLOSED).order_by("id")
    for account_id, msisdn in lines.values_list("account_id", "msisdn"):
        numbers.setdefault(account_id, []).append(msisdn)
    return numbers


def list_first_lines(account_ids: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str, str]]:
    """Return (account id, E.164 number, language) of each account's oldest line in use, where it has one."""
    lines = Line.objects.filter(account_id__in=account_ids).exclude(state=LineState.CLOSED)
    return list(
        lines.order_by("account_id", "id").distinct("account_id").values_list("account_id", "msisdn", "language")
    )


def list_lines_to_tell(account_ids: Collection[uuid.UUID]) -> list[LineToTell]:
    """Return every line in use of accounts, with what a text to it needs, in the order of keys."""
    lines = Line.objects.filter(account_id__in=account_ids).exclude(state=LineState.CLOSED).order_by("account_id", "id")
    return [LineToTell(*row) for row in lines.values_list("account_id", "id", "msisdn", "language")]


def list_number_owners(msisdns: Collection[str]) -> dict[str, uuid.UUID]:
    """Return the account that each number leads to; numbers not in use are left out."""
    return dict(NumberDirectory.objects.filter(msisdn__in=msisdns).values_list("msisdn", "account_id"))
