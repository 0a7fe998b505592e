"""What the settings of texts take and refuse."""

import pytest

from tests.settings_process import PRODUCTION, read_settings

HTTP = {
    "HALL_SMS_GATEWAY": "http",
    "HALL_SMS_HTTP_URL": "https://texts.example.com/send",
    "HALL_SMS_HTTP_SECRET": "only-for-tests-1a2b3c4d",
}
SMPP = {
    "HALL_SMS_GATEWAY": "smpp",
    "HALL_SMPP_HOST": "smsc.example.com",
    "HALL_SMPP_SYSTEM_ID": "hall",
    "HALL_SMPP_PASSWORD": "only-for",
}


class TestGatewaysInProduction:
    @pytest.mark.parametrize("gateway", [HTTP, SMPP, {**HTTP, **SMPP, "HALL_SMS_GATEWAY": "smpp, http"}])
    def test_start_when_they_know_where_to_go(self, gateway: dict[str, str]) -> None:
        shown = "settings.SMS_GATEWAY"
        assert read_settings({**PRODUCTION, **gateway}, shown) == (0, gateway["HALL_SMS_GATEWAY"])

    @pytest.mark.parametrize(
        ("gateway", "name"),
        [
            (HTTP, "HALL_SMS_HTTP_URL"),
            (HTTP, "HALL_SMS_HTTP_SECRET"),
            (SMPP, "HALL_SMPP_HOST"),
            (SMPP, "HALL_SMPP_PASSWORD"),
        ],
    )
    def test_do_not_start_without(self, gateway: dict[str, str], name: str) -> None:
        code, said = read_settings({**PRODUCTION, **gateway, name: ""}, "settings.DEBUG")
        assert code == 1
        assert f"ImproperlyConfigured: {name} is not set" in said

    def test_send_codes_over_encrypted_connections_only(self) -> None:
        plain = {**HTTP, "HALL_SMS_HTTP_URL": "http://texts.example.com/send"}
        code, said = read_settings({**PRODUCTION, **plain}, "settings.DEBUG")
        assert code == 1
        assert "HALL_SMS_HTTP_URL does not begin with https://" in said


class TestRates:
    def test_are_parts_a_second_by_gateway(self) -> None:
        rates = {"HALL_SMS_RATES": "smpp=100, http=0.5"}
        assert read_settings({**PRODUCTION, **rates}, "settings.SMS_RATES") == (0, repr({"smpp": 100.0, "http": 0.5}))

    @pytest.mark.parametrize("rates", ["smpp", "smpp=fast", "=5", "smpp=0", "smpp=-1", "smpp=nan", "smpp=inf"])
    def test_refuse_what_is_none(self, rates: str) -> None:
        code, said = read_settings({**PRODUCTION, "HALL_SMS_RATES": rates}, "settings.DEBUG")
        assert code == 1
        assert "ImproperlyConfigured: HALL_SMS_RATES is not like" in said
