"""Forms of the staff desk that begin with a line's number, since they were opened from its page."""

import uuid

from django.http import HttpRequest

from accounts.queries.line_history import get_any_line
from accounts.web.staff_traces import note_looks
from kernel.errors import NotFound
from kernel.phone import national_number


def number_of_named_line(request: HttpRequest) -> str:
    """Return the number of the line that `?line=` names by account and line, and note the look; else nothing.

    The number itself stands in no address.
    """
    account, _comma, line = request.GET.get("line", "").partition(",")
    try:
        found = get_any_line(account_id=uuid.UUID(account), line_id=uuid.UUID(line))
    except (ValueError, NotFound):
        return ""
    note_looks(request, [(found.account_id, found.id)])
    return national_number(found.msisdn)
