"""What every payment provider must do. A new one is done when these pass with a bench of its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from pytest_django import Settings

from billing.gateways.alipay import AlipayProvider
from billing.gateways.base import (
    Movement,
    NoticeSignatureWrong,
    Payer,
    Payment,
    PaymentOutcome,
    PaymentProvider,
    ProviderRefund,
    RefundOutcome,
    StatementLine,
    StatementUnreadable,
)
from billing.gateways.memory import MemoryProvider
from billing.gateways.registry import PROVIDERS
from billing.gateways.sandbox import SandboxProvider, payment_of, signed_notice
from billing.gateways.wechatpay import WechatpayProvider
from billing.operations.sandbox_cashier import decide_sandbox_payment
from billing.queries.sandbox_payments import get_sandbox_payment
from tests.billing.gateways import statements
from tests.cashiers.alipay import FakeAlipay
from tests.cashiers.wechatpay import FakeWechatpay
from tests.factories.billing import NOW

pytestmark = pytest.mark.django_db

NUMBER = "20261122aaaaaaaaaaaaaaaaaaaaaaaa"
Notice = tuple[bytes, dict[str, str]]


class Bench(ABC):
    """The provider's other side, as a test works it."""

    provider: PaymentProvider
    # Where the page is on which it is paid.
    page: str = "/"

    def __init__(self, settings: Settings) -> None:
        raise NotImplementedError

    def open_page(self, url: str) -> None:  # noqa: B027 (most providers do nothing)
        """What the provider does when the customer's browser comes."""

    def unsigned_notice(self) -> Notice:
        """The same notice without its signature."""
        return self.notice()[0], {}

    def close(self) -> None:  # noqa: B027 (most benches start nothing)
        """End what the bench has started."""

    @abstractmethod
    def decide(self, *, paid: bool) -> None: ...

    @abstractmethod
    def notice(self) -> Notice: ...


class SandboxBench(Bench):
    def __init__(self, settings: Settings) -> None:
        self.provider = SandboxProvider()

    def decide(self, *, paid: bool) -> None:
        decide_sandbox_payment(payment_number=NUMBER, paid=paid, now=NOW)

    def notice(self) -> Notice:
        return signed_notice(payment_of(get_sandbox_payment(NUMBER)), now=NOW)


class MemoryBench(Bench):
    def __init__(self, settings: Settings) -> None:
        self.memory = self.provider = MemoryProvider()

    def decide(self, *, paid: bool) -> None:
        if paid:
            self.memory.decide(NUMBER, outcome=PaymentOutcome.PAID, paid_fen=50_00, paid_at=NOW)
        else:
            self.memory.decide(NUMBER, outcome=PaymentOutcome.REFUSED)

    def notice(self) -> Notice:
        return self.memory.notice(NUMBER, now=NOW)


class AlipayBench(Bench):
    def __init__(self, settings: Settings) -> None:
        self.cashier = FakeAlipay()
        self.page = f"{self.cashier.gateway}?"
        for name, value in self.cashier.settings().items():
            setattr(settings, name, value)
        self.provider = AlipayProvider()

    def open_page(self, url: str) -> None:
        self.cashier.visit(url)

    def decide(self, *, paid: bool) -> None:
        self.cashier.decide(NUMBER, paid=paid, now=NOW)

    def notice(self) -> Notice:
        return self.cashier.notice(NUMBER, now=NOW)

    def unsigned_notice(self) -> Notice:
        body, headers = self.notice()
        return body.partition(b"&sign=")[0], headers

    def close(self) -> None:
        self.cashier.close()


class WechatpayBench(Bench):
    page = "https://wx.tenpay.com/"

    def __init__(self, settings: Settings) -> None:
        self.cashier = FakeWechatpay()
        for name, value in self.cashier.settings().items():
            setattr(settings, name, value)
        self.provider = WechatpayProvider()

    def decide(self, *, paid: bool) -> None:
        self.cashier.decide(NUMBER, paid=paid, now=NOW)

    def notice(self) -> Notice:
        return self.cashier.notice(NUMBER, now=NOW)

    def close(self) -> None:
        self.cashier.close()


BENCHES: dict[str, type[Bench]] = {
    "sandbox": SandboxBench,
    "memory": MemoryBench,
    "alipay": AlipayBench,
    "wechatpay": WechatpayBench,
}


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Bench]:
    bench = BENCHES[request.param](settings)
    yield bench
    bench.close()


def create(bench: Bench, **changes: Any) -> str:
    arguments: dict[str, Any] = {
        "payment_number": NUMBER,
        "amount_fen": 50_00,
        "title": "充值",
        "return_path": "/top-up/x/",
        "payer": Payer("203.0.113.7", on_handset=True),
        "expires_at": NOW + timedelta(hours=2),
        "now": NOW,
    }
    url = bench.provider.create_payment(**{**arguments, **changes})
    bench.open_page(url)
    return url


def refund(bench: Bench, *, key: str = "R1", amount_fen: int = 20_00) -> ProviderRefund:
    return bench.provider.refund_payment(
        refund_number=key, payment_number=NUMBER, paid_fen=50_00, amount_fen=amount_fen, reason="重复充值", now=NOW
    )


def headers_of(notice: Notice) -> Any:
    """Return headers as a door hands them on."""
    request = HttpRequest()
    request.META.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in notice[1].items()})
    return request.headers


class TestEveryProvider:
    def test_has_a_bench_here(self) -> None:
        assert set(PROVIDERS) == set(BENCHES)

    def test_is_known_by_its_name(self, bench: Bench) -> None:
        assert PROVIDERS[bench.provider.name] is type(bench.provider)

    def test_leads_to_where_a_payment_is_made_and_keeps_it_open(self, bench: Bench) -> None:
        assert create(bench).startswith(bench.page)
        payment = bench.provider.query_payment(payment_number=NUMBER)
        assert (payment.outcome, payment.paid_fen) == (PaymentOutcome.OPEN, 0)

    def test_takes_the_same_payment_again_without_harm(self, bench: Bench) -> None:
        first = create(bench)
        bench.decide(paid=True)
        before = bench.provider.query_payment(payment_number=NUMBER)
        assert create(bench, now=NOW + timedelta(minutes=5)).partition("?")[0] == first.partition("?")[0]
        assert bench.provider.query_payment(payment_number=NUMBER) == before

    @pytest.mark.parametrize(("paid", "outcome", "paid_fen"), [(True, "PAID", 50_00), (False, "REFUSED", 0)])
    def test_tells_and_answers_the_same(self, bench: Bench, paid: bool, outcome: str, paid_fen: int) -> None:
        create(bench)
        bench.decide(paid=paid)
        asked = bench.provider.query_payment(payment_number=NUMBER)
        notice = bench.notice()
        told = bench.provider.read_notice(body=notice[0], headers=headers_of(notice))
        assert told.payment == asked
        assert (asked.outcome, asked.paid_fen, asked.currency, asked.merchant) == (
            outcome, paid_fen, "CNY", bench.provider.merchant,
        )  # fmt: skip
        assert told.signed_at == NOW
        assert asked.paid_at == (NOW if paid else None)
        assert bool(asked.provider_payment_number) is (paid or not isinstance(bench, WechatpayBench))

    def test_calls_a_payment_it_never_heard_of_refused(self, bench: Bench) -> None:
        assert bench.provider.query_payment(payment_number="never") == Payment(
            "never", "", PaymentOutcome.REFUSED, 0, "CNY", bench.provider.merchant
        )

    def test_refuses_a_notice_that_is_not_signed(self, bench: Bench) -> None:
        create(bench)
        bench.decide(paid=True)
        with pytest.raises(NoticeSignatureWrong):
            bench.provider.read_notice(body=bench.unsigned_notice()[0], headers=headers_of(bench.unsigned_notice()))

    def test_gives_money_back_in_parts_up_to_what_was_paid(self, bench: Bench) -> None:
        create(bench)
        bench.decide(paid=True)
        first, second = refund(bench, key="R1", amount_fen=20_00), refund(bench, key="R2", amount_fen=30_00)
        assert (first.outcome, second.outcome) == (RefundOutcome.DONE, RefundOutcome.DONE)
        assert first.provider_refund_number
        assert first.refunded_at is not None
        assert refund(bench, key="R3", amount_fen=1) == ProviderRefund(RefundOutcome.REFUSED)

    def test_gives_money_back_once_per_refund_number(self, bench: Bench) -> None:
        create(bench)
        bench.decide(paid=True)
        assert [refund(bench, key="R1", amount_fen=30_00).outcome for _time in range(3)] == [RefundOutcome.DONE] * 3
        assert refund(bench, key="R2", amount_fen=20_00).outcome is RefundOutcome.DONE

    def test_gives_nothing_back_of_what_it_never_heard_of(self, bench: Bench) -> None:
        assert refund(bench) == ProviderRefund(RefundOutcome.REFUSED)

    def test_reads_its_file_of_a_day(self, bench: Bench) -> None:
        content = statements.BY_PROVIDER[bench.provider.name]
        assert bench.provider.read_statement(content=content) == [
            StatementLine(Movement.PAYMENT, "P1", "T1", 50_00),
            StatementLine(Movement.PAYMENT, "P2", "T2", 1234_56),
            StatementLine(Movement.REFUND, "R1", statements.REFUND_NUMBER[bench.provider.name], 20_00),
        ]

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"<html>", b"a,b\r\n1,2\r\n", "编号\n".encode("gbk")])
    def test_refuses_a_file_that_is_none(self, bench: Bench, content: bytes) -> None:
        with pytest.raises(StatementUnreadable):
            bench.provider.read_statement(content=content)

    def test_refuses_a_file_of_another_merchant(self, bench: Bench) -> None:
        name = bench.provider.name
        content = statements.BY_PROVIDER[name].replace(*statements.OTHER_MERCHANT[name])
        with pytest.raises(StatementUnreadable):
            bench.provider.read_statement(content=content)
