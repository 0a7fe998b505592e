"""What the frame of a signed-in page shows about its line; asks the database only when a page draws it."""

from typing import Any, TypedDict, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import LineState
from accounts.web.signed_in import list_signed_in_lines
from kernel.ids import PublicId

_TONES = {LineState.ACTIVE: "good", LineState.SUSPENDED: "stop", LineState.CLOSED: "plain"}


class OtherLine(TypedDict):
    number: str
    public_id: str


class LineSwitcher(TypedDict):
    """Parameters of components/_line_switcher.html."""

    number: str
    state_label: str
    state_tone: str
    others: list[OtherLine]


def signed_in(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `line_switcher`, false for visitors who are not signed in, and figures that pages name."""
    return {
        "line_switcher": SimpleLazyObject(lambda: _line_switcher(request)),
        "session_seconds": settings.SESSION_COOKIE_AGE,
        "password_length": settings.SERVICE_PASSWORD_MIN_LENGTH,
        "reset_hours": settings.SERVICE_PASSWORD_RESET_SECONDS // 3600,
    }


def _line_switcher(request: HttpRequest) -> LineSwitcher | None:
    lines = list_signed_in_lines(request)
    if not lines:
        return None
    current, *others = lines
    return {
        "number": current.msisdn,
        "state_label": current.get_state_display(),
        "state_tone": _TONES[cast("LineState", current.state)],
        "others": [{"number": line.msisdn, "public_id": str(PublicId(line.account_id, line.id))} for line in others],
    }
