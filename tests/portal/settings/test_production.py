"""What production refuses to start with."""

import pytest

from tests.settings_process import PRODUCTION, read_settings

SECRET = PRODUCTION["HALL_SECRET_KEY"]


def refusal(**changes: str) -> str:
    """Return what a start in a complete environment with some changes ends with; empty leaves a variable out."""
    code, said = read_settings({**PRODUCTION, **changes}, "settings.DEBUG")
    assert code == 1
    return said


class TestProductionSettings:
    def test_take_a_complete_environment(self) -> None:
        shown = (
            "(settings.DEBUG, settings.DEMO_MODE, settings.ALLOWED_HOSTS, settings.SESSION_COOKIE_NAME,"
            " settings.CSRF_COOKIE_NAME)"
        )
        expected = (False, False, ["hall.example.com"], "__Host-sessionid", "__Host-csrftoken")
        assert read_settings(PRODUCTION, shown) == (0, repr(expected))

    def test_keep_cookies_to_encrypted_connections_and_from_scripts(self) -> None:
        names = (
            *("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY"),
            *("LANGUAGE_COOKIE_SECURE", "SECURE_SSL_REDIRECT"),
        )
        shown = f"[getattr(settings, name) for name in {names}]"
        assert read_settings(PRODUCTION, shown) == (0, repr([True] * 6))

    @pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"DJANGO_SETTINGS_MODULE"}))
    def test_refuse_to_start_without_it(self, name: str) -> None:
        assert f"ImproperlyConfigured: {name} is " in refusal(**{name: ""})

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
            ("HALL_BANK", "sandbox"),
            ("HALL_SMS_GATEWAY", "messaging.gateways.memory.MemoryGateway"),
        ],
    )
    def test_refuse_what_is_not_fit_for_it(self, name: str, value: str) -> None:
        assert f"ImproperlyConfigured: {name} " in refusal(**{name: value})

    @pytest.mark.parametrize("key", ["x" * 31, "x" * 64, SECRET])
    def test_refuse_a_voucher_key_that_is_short_simple_or_shared(self, key: str) -> None:
        assert "ImproperlyConfigured: HALL_VOUCHER_KEY is too weak" in refusal(HALL_VOUCHER_KEY=key)

    @pytest.mark.parametrize(
        "changes",
        [
            {"HALL_DOCUMENT_KEYS": "x" * 31},
            {"HALL_DOCUMENT_KEYS": f"{'z' * 64}"},
            {"HALL_DOCUMENT_KEYS": f"{PRODUCTION['HALL_DOCUMENT_KEYS']},short"},
            {"HALL_DOCUMENT_KEYS": SECRET},
            {"HALL_DOCUMENT_HASH_KEY": PRODUCTION["HALL_DOCUMENT_KEYS"]},
            {"HALL_DOCUMENT_HASH_KEY": "short"},
        ],
    )
    def test_refuse_document_keys_that_are_short_simple_or_shared(self, changes: dict[str, str]) -> None:
        assert "ImproperlyConfigured: HALL_DOCUMENT_KEYS or HALL_DOCUMENT_HASH_KEY is too weak" in refusal(**changes)
