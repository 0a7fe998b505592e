"""The call that covers the handset's screen for some seconds. The session keeps what was dialled and when."""

import uuid
from datetime import datetime, timedelta
from typing import TypedDict, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.queries.inbound import get_last_call

_DIALLED = "handset_call"

RINGS_AT_LEAST = timedelta(seconds=2)
RINGS_AT_MOST = timedelta(seconds=30)
END_IS_SHOWN = timedelta(seconds=4)


class _Dialled(TypedDict):
    msisdn: str
    number: str
    at: str
    reached: bool


class CallOnScreen(TypedDict):
    """Parameter `call` of components/_handset.html."""

    peer: str
    state_label: Promise
    ringing: bool
    end_url: str


def remember_call(request: HttpRequest, *, msisdn: str, number: str, reached: bool, now: datetime) -> None:
    """Note that a handset dialled a number, and whether anybody is there."""
    dialled: _Dialled = {"msisdn": msisdn, "number": number, "at": now.isoformat(), "reached": reached}
    request.session[_DIALLED] = dialled


def forget_call(request: HttpRequest) -> None:
    """Hang up."""
    request.session.pop(_DIALLED, None)


def get_call(request: HttpRequest, *, account_id: uuid.UUID, msisdn: str, now: datetime) -> CallOnScreen | None:
    """Return what a handset shows of its last call, None once that is over.

    It rings until the hall has answered, as the hall rings off then, and shows the end for a moment.
    """
    dialled = cast("_Dialled | None", request.session.get(_DIALLED))
    if dialled is None or dialled["msisdn"] != msisdn:
        return None
    dialled_at = datetime.fromisoformat(dialled["at"])
    ended_at = dialled_at
    if dialled["reached"]:
        received = get_last_call(account_id, msisdn)
        answered_at = received.answered_at if received else dialled_at
        ended_at = max(answered_at or dialled_at + RINGS_AT_MOST, dialled_at + RINGS_AT_LEAST)
    if now >= ended_at + END_IS_SHOWN:
        return None
    ringing = now < ended_at
    return {
        "peer": dialled["number"],
        "state_label": _state_label(ringing, dialled["reached"]),
        "ringing": ringing,
        "end_url": reverse("handset:hang-up"),
    }


def _state_label(ringing: bool, reached: bool) -> Promise:
    if ringing:
        return _("It rings …")
    if reached:
        return _("It rang off. A text is on its way.")
    return _("This number cannot be reached from here.")
