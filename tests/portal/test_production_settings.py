"""What production refuses to start with. The module is read anew for each environment."""

import importlib
import sys
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

SECRET = "k9-Vx2_" * 10
COMPLETE = {
    "HALL_SECRET_KEY": SECRET,
    "HALL_HOSTS": "hall.example.com",
    "HALL_PUBLIC_URL": "https://hall.example.com",
    "DATABASE_URL": "postgres://hall@db/hall",
    "REDIS_URL": "redis://cache:6379/0",
    "HALL_PAYMENT_SANDBOX_SECRET": SECRET,
    "HALL_VOUCHER_KEY": f"cards-{SECRET}",
}
MODULE = "portal.settings.production"


def read_settings(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> ModuleType:
    """Read the production settings in a complete environment with some changes; None leaves a variable out."""
    for name in ("HALL_DEMO", "HALL_PAYMENT_PROVIDER", "HALL_SMS_GATEWAY", "HALL_TRUSTED_PROXIES", *COMPLETE):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**COMPLETE, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    try:
        return importlib.import_module(MODULE)
    finally:
        sys.modules.pop(MODULE, None)


class TestProductionSettings:
    def test_take_a_complete_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = read_settings(monkeypatch)
        assert (settings.DEBUG, settings.DEMO_MODE) == (False, False)
        assert settings.ALLOWED_HOSTS == ["hall.example.com"]
        assert (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME) == ("__Host-sessionid", "__Host-csrftoken")
        assert (
            settings.SESSION_COOKIE_SECURE,
            settings.SESSION_COOKIE_HTTPONLY,
            settings.CSRF_COOKIE_SECURE,
            settings.CSRF_COOKIE_HTTPONLY,
            settings.LANGUAGE_COOKIE_SECURE,
            settings.SECURE_SSL_REDIRECT,
        ) == (True,) * 6

    @pytest.mark.parametrize("name", sorted(COMPLETE))
    def test_refuse_to_start_without_it(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=name):
            read_settings(monkeypatch, **{name: None})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("HALL_DEMO", "1"),
            ("HALL_SECRET_KEY", "short"),
            ("HALL_SECRET_KEY", "a" * 64),
            ("HALL_SECRET_KEY", f"django-insecure-{SECRET}"),
            ("HALL_HOSTS", "*"),
            ("HALL_HOSTS", ","),
            ("HALL_PUBLIC_URL", "http://hall.example.com"),
            ("HALL_PAYMENT_SANDBOX_SECRET", "too short"),
            ("HALL_PAYMENT_PROVIDER", "memory"),
            ("HALL_SMS_GATEWAY", "messaging.gateways.memory.MemoryGateway"),
        ],
    )
    def test_refuse_what_is_not_fit_for_it(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=name):
            read_settings(monkeypatch, **{name: value})

    @pytest.mark.parametrize("key", ["x" * 31, "x" * 64, SECRET])
    def test_refuse_a_voucher_key_that_is_short_simple_or_shared(
        self, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        with pytest.raises(ImproperlyConfigured, match="HALL_VOUCHER_KEY"):
            read_settings(monkeypatch, HALL_VOUCHER_KEY=key)
