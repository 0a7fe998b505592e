"""Whose number a top-up is for."""

from accounts.models import Line
from accounts.operations.find_recipient import find_recipient
from accounts.queries.lines import NumberUnknown
from accounts.web.signed_in import SignedInRequest
from kernel.clock import now
from kernel.phone import NumberInvalid, parse_msisdn


def line_of(request: SignedInRequest, msisdn: str) -> Line:
    """Return one's own line without more ado; a look at another one counts.

    :param msisdn: as a form brought it, right or wrong.
    :raises NumberUnknown: no line in use has the number, or it is none.
    :raises BudgetSpent: other numbers were looked at too often.
    """
    try:
        number = parse_msisdn(msisdn)
    except NumberInvalid:
        raise NumberUnknown from None
    if number == request.line.msisdn:
        return request.line
    return find_recipient(asker_account_id=request.line.account_id, msisdn=number, now=now())
