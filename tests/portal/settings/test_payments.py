"""Settings are read once, at the start of a process: each case is a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "HALL_SECRET_KEY": "k3y-" * 20 + "abcdefgh",
    "HALL_HOSTS": "hall.example.com",
    "DATABASE_URL": "postgres://hall@db/hall",
    "REDIS_URL": "redis://cache:6379/0",
    "HALL_PUBLIC_URL": "https://hall.example.com",
}
ALIPAY = {
    "HALL_PAYMENT_PROVIDER": "alipay",
    "HALL_ALIPAY_APP_ID": "2021",
    "HALL_ALIPAY_SELLER_ID": "2088",
    "HALL_ALIPAY_APP_PRIVATE_KEY": "a",
    "HALL_ALIPAY_PUBLIC_KEY": "b",
}


def start(environment: dict[str, str], show: str) -> tuple[int, str]:
    """Start a process with these variables, and return its exit code and last line."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("HALL_", "DJANGO_"))}
    code = f"from django.conf import settings; print({show})"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**own, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, (ended.stdout or ended.stderr).strip().splitlines()[-1]


class TestSecrets:
    def test_are_all_that_is_needed(self) -> None:
        assert start({**PRODUCTION, **ALIPAY}, "settings.ALIPAY_PUBLIC_KEY") == (0, "b")

    @pytest.mark.parametrize("name", sorted(set(ALIPAY) - {"HALL_PAYMENT_PROVIDER"}))
    def test_keep_the_process_from_starting_when_one_is_missing(self, name: str) -> None:
        code, said = start({**PRODUCTION, **ALIPAY, name: ""}, "settings.DEBUG")
        assert code == 1
        assert f"{name} is not set." in said

    def test_may_stand_in_a_file(self, tmp_path: Path) -> None:
        key = tmp_path / "key.pem"
        key.write_text("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----\n")
        given = {**ALIPAY, "HALL_ALIPAY_PUBLIC_KEY": "", "HALL_ALIPAY_PUBLIC_KEY_FILE": str(key)}
        code, said = start({**PRODUCTION, **given}, "repr(settings.ALIPAY_PUBLIC_KEY)")
        assert (code, said) == (0, repr("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----"))

    def test_keep_the_process_from_starting_when_the_file_is_not_there(self, tmp_path: Path) -> None:
        given = {**ALIPAY, "HALL_ALIPAY_PUBLIC_KEY_FILE": str(tmp_path / "none.pem")}
        code, said = start({**PRODUCTION, **given}, "settings.DEBUG")
        assert (code, "cannot be read" in said) == (1, True)


class TestContentSecurityPolicy:
    @pytest.mark.parametrize(
        ("provider", "origins"),
        [
            ("sandbox", "[\"'self'\"]"),
            ("alipay", "[\"'self'\", 'https://*.alipay.com', 'https://*.alipaydev.com']"),
            ("wechatpay", "[\"'self'\", 'https://wx.tenpay.com']"),
        ],
    )
    def test_lets_forms_end_at_the_page_of_the_provider_in_use_only(self, provider: str, origins: str) -> None:
        given = {"DJANGO_SETTINGS_MODULE": "portal.settings.testing", "HALL_PAYMENT_PROVIDER": provider}
        shown = "list(map(str, settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']))"
        assert start(given, shown) == (0, origins)
