"""In which windows pages are looked at."""

from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ViewportSize

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Look:
    """A screen and what its visitor prefers."""

    name: str
    screen: ViewportSize
    language: Literal["zh-hans", "en"]
    theme: Literal["light", "dark"] = "light"
    mode: Literal["standard", "elder"] = "standard"

    def open(self, browser: Browser, base_url: str, *, session: str = "", script: bool = True) -> BrowserContext:
        """Open a window.

        :param session: the cookie of somebody who is signed in, or "".
        """
        window = browser.new_context(
            base_url=base_url,
            locale="en-US" if self.language == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=self.screen,
            java_script_enabled=script,
            color_scheme=self.theme,
            reduced_motion="reduce",
            service_workers="block",  # what passes through one has no size on the wire
        )
        cookies: dict[str, str] = {
            "hall_mode": self.mode,
            "hall_theme": self.theme,
            settings.LANGUAGE_COOKIE_NAME: self.language,
        }
        if session:
            cookies[settings.SESSION_COOKIE_NAME] = session
        window.add_cookies([{"name": name, "value": value, "url": base_url} for name, value in cookies.items()])
        return window


LOOKS = (
    Look("phone-zh", PHONE, "zh-hans"),
    Look("phone-en", PHONE, "en"),
    Look("phone-zh-dark", PHONE, "zh-hans", theme="dark"),
    Look("phone-zh-elder", PHONE, "zh-hans", mode="elder"),
    Look("desk-zh", DESK, "zh-hans"),
    Look("desk-en", DESK, "en"),
    Look("desk-en-dark", DESK, "en", theme="dark"),
    Look("desk-zh-elder", DESK, "zh-hans", mode="elder"),
)
