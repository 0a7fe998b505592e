"""Which secrets the payment providers need before a process starts."""

from pathlib import Path

import pytest

from tests.settings_process import PRODUCTION, read_settings

ALIPAY = {
    "HALL_PAYMENT_PROVIDER": "alipay",
    "HALL_ALIPAY_APP_ID": "2021",
    "HALL_ALIPAY_SELLER_ID": "2088",
    "HALL_ALIPAY_APP_PRIVATE_KEY": "a",
    "HALL_ALIPAY_PUBLIC_KEY": "b",
}


class TestSecrets:
    def test_are_all_that_is_needed(self) -> None:
        assert read_settings({**PRODUCTION, **ALIPAY}, "settings.ALIPAY_PUBLIC_KEY") == (0, "b")

    @pytest.mark.parametrize("name", sorted(set(ALIPAY) - {"HALL_PAYMENT_PROVIDER"}))
    def test_keep_the_process_from_starting_when_one_is_missing(self, name: str) -> None:
        code, said = read_settings({**PRODUCTION, **ALIPAY, name: ""}, "settings.DEBUG")
        assert code == 1
        assert f"{name} is not set." in said

    def test_may_stand_in_a_file(self, tmp_path: Path) -> None:
        key = tmp_path / "key.pem"
        key.write_text("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----\n")
        given = {**ALIPAY, "HALL_ALIPAY_PUBLIC_KEY": "", "HALL_ALIPAY_PUBLIC_KEY_FILE": str(key)}
        code, said = read_settings({**PRODUCTION, **given}, "repr(settings.ALIPAY_PUBLIC_KEY)")
        assert (code, said) == (0, repr("-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----"))

    def test_keep_the_process_from_starting_when_the_file_is_not_there(self, tmp_path: Path) -> None:
        given = {**ALIPAY, "HALL_ALIPAY_PUBLIC_KEY_FILE": str(tmp_path / "none.pem")}
        code, said = read_settings({**PRODUCTION, **given}, "settings.DEBUG")
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
        assert read_settings(given, shown) == (0, origins)
