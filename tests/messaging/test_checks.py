import pytest
from pytest_django import Settings

from messaging.checks import check_gateway


class TestCheckGateway:
    def test_is_content_with_a_gateway(self) -> None:
        assert check_gateway() == []

    @pytest.mark.parametrize("path", ["messaging.gateways.stub.Nothing", "no.such.module", "", " , ", "pigeon"])
    def test_reports_a_path_that_leads_nowhere(self, settings: Settings, path: str) -> None:
        settings.SMS_GATEWAY = path
        assert [error.id for error in check_gateway()] == ["messaging.E001"]

    def test_reports_what_is_no_gateway(self, settings: Settings) -> None:
        settings.SMS_GATEWAY = "kernel.breaker.Breaker"
        assert [error.id for error in check_gateway()] == ["messaging.E002"]

    def test_reports_a_lease_that_ends_while_a_batch_is_still_being_sent(self, settings: Settings) -> None:
        settings.SMS_LEASE_SECONDS, settings.SMS_SEND_TIMEOUT = 20, 10.0
        assert [error.id for error in check_gateway()] == ["messaging.E003"]

    @pytest.mark.parametrize(("gateway", "missing"), [("http", 2), ("smpp", 3), ("stub, smpp", 3), ("memory", 0)])
    def test_reports_what_a_gateway_lacks(self, settings: Settings, gateway: str, missing: int) -> None:
        settings.SMS_GATEWAY = gateway
        assert [error.id for error in check_gateway()] == ["messaging.E004"] * missing
