import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts.models import Line
from billing.gateways.base import PaymentOutcome, ProviderRefund, RefundOutcome
from billing.gateways.memory import MemoryProvider
from billing.gateways.registry import get_provider
from billing.models import LedgerEntry, Refund, TopUp
from billing.operations.payment_callbacks import settle_payment
from billing.operations.refunds import (
    NotRefundable,
    ReasonMissing,
    RefundDecided,
    RefundExceedsCash,
    RefundTooLarge,
    SecondPersonNeeded,
    approve_refund,
    reject_refund,
    request_refund,
)
from billing.operations.settle_refunds import ask_for_refund_now, settle_refunds
from billing.operations.top_ups import credit_partner_top_up
from billing.queries.campaigns import BonusOffer
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import (
    EXPIRES,
    NOW,
    PAYER,
    entries_of,
    make_charge,
    make_hold,
    make_line,
    make_top_up,
    wallet_of,
)
from tests.races import outcomes

ASKS, APPROVES = 1, 2


@pytest.fixture
def provider(settings: Settings) -> Iterator[MemoryProvider]:
    settings.PAYMENT_PROVIDER = "memory"
    provider = get_provider("memory")
    assert isinstance(provider, MemoryProvider)
    yield provider
    provider.__init__()  # type: ignore[misc]


def make_paid(
    provider: MemoryProvider, line: Line | None = None, *, amount_fen: int = 50_00, bonus_fen: int = 0
) -> TopUp:
    """A top-up that was paid at the provider and credited."""
    offer = BonusOffer("SPRING", bonus_fen, 30) if bonus_fen else None
    top_up = make_top_up(line or make_line(), amount_fen=amount_fen, provider="memory", offer=offer)
    provider.create_payment(
        payment_number=top_up.payment_number, amount_fen=amount_fen, title="", return_path="/", payer=PAYER,
        expires_at=EXPIRES, now=NOW,
    )  # fmt: skip
    provider.decide(top_up.payment_number, outcome=PaymentOutcome.PAID, paid_fen=amount_fen, paid_at=NOW)
    payment = provider.query_payment(payment_number=top_up.payment_number)
    return settle_payment(top_up=top_up, payment=payment, now=NOW)


def ask(top_up: TopUp, *, amount_fen: int = 50_00, reason: str = "重复充值", key: str = "") -> Refund:
    return request_refund(
        account_id=top_up.account_id,
        top_up_id=top_up.id,
        amount_fen=amount_fen,
        reason=reason,
        staff_id=ASKS,
        request_key=key or uuid.uuid4().hex,
        now=NOW,
    )


def approve(refund: Refund, *, staff_id: int = APPROVES) -> Refund:
    return approve_refund(account_id=refund.account_id, refund_id=refund.id, staff_id=staff_id, now=NOW)


def states() -> list[str]:
    return list(Refund.objects.order_by("requested_at", "id").values_list("state", flat=True))


@pytest.mark.django_db
class TestRequestRefund:
    def test_moves_nothing_yet(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider)
        refund = ask(top_up, amount_fen=20_00)
        assert (refund.state, refund.amount_fen, refund.requested_by_id) == ("REQUESTED", 20_00, ASKS)
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)
        assert settle_refunds(now=NOW + timedelta(days=1)) == 0

    def test_is_one_refund_however_often_the_form_is_sent(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider)
        assert ask(top_up, key="k").id == ask(top_up, key="k").id
        assert Refund.objects.count() == 1

    @pytest.mark.parametrize(
        ("amount_fen", "error"), [(50_01, RefundTooLarge), (0, RefundTooLarge), (-1, RefundTooLarge)]
    )
    def test_refuses_more_than_was_paid(
        self, provider: MemoryProvider, amount_fen: int, error: type[DomainError]
    ) -> None:
        top_up = make_paid(provider)
        with pytest.raises(error):
            ask(top_up, amount_fen=amount_fen)
        self.assert_nothing_moved(top_up)

    def test_counts_what_is_asked_for_and_given_back_already(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider)
        approve(ask(top_up, amount_fen=20_00))
        ask(top_up, amount_fen=20_00)
        with pytest.raises(RefundTooLarge):
            ask(top_up, amount_fen=10_01)
        assert ask(top_up, amount_fen=10_00).state == "REQUESTED"

    def test_counts_nothing_that_was_rejected(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider)
        refund = ask(top_up)
        reject_refund(account_id=refund.account_id, refund_id=refund.id, staff_id=ASKS, now=NOW)
        assert ask(top_up).state == "REQUESTED"

    def test_refuses_more_than_the_cash_that_is_left(self, provider: MemoryProvider) -> None:
        line = make_line(bonus_fen=5_00, overdraft_fen=100_00)
        top_up = make_paid(provider, line)
        make_charge(line, amount_fen=15_00)
        with pytest.raises(RefundExceedsCash):
            ask(top_up, amount_fen=40_01)
        assert ask(top_up, amount_fen=40_00).state == "REQUESTED"

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
    def test_needs_a_reason(self, provider: MemoryProvider, reason: str) -> None:
        top_up = make_paid(provider)
        with pytest.raises(ReasonMissing):
            ask(top_up, reason=reason)
        self.assert_nothing_moved(top_up)

    def test_refuses_what_is_not_credited(self, provider: MemoryProvider) -> None:
        top_up = make_top_up(make_line(cash_fen=50_00), provider="memory")
        with pytest.raises(NotRefundable):
            ask(top_up)
        assert not Refund.objects.exists()

    def test_refuses_what_a_partner_took(self, provider: MemoryProvider) -> None:
        line = make_line()
        top_up = credit_partner_top_up(
            account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, amount_fen=50_00, client_id="shop",
            idempotency_key="1", now=NOW,
        )  # fmt: skip
        with pytest.raises(NotRefundable):
            ask(top_up)
        assert not Refund.objects.exists()

    def test_refuses_what_was_paid_through_a_provider_no_longer_in_use(
        self, provider: MemoryProvider, settings: Settings
    ) -> None:
        top_up = make_paid(provider)
        settings.PAYMENT_PROVIDER = "sandbox"
        with pytest.raises(NotRefundable):
            ask(top_up)
        self.assert_nothing_moved(top_up)

    def test_knows_no_top_up_of_another_account(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider)
        top_up.account_id = make_line().account_id
        with pytest.raises(NotFound):
            ask(top_up)

    def assert_nothing_moved(self, top_up: TopUp) -> None:
        assert not Refund.objects.exists()
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)


@pytest.mark.django_db
class TestApproveRefund:
    def test_takes_the_cash_at_once_and_leaves_the_bonus(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider, make_line(bonus_fen=30_00))
        refund = approve(ask(top_up, amount_fen=20_00))
        assert (refund.state, refund.approved_by_id, refund.ask_at) == ("APPROVED", APPROVES, NOW)
        assert entries_of(top_up.account_id)[-1] == (3, "CASH", -20_00, 50_00, 30_00)
        assert wallet_of(top_up.account_id) == (30_00, 30_00, 3)

    def test_needs_a_second_person(self, provider: MemoryProvider) -> None:
        refund = ask(make_paid(provider))
        with pytest.raises(SecondPersonNeeded):
            approve(refund, staff_id=ASKS)
        assert (states(), wallet_of(refund.account_id)) == (["REQUESTED"], (50_00, 0, 1))

    def test_needs_one_in_the_database_too(self, provider: MemoryProvider) -> None:
        refund = ask(make_paid(provider))
        with pytest.raises(IntegrityError, match="refund_approved_by_another"), transaction.atomic():
            Refund.objects.filter(id=refund.id).update(state="APPROVED", approved_by_id=ASKS, decided_at=NOW)
        with pytest.raises(IntegrityError, match="refund_moves_only_when_approved"), transaction.atomic():
            Refund.objects.filter(id=refund.id).update(state="SUCCEEDED")

    def test_refuses_when_the_money_was_spent_meanwhile(self, provider: MemoryProvider) -> None:
        line = make_line(bonus_fen=1_00, overdraft_fen=100_00)
        refund = ask(make_paid(provider, line))
        make_charge(line, amount_fen=1_01)
        with pytest.raises(RefundExceedsCash):
            approve(refund)
        assert (states(), wallet_of(line.account_id)[:2]) == (["REQUESTED"], (49_99, 0))

    def test_happens_once(self, provider: MemoryProvider) -> None:
        refund = ask(make_paid(provider))
        approve(refund)
        with pytest.raises(RefundDecided):
            approve(refund)
        with pytest.raises(RefundDecided):
            reject_refund(account_id=refund.account_id, refund_id=refund.id, staff_id=APPROVES, now=NOW)
        assert (states(), wallet_of(refund.account_id)) == (["APPROVED"], (0, 0, 2))


@pytest.mark.django_db
class TestRejectRefund:
    def test_ends_it_with_nothing_moved(self, provider: MemoryProvider) -> None:
        refund = ask(make_paid(provider))
        rejected = reject_refund(account_id=refund.account_id, refund_id=refund.id, staff_id=APPROVES, now=NOW)
        assert (rejected.state, rejected.rejected_by_id) == ("REJECTED", APPROVES)
        with pytest.raises(RefundDecided):
            approve(refund, staff_id=3)
        assert wallet_of(refund.account_id) == (50_00, 0, 1)


@pytest.mark.django_db
class TestSettleRefunds:
    def test_gives_the_money_back_and_says_so_once(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider), amount_fen=20_00))
        assert [settle_refunds(now=NOW), settle_refunds(now=NOW + timedelta(days=9))] == [1, 0]
        refund.refresh_from_db()
        assert (refund.state, refund.provider_refund_number) == ("SUCCEEDED", f"M{refund.refund_number}")
        texts = list(Sms.objects.filter(kind="TOP_UP_REFUNDED").values_list("body", flat=True))
        assert len(texts) == 1
        assert "20.00元原路退回，当前余额30.00元" in texts[0]
        assert wallet_of(refund.account_id) == (30_00, 0, 2)

    @pytest.mark.parametrize(("amount_fen", "left_fen"), [(50_00, 0), (25_00, 2_50), (33, 4_97)])
    def test_takes_back_as_much_of_the_bonus(self, provider: MemoryProvider, amount_fen: int, left_fen: int) -> None:
        line = make_line(bonus_fen=1_00)
        refund = approve(ask(make_paid(provider, line, bonus_fen=5_00), amount_fen=amount_fen))
        assert wallet_of(line.account_id) == (50_00 - amount_fen, 6_00, 4)
        settle_refunds(now=NOW)
        settle_refunds(now=NOW + timedelta(days=9))
        assert wallet_of(line.account_id) == (50_00 - amount_fen, 1_00 + left_fen, 5)
        assert f"收回该笔充值的赠款{(500 - left_fen) / 100:.2f}元" in Sms.objects.get(kind="TOP_UP_REFUNDED").body
        entry = LedgerEntry.objects.get(account_id=line.account_id, version=5)
        assert (entry.counterpart, entry.reason_kind, entry.reason_id) == ("GIFTS", "BONUS_TAKEN_BACK", refund.id)

    def test_takes_back_no_bonus_that_is_spent_or_set_aside_or_of_other_top_ups(self, provider: MemoryProvider) -> None:
        line = make_line()
        make_paid(provider, line, bonus_fen=2_00)
        top_up = make_paid(provider, line, bonus_fen=5_00)
        make_charge(line, amount_fen=3_00)
        refund = ask(top_up)
        make_hold(line, 51_00)
        approve(refund)
        settle_refunds(now=NOW)
        assert wallet_of(line.account_id)[:2] == (50_00, 1_00)
        assert "收回该笔充值的赠款3.00元" in Sms.objects.get(kind="TOP_UP_REFUNDED").body

    def test_takes_back_no_bonus_when_the_provider_refuses(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider, bonus_fen=5_00)))
        provider.refund_outcome = RefundOutcome.REFUSED
        settle_refunds(now=NOW)
        assert wallet_of(refund.account_id) == (50_00, 5_00, 4)

    def test_asks_with_the_same_key_after_five_minutes_an_hour_and_a_day_then_leaves_it_to_staff(
        self, provider: MemoryProvider
    ) -> None:
        refund = approve(ask(make_paid(provider)))
        provider.silent = True
        at = NOW
        for pause in (300, 3600, 86_400):
            assert settle_refunds(now=at) == 1
            assert (states(), settle_refunds(now=at + timedelta(seconds=pause - 1))) == (["UNKNOWN"], 0)
            at += timedelta(seconds=pause)
        assert settle_refunds(now=at) == 1
        assert settle_refunds(now=at + timedelta(days=99)) == 0
        assert (states(), wallet_of(refund.account_id)) == (["UNKNOWN"], (0, 0, 2))
        provider.silent = False
        found = ask_for_refund_now(account_id=refund.account_id, refund_id=refund.id, now=at)
        assert (found.state, list(provider.refunds)) == ("SUCCEEDED", [refund.refund_number])

    def test_brings_the_money_back_when_the_provider_refuses(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider)))
        provider.refund_outcome = RefundOutcome.REFUSED
        settle_refunds(now=NOW)
        assert (states(), wallet_of(refund.account_id)) == (["FAILED"], (50_00, 0, 3))
        assert [entry[2] for entry in entries_of(refund.account_id)] == [50_00, -50_00, 50_00]
        assert not Sms.objects.filter(kind="TOP_UP_REFUNDED").exists()

    def test_waits_while_the_provider_is_at_it(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider)))
        provider.refund_outcome = RefundOutcome.UNDER_WAY
        settle_refunds(now=NOW)
        assert (states(), wallet_of(refund.account_id)) == (["APPROVED"], (0, 0, 2))
        provider.refund_outcome = RefundOutcome.DONE
        settle_refunds(now=NOW + timedelta(seconds=300))
        assert states() == ["SUCCEEDED"]

    def test_leaves_finished_what_a_slower_answer_refuses(
        self, provider: MemoryProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refund = approve(ask(make_paid(provider)))
        give_back = provider.refund_payment

        def answer_another_question_first(**question: Any) -> ProviderRefund:
            monkeypatch.setattr(provider, "refund_payment", give_back)
            ask_for_refund_now(account_id=refund.account_id, refund_id=refund.id, now=NOW)
            return ProviderRefund(RefundOutcome.REFUSED)

        monkeypatch.setattr(provider, "refund_payment", answer_another_question_first)
        settle_refunds(now=NOW)
        assert (states(), wallet_of(refund.account_id)) == (["SUCCEEDED"], (0, 0, 2))

    def test_asks_for_nothing_that_is_finished(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider)))
        settle_refunds(now=NOW)
        provider.refund_outcome = RefundOutcome.REFUSED
        provider.refunds.clear()
        assert ask_for_refund_now(account_id=refund.account_id, refund_id=refund.id, now=NOW).state == "SUCCEEDED"
        assert provider.refunds == {}


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_never_ask_for_more_than_was_paid(self, provider: MemoryProvider) -> None:
        top_up = make_paid(provider)
        ended = outcomes(lambda _number: ask(top_up, amount_fen=20_00), times=16)
        assert ended == {"OK": 2, "REFUND_TOO_LARGE": 14}
        assert broken_invariants() == {}

    def test_approve_once(self, provider: MemoryProvider) -> None:
        refund = ask(make_paid(provider, make_line(cash_fen=500_00)))
        ended = outcomes(lambda number: approve(refund, staff_id=APPROVES + number), times=16)
        assert ended == {"OK": 1, "REFUND_DECIDED": 15}
        assert wallet_of(refund.account_id)[0] == 500_00
        assert broken_invariants() == {}

    def test_finish_once(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider)))

        def ask_now(_number: int) -> None:
            ask_for_refund_now(account_id=refund.account_id, refund_id=refund.id, now=NOW)

        assert outcomes(ask_now, times=16) == {"OK": 16}
        assert (states(), wallet_of(refund.account_id)) == (["SUCCEEDED"], (0, 0, 2))
        assert Sms.objects.filter(kind="TOP_UP_REFUNDED").count() == 1
        assert broken_invariants() == {}

    def test_leave_books_in_order_when_one_fails(self, provider: MemoryProvider) -> None:
        first, second = make_paid(provider), make_paid(provider)
        approve(ask(first))
        settle_refunds(now=NOW)
        approve(ask(second, amount_fen=1))
        provider.refund_outcome = RefundOutcome.REFUSED
        settle_refunds(now=NOW)
        ask(second, amount_fen=7_00)
        assert states() == ["SUCCEEDED", "FAILED", "REQUESTED"]
        assert broken_invariants() == {}

    def test_are_noticed_by_the_audit_when_the_books_are_wrong(self, provider: MemoryProvider) -> None:
        refund = approve(ask(make_paid(provider)))
        Refund.objects.filter(id=refund.id).update(amount_fen=60_00)
        assert set(broken_invariants()) == {"refund_is_one_debit", "refund_not_beyond_payment"}
