"""The sum that a page has its browser do before it asks for one more code: accounts/_work.html draws it."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from accounts.queries.work import get_challenge, is_work_wanted
from accounts.web.client_address import client_address


def work_of(request: HttpRequest) -> str:
    """Return the answer that came with a form, empty when there is none."""
    return str(request.POST.get("work", ""))


def work_context(request: HttpRequest, *, msisdn: str, now: datetime, was_refused: bool = False) -> dict[str, object]:
    """Return what a page with a form that sends codes shows of it.

    :param msisdn: E.164, or empty while it is not known.
    :param was_refused: the form came without a sum that it needed: the browser does one and sends the form again, once.
    """
    wanted = was_refused or is_work_wanted(msisdn=msisdn, address=client_address(request), now=now)
    return {
        "work": get_challenge(now=now) if wanted else "",
        "work_goes_on": was_refused and not work_of(request),
        "work_wait_minutes": settings.SIGN_IN_CODE_RESEND_AFTER_WITHOUT_WORK // 60,
    }
