import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from billing.checks import check_durable_commits, check_payment_provider
from tests.cashiers.alipay import FakeAlipay
from tests.cashiers.wechatpay import FakeWechatpay


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

    @pytest.mark.parametrize("fake", [FakeAlipay, FakeWechatpay])
    def test_is_content_with_a_provider_that_has_its_keys(
        self, settings: Settings, fake: type[FakeAlipay | FakeWechatpay]
    ) -> None:
        given = self.give(settings, fake)
        assert check_payment_provider() == []
        needed = settings.PAYMENT_NEEDED_SETTINGS[settings.PAYMENT_PROVIDER]
        assert set(needed) <= set(given)
        for name in needed:
            setattr(settings, name, "")
            (message,) = check_payment_provider()
            assert (message.id, name in str(message)) == ("billing.E002", True)
            setattr(settings, name, given[name])

    @pytest.mark.parametrize(
        ("fake", "name"),
        [
            (FakeAlipay, "ALIPAY_APP_PRIVATE_KEY"),
            (FakeAlipay, "ALIPAY_PUBLIC_KEY"),
            (FakeWechatpay, "WECHATPAY_PRIVATE_KEY"),
            (FakeWechatpay, "WECHATPAY_PUBLIC_KEY"),
            (FakeWechatpay, "WECHATPAY_API_KEY"),
        ],
    )
    def test_refuses_a_key_that_is_none(
        self, settings: Settings, fake: type[FakeAlipay | FakeWechatpay], name: str
    ) -> None:
        self.give(settings, fake)
        setattr(settings, name, "bm90IGEga2V5")
        (message,) = check_payment_provider()
        assert (message.id, name in str(message)) == ("billing.E004", True)

    @pytest.mark.parametrize("fake", [FakeAlipay, FakeWechatpay])
    def test_takes_keys_without_their_frame(self, settings: Settings, fake: type[FakeAlipay | FakeWechatpay]) -> None:
        given = self.give(settings, fake)
        keys = [name for name, value in given.items() if "-----BEGIN" in value]
        assert len(keys) == 2
        for name in keys:
            setattr(settings, name, "".join(given[name].strip().splitlines()[1:-1]))
        assert check_payment_provider() == []

    def give(self, settings: Settings, fake: type[FakeAlipay | FakeWechatpay]) -> dict[str, str]:
        cashier = fake()
        cashier.close()
        given = cashier.settings()
        for name, value in given.items():
            setattr(settings, name, value)
        return given

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
