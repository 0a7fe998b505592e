"""Finds the line that a caller of the REST face means, among those it may see. Any other does not exist for it."""

import uuid

from accounts.models import Line
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn, list_lines
from accounts.queries.visible_accounts import is_account_visible
from kernel.errors import NotFound
from kernel.sight import Sight


def get_visible_line_by_msisdn(*, sight: Sight, msisdn: str) -> Line:
    """Return the line in use behind a number.

    :param msisdn: E.164.
    :raises NumberUnknown: no line in use has it, or it is of an account that the caller may not see.
    """
    line = get_line_by_msisdn(msisdn)
    if not is_account_visible(sight=sight, account_id=line.account_id):
        raise NumberUnknown
    return line


def get_visible_line_of_account(*, sight: Sight, account_id: uuid.UUID) -> Line:
    """Return the oldest line in use of an account: the one that is told about its money.

    :raises NotFound: the caller may not see the account, or it has no line in use.
    """
    if not is_account_visible(sight=sight, account_id=account_id):
        raise NotFound
    lines = list_lines(account_id=account_id)
    if not lines:
        raise NotFound
    return lines[0]
