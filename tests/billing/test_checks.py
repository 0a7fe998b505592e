import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from billing.checks import check_durable_commits, check_payment_provider


class TestCheckPaymentProvider:
    def test_is_content_with_the_sandbox_and_its_secret(self) -> None:
        assert check_payment_provider() == []

    @pytest.mark.parametrize("secret", ["", "x" * 31])
    def test_refuses_the_sandbox_without_a_secret(self, settings: Settings, secret: str) -> None:
        settings.PAYMENT_SANDBOX_SECRET = secret
        with pytest.raises(SystemCheckError, match=r"(?s)billing\.E002.*HALL_PAYMENT_SANDBOX_SECRET"):
            call_command("check")

    def test_needs_no_such_secret_with_another_provider(self, settings: Settings) -> None:
        settings.PAYMENT_SANDBOX_SECRET = ""
        settings.PAYMENT_PROVIDER = "memory"
        assert check_payment_provider() == []

    def test_refuses_a_provider_that_does_not_exist(self, settings: Settings) -> None:
        settings.PAYMENT_PROVIDER = "paypal"
        assert [message.id for message in check_payment_provider()] == ["billing.E001"]


@pytest.mark.django_db
class TestCheckDurableCommits:
    def test_is_content_with_commits_on_disk(self) -> None:
        assert check_durable_commits(databases=["default"]) == []

    def test_refuses_commits_that_are_not(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        assert [message.id for message in check_durable_commits(databases=["default"])] == ["billing.E003"]

    def test_asks_no_database_unless_told_to(self) -> None:
        assert check_durable_commits(databases=None) == []
