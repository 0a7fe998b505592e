"""What every page knows without asking the database, unless it looks at `demo_recharge_cards`."""

from collections.abc import Callable
from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from portal.demo.recharge_cards import DemoCard, list_demo_recharge_cards

MODE_COOKIE = "hall_mode"
THEME_COOKIE = "hall_theme"
PAGE_MODES = ("standard", "elder")
THEMES = ("auto", "light", "dark")
# Pages that the main navigation leads to (components/_nav.html).
NAV_PLACES = frozenset({"home", "packages:catalogue", "billing:top-up", "billing:bill", "packages:subscriptions"})


class HallContext(TypedDict):
    operator_name: str
    service_number: str
    demo_mode: bool
    demo_recharge_cards: Callable[[], list[DemoCard]]
    page_mode: str
    theme: str
    dark_media: str
    frame_key: str
    nav_place: str


# Which screens the dark colours are for; paper is always light.
_DARK_MEDIA = {"auto": "screen and (prefers-color-scheme: dark)", "light": "", "dark": "screen"}


def hall(request: HttpRequest) -> HallContext:
    """Context processor: the operator's name in the page's language, and how this person likes pages to look.

    `frame_key` says all that header and footer depend on: with the same key they are drawn once a process and kept.
    Cookies are the visitor's to write: anything but a known value counts as the default.
    """
    page_mode = request.COOKIES.get(MODE_COOKIE, "")
    theme = request.COOKIES.get(THEME_COOKIE, "")
    theme = theme if theme in THEMES else "auto"
    page_mode = page_mode if page_mode in PAGE_MODES else "standard"
    language = get_language() or settings.LANGUAGE_CODE
    operator_name = settings.OPERATOR_NAME if language.startswith("zh") else settings.OPERATOR_NAME_EN
    frame = (language, page_mode, theme, operator_name, settings.SERVICE_NUMBER, str(settings.DEMO_MODE))
    place = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "operator_name": operator_name,
        "service_number": settings.SERVICE_NUMBER,
        "demo_mode": settings.DEMO_MODE,
        "demo_recharge_cards": list_demo_recharge_cards,
        "page_mode": page_mode,
        "theme": theme,
        "dark_media": _DARK_MEDIA[theme],
        "frame_key": "|".join(frame),
        "nav_place": place if place in NAV_PLACES else "",
    }
