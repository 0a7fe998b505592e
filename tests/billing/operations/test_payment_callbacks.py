from datetime import timedelta
from typing import Any

import pytest

from billing.gateways.base import (
    NoticeSignatureWrong,
    NoticeUnreadable,
    Payment,
    PaymentOutcome,
)
from billing.gateways.sandbox import SIGNATURE_HEADER, signed, signed_notice
from billing.models import TopUp, TopUpFailure
from billing.operations.payment_callbacks import (
    CurrencyDiffers,
    MerchantDiffers,
    NoticeNotRecent,
    PaymentUndecided,
    PaymentUnknown,
    accept_payment_notice,
)
from billing.operations.top_ups import PaidAmountDiffers, PaidTwice, fail_top_up
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from tests.factories.billing import NOW, entries_of, make_line, make_top_up, wallet_of

pytestmark = pytest.mark.django_db


def payment_for(top_up: TopUp, **changes: Any) -> Payment:
    fields: dict[str, Any] = {
        "payment_number": top_up.payment_number,
        "provider_payment_number": "SB1",
        "outcome": PaymentOutcome.PAID,
        "paid_fen": top_up.amount_fen,
        "currency": "CNY",
        "merchant": "online-business-hall",
    }
    return Payment(**{**fields, **changes})


def accept(notice: tuple[bytes, dict[str, str]], *, provider: str = "sandbox") -> TopUp:
    return accept_payment_notice(provider=provider, body=notice[0], headers=notice[1], now=NOW)


@pytest.fixture
def top_up() -> TopUp:
    return make_top_up(make_line())


class TestAcceptPaymentNotice:
    def test_credits_what_was_paid(self, top_up: TopUp) -> None:
        accepted = accept(signed_notice(payment_for(top_up), now=NOW))
        assert (accepted.state, accepted.provider_payment_number) == ("SUCCEEDED", "SB1")
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)
        assert Sms.objects.count() == 1

    def test_keeps_the_instant_of_payment_that_was_told_first(self, top_up: TopUp) -> None:
        for minutes in (3, 2, 4):
            paid_at = NOW - timedelta(minutes=minutes)
            accept(signed_notice(payment_for(top_up, paid_at=paid_at), now=NOW))
        assert TopUp.objects.get().paid_at == NOW - timedelta(minutes=3)

    def test_changes_nothing_when_replayed(self, top_up: TopUp) -> None:
        notice = signed_notice(payment_for(top_up), now=NOW)
        states = [accept(notice).state for _replay in range(10)]
        assert states == ["SUCCEEDED"] * 10
        assert (wallet_of(top_up.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    def test_gives_up_what_was_refused(self, top_up: TopUp) -> None:
        accepted = accept(signed_notice(payment_for(top_up, outcome=PaymentOutcome.REFUSED, paid_fen=0), now=NOW))
        assert (accepted.state, accepted.failure) == ("FAILED", "REFUSED")
        self.assert_nothing_moved(top_up, state="FAILED")

    def test_credits_what_is_paid_after_it_was_given_up(self, top_up: TopUp) -> None:
        fail_top_up(account_id=top_up.account_id, top_up_id=top_up.id, failure=TopUpFailure.NOT_PAID_IN_TIME, now=NOW)
        assert accept(signed_notice(payment_for(top_up), now=NOW)).state == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    def test_leaves_money_that_was_credited_when_a_refusal_comes_late(self, top_up: TopUp) -> None:
        accept(signed_notice(payment_for(top_up), now=NOW))
        refusal = payment_for(top_up, outcome=PaymentOutcome.REFUSED, paid_fen=0)
        assert accept(signed_notice(refusal, now=NOW)).state == "SUCCEEDED"
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"paid_fen": 49_99}, PaidAmountDiffers),
            ({"paid_fen": 50_01}, PaidAmountDiffers),
            ({"paid_fen": 0}, PaidAmountDiffers),
            ({"paid_fen": -50_00}, PaidAmountDiffers),
            ({"paid_fen": 2**63}, PaidAmountDiffers),
            ({"currency": "USD"}, CurrencyDiffers),
            ({"currency": "cny"}, CurrencyDiffers),
            ({"merchant": "somebody-else"}, MerchantDiffers),
            ({"merchant": ""}, MerchantDiffers),
            ({"payment_number": "20261122ffffffffffffffffffffffff"}, PaymentUnknown),
            ({"payment_number": ""}, NoticeUnreadable),
            ({"outcome": PaymentOutcome.OPEN}, PaymentUndecided),
        ],
    )
    def test_refuses_what_does_not_fit(self, top_up: TopUp, changes: dict[str, Any], error: type[DomainError]) -> None:
        with pytest.raises(error):
            accept(signed_notice(payment_for(top_up, **changes), now=NOW))
        self.assert_nothing_moved(top_up)

    @pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
    def test_refuses_an_old_notice_and_one_from_the_future(self, top_up: TopUp, seconds: int) -> None:
        with pytest.raises(NoticeNotRecent):
            accept(signed_notice(payment_for(top_up), now=NOW + timedelta(seconds=seconds)))
        self.assert_nothing_moved(top_up)

    @pytest.mark.parametrize("seconds", [-300, 300])
    def test_takes_one_at_the_edge(self, top_up: TopUp, seconds: int) -> None:
        notice = signed_notice(payment_for(top_up), now=NOW + timedelta(seconds=seconds))
        assert accept(notice).state == "SUCCEEDED"

    def test_refuses_a_wrong_signature(self, top_up: TopUp) -> None:
        body, headers = signed_notice(payment_for(top_up), now=NOW)
        with pytest.raises(NoticeSignatureWrong):
            accept((body, {**headers, SIGNATURE_HEADER: "0" * 64}))
        self.assert_nothing_moved(top_up)

    def test_refuses_a_broken_body(self, top_up: TopUp) -> None:
        with pytest.raises(NoticeUnreadable):
            accept(signed(b'{"payment_number":', now=NOW))
        self.assert_nothing_moved(top_up)

    def test_refuses_a_top_up_that_is_paid_another_way(self) -> None:
        top_up = make_top_up(make_line(), provider="alipay")
        with pytest.raises(PaymentUnknown):
            accept(signed_notice(payment_for(top_up), now=NOW))
        self.assert_nothing_moved(top_up)

    def test_refuses_a_second_payment(self, top_up: TopUp) -> None:
        accept(signed_notice(payment_for(top_up), now=NOW))
        with pytest.raises(PaidTwice):
            accept(signed_notice(payment_for(top_up, provider_payment_number="SB2"), now=NOW))
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    @pytest.mark.parametrize("provider", ["memory", "alipay", ""])
    def test_knows_no_provider_but_the_one_in_use(self, top_up: TopUp, provider: str) -> None:
        with pytest.raises(NotFound):
            accept(signed_notice(payment_for(top_up), now=NOW), provider=provider)
        self.assert_nothing_moved(top_up)

    def assert_nothing_moved(self, top_up: TopUp, *, state: str = "PENDING") -> None:
        assert TopUp.objects.get().state == state
        assert (wallet_of(top_up.account_id), entries_of(top_up.account_id)) == ((0, 0, 0), [])
        assert not Sms.objects.exists()
