"""What every payment provider must do. A new one is done when these pass with a bench of its own."""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest

from billing.gateways.base import (
    NoticeSignatureWrong,
    Payment,
    PaymentOutcome,
    PaymentProvider,
)
from billing.gateways.memory import MemoryProvider
from billing.gateways.registry import PROVIDERS
from billing.gateways.sandbox import SandboxProvider, payment_of, signed_notice
from billing.operations.sandbox_cashier import decide_sandbox_payment
from billing.queries.sandbox_payments import get_sandbox_payment
from tests.factories.billing import NOW

pytestmark = pytest.mark.django_db

NUMBER = "20261122aaaaaaaaaaaaaaaaaaaaaaaa"
Notice = tuple[bytes, dict[str, str]]


class Bench(ABC):
    """The provider's other side, as a test works it."""

    provider: PaymentProvider

    @abstractmethod
    def decide(self, *, paid: bool) -> None: ...

    @abstractmethod
    def notice(self) -> Notice: ...


class SandboxBench(Bench):
    def __init__(self) -> None:
        self.provider = SandboxProvider()

    def decide(self, *, paid: bool) -> None:
        decide_sandbox_payment(payment_number=NUMBER, paid=paid, now=NOW)

    def notice(self) -> Notice:
        return signed_notice(payment_of(get_sandbox_payment(NUMBER)), now=NOW)


class MemoryBench(Bench):
    def __init__(self) -> None:
        self.memory = self.provider = MemoryProvider()

    def decide(self, *, paid: bool) -> None:
        if paid:
            self.memory.decide(NUMBER, outcome=PaymentOutcome.PAID, paid_fen=50_00)
        else:
            self.memory.decide(NUMBER, outcome=PaymentOutcome.REFUSED)

    def notice(self) -> Notice:
        return self.memory.notice(NUMBER, now=NOW)


BENCHES: dict[str, type[Bench]] = {"sandbox": SandboxBench, "memory": MemoryBench}


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest) -> Bench:
    return BENCHES[request.param]()


def create(bench: Bench, **changes: Any) -> str:
    arguments: dict[str, Any] = {
        "payment_number": NUMBER,
        "amount_fen": 50_00,
        "title": "充值",
        "return_path": "/top-up/x/",
        "now": NOW,
    }
    return bench.provider.create_payment(**{**arguments, **changes})


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
        assert create(bench).startswith("/")
        payment = bench.provider.query_payment(payment_number=NUMBER)
        assert (payment.outcome, payment.paid_fen) == (PaymentOutcome.OPEN, 0)

    def test_takes_the_same_payment_again_without_harm(self, bench: Bench) -> None:
        first = create(bench)
        bench.decide(paid=True)
        before = bench.provider.query_payment(payment_number=NUMBER)
        assert create(bench, now=NOW + timedelta(minutes=5)) == first
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
            outcome, paid_fen, "CNY", "online-business-hall",
        )  # fmt: skip
        assert told.signed_at == NOW
        assert asked.provider_payment_number

    def test_calls_a_payment_it_never_heard_of_refused(self, bench: Bench) -> None:
        assert bench.provider.query_payment(payment_number="never") == Payment(
            "never", "", PaymentOutcome.REFUSED, 0, "CNY", "online-business-hall"
        )

    def test_refuses_a_notice_that_is_not_signed(self, bench: Bench) -> None:
        create(bench)
        bench.decide(paid=True)
        with pytest.raises(NoticeSignatureWrong):
            bench.provider.read_notice(body=bench.notice()[0], headers={})
