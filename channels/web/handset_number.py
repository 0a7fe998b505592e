"""Whose handset is shown: the number a visitor picked, the one being signed in, or the signed-in line's."""

from typing import Any, cast

from django.http import HttpRequest

from accounts.web.sign_in import pending_number

_PICKED = "handset_number"


def shown_number(request: HttpRequest) -> str:
    """Return the number in E.164, empty when none is known yet."""
    busy_with = _busy_with(request)
    picked = request.session.get(_PICKED)
    if picked and picked["beside"] == busy_with:
        return cast("str", picked["msisdn"])
    return busy_with


def pick_number(request: HttpRequest, msisdn: str) -> None:
    """Show this number until the visitor signs in, signs out or changes the line."""
    request.session[_PICKED] = {"msisdn": msisdn, "beside": _busy_with(request)}


def _busy_with(request: HttpRequest) -> str:
    line = cast("Any", request).line
    return pending_number(request) or (line.msisdn if line else "")
