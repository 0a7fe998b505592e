"""Whose number a top-up is for."""

from accounts.models import Line
from accounts.operations.find_recipient import find_recipient
from accounts.web.signed_in import SignedInRequest
from kernel.clock import now


def line_of(request: SignedInRequest, msisdn: str) -> Line:
    """Return one's own line without more ado; a look at another one counts.

    :raises NumberUnknown: no line in use has the number.
    :raises BudgetSpent: other numbers were looked at too often.
    """
    if msisdn == request.line.msisdn:
        return request.line
    return find_recipient(asker_account_id=request.line.account_id, msisdn=msisdn, now=now())
