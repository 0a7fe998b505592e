import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from billing.checks import (
    check_bank,
    check_dunning,
    check_durable_commits,
    check_late_fees,
    check_payment_provider,
    check_vouchers,
)
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


class TestCheckVouchers:
    def test_is_content_with_a_key_and_issuers(self, settings: Settings) -> None:
        assert check_vouchers() == []
        settings.VOUCHER_ISSUERS = ["hefeng:17:18", "partner:12:16"]
        assert check_vouchers() == []

    @pytest.mark.parametrize("key", ["", "x" * 31])
    def test_refuses_to_start_without_a_key(self, settings: Settings, key: str) -> None:
        settings.VOUCHER_KEY = key
        with pytest.raises(SystemCheckError, match=r"(?s)billing\.E010.*HALL_VOUCHER_KEY"):
            call_command("check")

    @pytest.mark.parametrize(
        "issuers",
        [
            [],
            ["hefeng"],
            ["hefeng:17"],
            ["hefeng:17:15"],
            ["hefeng:17:33"],
            ["hefeng:11:18"],
            ["hefeng:33:18"],
            [":17:18"],
            ["hefeng:a:18"],
            ["hefeng:17:18", "hefeng:15:19"],
        ],
    )
    def test_refuses_issuers_whose_pins_are_short_or_not_said(self, settings: Settings, issuers: list[str]) -> None:
        settings.VOUCHER_ISSUERS = issuers
        assert [message.id for message in check_vouchers()] == ["billing.E011"]


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


class TestCheckLateFees:
    @pytest.mark.parametrize("rate", [0, 30])
    def test_is_content_up_to_what_the_law_allows(self, settings: Settings, rate: int) -> None:
        settings.LATE_FEE_PER_TEN_THOUSAND = rate
        assert check_late_fees() == []

    @pytest.mark.parametrize("rate", [-1, 31])
    def test_refuses_to_start_with_more(self, settings: Settings, rate: int) -> None:
        settings.LATE_FEE_PER_TEN_THOUSAND = rate
        with pytest.raises(SystemCheckError, match=r"(?s)billing\.E020.*HALL_LATE_FEE_PER_TEN_THOUSAND"):
            call_command("check")

    def test_refuses_bills_that_nobody_could_pay_in_time(self, settings: Settings) -> None:
        settings.LATE_FEE_AFTER_DAYS = 0
        assert [message.id for message in check_late_fees()] == ["billing.E021"]


class TestCheckBank:
    def test_is_content_with_the_sandbox_in_demo_mode_and_with_no_bank(self, settings: Settings) -> None:
        assert check_bank() == []
        settings.BANK, settings.DEMO_MODE = "", False
        assert check_bank() == []

    def test_refuses_a_bank_that_does_not_exist(self, settings: Settings) -> None:
        settings.BANK = "icbc"
        (message,) = check_bank()
        assert (message.id, "icbc" in str(message)) == ("billing.E030", True)

    def test_refuses_the_sandbox_outside_demo_mode(self, settings: Settings) -> None:
        settings.DEMO_MODE = False
        with pytest.raises(SystemCheckError, match=r"billing\.E031"):
            call_command("check")


class TestCheckDunning:
    def test_is_content_with_a_way_that_stops_before_the_release(self, settings: Settings) -> None:
        assert check_dunning() == []
        settings.DUNNING_DAYS = {**settings.DUNNING_DAYS, "RELEASE_WARNED": 0, "RELEASED": 0}
        assert check_dunning() == []

    @pytest.mark.parametrize(
        ("name", "changes"),
        [
            ("DUNNING_DAYS", {"ONE_WAY": 2}),
            ("DUNNING_DAYS", {"TWO_WAY": 0}),
            ("DUNNING_DAYS", {"RELEASED": 0}),
            ("DUNNING_GAP_DAYS", {"RELEASED": 0}),
        ],
    )
    def test_refuses_steps_out_of_their_order(self, settings: Settings, name: str, changes: dict[str, int]) -> None:
        setattr(settings, name, {**getattr(settings, name), **changes})
        assert [message.id for message in check_dunning()] == ["billing.E032"]
