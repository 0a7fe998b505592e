from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from billing.gateways.base import Payment, PaymentOutcome, ProviderUnavailable
from billing.gateways.memory import MemoryProvider
from billing.gateways.registry import get_provider
from billing.models import TopUp
from billing.operations.expire_top_ups import ask_provider_now, expire_top_ups
from billing.operations.top_ups import confirm_top_up
from kernel.errors import NotFound
from tests.factories.billing import EXPIRES, NOW, PAYER, make_line, make_top_up, wallet_of

pytestmark = pytest.mark.django_db

EXPIRED = NOW + timedelta(hours=2)


@pytest.fixture
def provider(settings: Settings) -> Iterator[MemoryProvider]:
    settings.PAYMENT_PROVIDER = "memory"
    provider = get_provider("memory")
    assert isinstance(provider, MemoryProvider)
    yield provider
    provider.payments.clear()
    provider.silent = False


def make_opened(provider: MemoryProvider) -> TopUp:
    """Start a top-up and open its payment at the provider."""
    top_up = make_top_up(make_line(), provider="memory")
    provider.create_payment(
        payment_number=top_up.payment_number,
        amount_fen=top_up.amount_fen,
        title="",
        return_path="/",
        payer=PAYER,
        expires_at=EXPIRES,
        now=NOW,
    )
    return top_up


def states() -> list[tuple[str, str, int, datetime | None]]:
    return list(TopUp.objects.order_by("requested_at", "id").values_list("state", "failure", "asks", "ask_at"))


class TestExpireTopUps:
    def test_leaves_top_ups_their_time(self, provider: MemoryProvider) -> None:
        make_opened(provider)
        assert expire_top_ups(now=EXPIRED - timedelta(seconds=1)) == 0
        assert states() == [("PENDING", "", 0, EXPIRED)]

    def test_gives_up_what_was_not_paid(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        assert expire_top_ups(now=EXPIRED) == 1
        assert states()[0][:2] == ("FAILED", "NOT_PAID_IN_TIME")
        assert wallet_of(top_up.account_id) == (0, 0, 0)
        assert expire_top_ups(now=EXPIRED + timedelta(days=9)) == 0

    def test_credits_what_was_paid_without_our_hearing_of_it(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        provider.decide(top_up.payment_number, outcome=PaymentOutcome.PAID, paid_fen=50_00)
        expire_top_ups(now=EXPIRED)
        assert states()[0][0] == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    def test_asks_again_after_five_minutes_an_hour_and_a_day_then_leaves_it_to_staff(
        self, provider: MemoryProvider
    ) -> None:
        make_opened(provider)
        provider.silent = True
        asked_at = EXPIRED
        for asks, pause in enumerate((300, 3600, 86_400), start=1):
            assert expire_top_ups(now=asked_at - timedelta(seconds=1)) == 0
            assert expire_top_ups(now=asked_at) == 1
            asked_at += timedelta(seconds=pause)
            assert states() == [("UNKNOWN", "", asks, asked_at)]
        assert expire_top_ups(now=asked_at) == 1
        assert expire_top_ups(now=asked_at + timedelta(days=99)) == 0
        assert states() == [("UNKNOWN", "", 4, None)]

    def test_leaves_one_that_is_credited_while_its_provider_is_asked_and_falls_silent(
        self, provider: MemoryProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        top_up = make_opened(provider)

        def tell_and_fall_silent(*, payment_number: str) -> Payment:
            confirm_top_up(
                account_id=top_up.account_id,
                top_up_id=top_up.id,
                paid_fen=50_00,
                provider_payment_number=f"M{payment_number}",
                now=EXPIRED,
            )
            raise ProviderUnavailable

        monkeypatch.setattr(provider, "query_payment", tell_and_fall_silent)
        assert expire_top_ups(now=EXPIRED) == 1
        assert states()[0][0] == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    @pytest.mark.parametrize("silences", [1, 2, 3])
    def test_credits_once_it_is_told(self, provider: MemoryProvider, silences: int) -> None:
        top_up = make_opened(provider)
        provider.decide(top_up.payment_number, outcome=PaymentOutcome.PAID, paid_fen=50_00)
        provider.silent = True
        asked_at = EXPIRED
        for _silence, pause in zip(range(silences), (300, 3600, 86_400), strict=False):
            expire_top_ups(now=asked_at)
            asked_at += timedelta(seconds=pause)
        assert wallet_of(top_up.account_id) == (0, 0, 0)
        provider.silent = False
        assert [expire_top_ups(now=asked_at), expire_top_ups(now=asked_at + timedelta(days=2))] == [1, 0]
        assert states()[0][0] == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    def test_leaves_one_whose_last_question_a_dying_worker_took_with_it_to_staff(
        self, provider: MemoryProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_opened(provider)
        TopUp.objects.update(asks=3)

        class Killed(BaseException):
            """The process ends here."""

        def killed(**_question: object) -> None:
            raise Killed

        monkeypatch.setattr(provider, "query_payment", killed)
        with pytest.raises(Killed):
            expire_top_ups(now=EXPIRED)
        assert states() == [("UNKNOWN", "", 4, None)]

    def test_does_not_guess_about_money_that_was_given_back_over_there(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        provider.decide(top_up.payment_number, outcome=PaymentOutcome.GIVEN_BACK)
        expire_top_ups(now=EXPIRED)
        assert states()[0][0] == "UNKNOWN"
        assert wallet_of(top_up.account_id) == (0, 0, 0)

    def test_leaves_one_whose_amount_does_not_fit_to_staff_and_goes_on_with_the_others(
        self, provider: MemoryProvider
    ) -> None:
        odd, other = make_opened(provider), make_opened(provider)
        provider.decide(odd.payment_number, outcome=PaymentOutcome.PAID, paid_fen=1)
        provider.decide(other.payment_number, outcome=PaymentOutcome.PAID, paid_fen=50_00)
        assert expire_top_ups(now=EXPIRED) == 2
        assert TopUp.objects.get(id=odd.id).state == "UNKNOWN"
        assert TopUp.objects.get(id=other.id).state == "SUCCEEDED"
        assert (wallet_of(odd.account_id), wallet_of(other.account_id)) == ((0, 0, 0), (50_00, 0, 1))

    def test_calls_one_of_a_provider_that_is_gone_unknown(self, provider: MemoryProvider) -> None:
        make_top_up(make_line(), provider="alipay")
        assert expire_top_ups(now=EXPIRED) == 1
        assert states()[0][0] == "UNKNOWN"

    def test_takes_no_more_than_asked(self, provider: MemoryProvider) -> None:
        for _number in range(3):
            make_opened(provider)
        assert [expire_top_ups(now=EXPIRED, limit=2) for _sweep in range(3)] == [2, 1, 0]


class TestAskProviderNow:
    def ask(self, top_up: TopUp, *, now: datetime = NOW) -> str:
        return ask_provider_now(account_id=top_up.account_id, top_up_id=top_up.id, now=now).state

    def test_settles_what_was_paid(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        provider.decide(top_up.payment_number, outcome=PaymentOutcome.PAID, paid_fen=50_00)
        TopUp.objects.update(state="UNKNOWN", asks=4, ask_at=None)
        assert self.ask(top_up) == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    def test_calls_it_unknown_without_an_answer(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        provider.silent = True
        assert self.ask(top_up) == "UNKNOWN"

    def test_leaves_what_can_still_be_paid_its_time(self, provider: MemoryProvider) -> None:
        never_opened, opened = make_top_up(make_line(), provider="memory"), make_opened(provider)
        assert [self.ask(never_opened), self.ask(opened)] == ["PENDING", "PENDING"]
        assert [self.ask(never_opened, now=EXPIRED), self.ask(opened, now=EXPIRED)] == ["FAILED", "FAILED"]

    def test_believes_a_refusal_at_once(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        provider.decide(top_up.payment_number, outcome=PaymentOutcome.REFUSED)
        assert self.ask(top_up) == "FAILED"

    def test_asks_nothing_about_what_is_finished(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        TopUp.objects.update(state="FAILED")
        provider.silent = True
        assert self.ask(top_up) == "FAILED"

    def test_knows_no_top_up_of_another_account(self, provider: MemoryProvider) -> None:
        top_up = make_opened(provider)
        with pytest.raises(NotFound):
            ask_provider_now(account_id=make_line().account_id, top_up_id=top_up.id, now=NOW)
