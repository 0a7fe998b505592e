"""What a browser calls itself, where it seems to be, and by what it is known again."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.web.client_address import UNKNOWN, client_address

COOKIE = "device"
_YEAR_SECONDS = 365 * 24 * 3600
_LONGEST_TOKEN = 64
# The first that fits: each names itself beside those it descends from.
_BROWSERS = (
    *(("MicroMessenger", "WeChat"), ("AlipayClient", "Alipay"), ("HuaweiBrowser", "Huawei Browser")),
    *(("MiuiBrowser", "Mi Browser"), ("UCBrowser", "UC Browser"), ("QQBrowser", "QQ Browser"), ("Edg", "Edge")),
    *(("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
_SYSTEMS = (
    *(("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux")),
)


def device_name(request: HttpRequest) -> str:
    """Return browser and system as people know them: "Chrome · Android". Nothing else of the header is kept."""
    header = request.headers.get("User-Agent", "")
    names = [next((name for mark, name in known if mark in header), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name) or str(_("Unknown device"))


def place_of(request: HttpRequest) -> str:
    """Return the address that the request came from without its end: "203.0.113.*"."""
    address = client_address(request)
    if address == UNKNOWN:
        return ""
    if ":" in address:
        return ":".join(address.split("/")[0].split(":")[:3]) + ":*"
    return address.rpartition(".")[0] + ".*"


def device_token(request: HttpRequest) -> str:
    """Return what the browser keeps to be known again, or something new."""
    kept = request.COOKIES.get(COOKIE, "")
    return kept if 0 < len(kept) <= _LONGEST_TOKEN else secrets.token_urlsafe(32)


def keep_device_token(response: HttpResponse, token: str) -> None:
    """Give the browser its token to keep. It opens nothing: whoever has it is only not called a new device."""
    response.set_cookie(
        COOKIE, token, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE)
    )
