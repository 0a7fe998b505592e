import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import Line, LineState
from billing.models import Charge, LedgerEntry, PaymentNumber, TopUp, TopUpFailure
from billing.operations.ledger import IdempotencyConflict
from billing.operations.top_ups import (
    PaidAmountDiffers,
    PaidTwice,
    confirm_top_up,
    credit_partner_top_up,
    fail_top_up,
    start_top_up,
)
from kernel.channel import Channel
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.money import AmountOutOfRange
from messaging.models import Sms
from tests.factories.billing import NOW, entries_of, make_line, make_top_up, wallet_of

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=3)


def start(line: Line, **changes: Any) -> TopUp:
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "msisdn": line.msisdn,
        "amount_fen": 50_00,
        "channel": Channel.WEB,
        "provider": "sandbox",
        "idempotency_key": "key",
        "now": NOW,
    }
    return start_top_up(**{**arguments, **changes})


def confirm(top_up: TopUp, **changes: Any) -> TopUp:
    arguments: dict[str, Any] = {
        "account_id": top_up.account_id,
        "top_up_id": top_up.id,
        "paid_fen": top_up.amount_fen,
        "provider_payment_number": "P1",
        "now": LATER,
    }
    return confirm_top_up(**{**arguments, **changes})


class TestStartTopUp:
    def test_writes_down_a_top_up_and_moves_nothing(self) -> None:
        line = make_line(language="en")
        top_up = start(line)
        assert (top_up.state, top_up.amount_fen, top_up.msisdn, top_up.language) == (
            "PENDING",
            50_00,
            line.msisdn,
            "en",
        )
        assert (top_up.requested_at, top_up.expires_at) == (NOW, NOW + timedelta(hours=2))
        assert top_up.payer_account_id is None
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert not Sms.objects.exists()

    def test_gives_it_a_payment_number_that_leads_back_and_cannot_be_guessed(self) -> None:
        line = make_line()
        one, other = start(line), start(line, idempotency_key="other")
        assert re.fullmatch(r"20261122[0-9a-f]{24}", one.payment_number)
        assert one.payment_number[8:] != other.payment_number[8:]
        entry = PaymentNumber.objects.get(payment_number=one.payment_number)
        assert (entry.account_id, entry.top_up_id) == (line.account_id, one.id)

    def test_returns_the_same_top_up_for_a_repeat(self) -> None:
        line = make_line()
        first = start(line)
        assert start(line, now=LATER).id == first.id
        assert (TopUp.objects.count(), PaymentNumber.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        "change", [{"amount_fen": 50_01}, {"provider": "alipay"}, {"payer_account_id": uuid.UUID(int=1)}]
    )
    def test_refuses_a_known_key_with_other_details(self, change: dict[str, Any]) -> None:
        line = make_line()
        start(line)
        with pytest.raises(IdempotencyConflict):
            start(line, **change)
        assert (TopUp.objects.count(), PaymentNumber.objects.count()) == (1, 1)

    def test_keeps_keys_of_two_accounts_apart(self) -> None:
        assert start(make_line()).id != start(make_line()).id

    @pytest.mark.parametrize("amount_fen", [-1, 0, 99, 10_000_01, 10**14])
    def test_refuses_an_amount_outside_the_limits(self, amount_fen: int) -> None:
        line = make_line()
        with pytest.raises(AmountOutOfRange, match=r"1\.00 .* 10000\.00"):
            start(line, amount_fen=amount_fen)
        assert not TopUp.objects.exists()

    @pytest.mark.parametrize("amount_fen", [1_00, 10_000_00])
    def test_takes_the_limits_themselves(self, amount_fen: int) -> None:
        assert start(make_line(), amount_fen=amount_fen).amount_fen == amount_fen

    def test_refuses_a_line_of_another_account_and_a_closed_one(self) -> None:
        line, stranger = make_line(), make_line()
        with pytest.raises(NotFound):
            start(line, line_id=stranger.id)
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        with pytest.raises(NotFound):
            start(line)
        assert not TopUp.objects.exists()


class TestConfirmTopUp:
    def test_credits_the_wallet(self) -> None:
        line = make_line(cash_fen=86_50)
        top_up = confirm(make_top_up(line))
        assert (top_up.state, top_up.finished_at, top_up.provider_payment_number) == ("SUCCEEDED", LATER, "P1")
        assert TopUp.objects.get(account_id=line.account_id, id=top_up.id).state == "SUCCEEDED"
        assert wallet_of(line.account_id) == (136_50, 0, 2)
        entry = LedgerEntry.objects.get(account_id=line.account_id, version=2)
        assert (entry.amount_fen, entry.counterpart, entry.reason_kind, entry.reason_id, entry.posted_at) == (
            50_00, "PAYMENTS", "TOP_UP", top_up.id, LATER,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            (
                "zh-hans",
                "【和风通信】充值成功：11月22日14时33分为号码{number}充值50.00元，当前余额136.50元。",
            ),
            (
                "en",
                "[Hefeng Telecom] Topped up: 50.00 yuan for number {number} at 22 Nov 14:33. Balance now: 136.50 yuan.",
            ),
        ],
    )
    def test_queues_the_text_that_says_so(self, language: str, words: str) -> None:
        line = make_line(cash_fen=80_00, bonus_fen=6_50, language=language)
        confirm(make_top_up(line))
        text = Sms.objects.get(account_id=line.account_id)
        masked = f"{line.msisdn[3:6]}****{line.msisdn[-4:]}"
        assert (text.kind, text.msisdn, text.body) == ("TOP_UP_RECEIVED", line.msisdn, words.format(number=masked))

    def test_changes_nothing_when_repeated(self) -> None:
        line = make_line()
        top_up = make_top_up(line)
        first = confirm(top_up)
        again = [confirm(top_up, now=LATER + timedelta(hours=hours)) for hours in range(10)]
        assert {(one.state, one.finished_at) for one in again} == {("SUCCEEDED", first.finished_at)}
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    @pytest.mark.parametrize("paid_fen", [49_99, 50_01, 0, -50_00, 5_000])
    def test_refuses_another_amount(self, paid_fen: int) -> None:
        line = make_line()
        top_up = make_top_up(line, amount_fen=60_00)
        with pytest.raises(PaidAmountDiffers):
            confirm(top_up, paid_fen=paid_fen)
        self.assert_nothing_moved(line, state="PENDING")

    def test_refuses_another_amount_for_one_that_is_credited(self) -> None:
        line = make_line()
        top_up = confirm(make_top_up(line))
        with pytest.raises(PaidAmountDiffers):
            confirm(top_up, paid_fen=1)
        assert wallet_of(line.account_id) == (50_00, 0, 1)

    def test_refuses_a_second_payment_for_one_that_is_credited(self) -> None:
        line = make_line()
        top_up = confirm(make_top_up(line))
        with pytest.raises(PaidTwice):
            confirm(top_up, provider_payment_number="P2")
        assert (wallet_of(line.account_id), Sms.objects.count()) == ((50_00, 0, 1), 1)

    def test_credits_money_that_arrives_after_the_top_up_was_given_up(self) -> None:
        line = make_line()
        top_up = make_top_up(line)
        fail_top_up(account_id=line.account_id, top_up_id=top_up.id, failure=TopUpFailure.NOT_PAID_IN_TIME, now=LATER)
        late = confirm(top_up, now=LATER + timedelta(days=2))
        assert (late.state, late.failure, wallet_of(line.account_id)) == ("SUCCEEDED", "", (50_00, 0, 1))

    def test_knows_no_top_up_of_another_account(self) -> None:
        line, stranger = make_line(), make_line()
        top_up = make_top_up(line)
        for account_id, top_up_id in ((stranger.account_id, top_up.id), (line.account_id, uuid7())):
            with pytest.raises(NotFound):
                confirm(top_up, account_id=account_id, top_up_id=top_up_id)
        self.assert_nothing_moved(line, state="PENDING")
        assert wallet_of(stranger.account_id) == (0, 0, 0)

    def test_takes_few_round_trips(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        top_up = make_top_up(make_line())
        # Savepoint and release (in life, begin and commit), the credit, the text.
        with django_assert_num_queries(4):
            confirm(top_up)

    def assert_nothing_moved(self, line: Line, *, state: str) -> None:
        assert TopUp.objects.get(account_id=line.account_id).state == state
        assert (wallet_of(line.account_id), entries_of(line.account_id)) == ((0, 0, 0), [])
        assert not Sms.objects.exists()


class TestFailTopUp:
    def fail(self, top_up: TopUp) -> TopUp:
        return fail_top_up(account_id=top_up.account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=LATER)

    def test_gives_up_one_that_waits(self) -> None:
        line = make_line()
        failed = self.fail(make_top_up(line))
        assert (failed.state, failed.failure, failed.finished_at) == ("FAILED", "REFUSED", LATER)
        assert wallet_of(line.account_id) == (0, 0, 0)

    def test_leaves_one_that_is_credited(self) -> None:
        line = make_line()
        top_up = confirm(make_top_up(line))
        assert (self.fail(top_up).state, wallet_of(line.account_id)) == ("SUCCEEDED", (50_00, 0, 1))

    def test_knows_no_top_up_of_another_account(self) -> None:
        top_up = make_top_up(make_line())
        with pytest.raises(NotFound):
            fail_top_up(account_id=make_line().account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=LATER)
        assert TopUp.objects.get(id=top_up.id).state == "PENDING"


class TestCreditPartnerTopUp:
    def credit(self, line: Line, **changes: Any) -> TopUp:
        arguments: dict[str, Any] = {
            "account_id": line.account_id,
            "line_id": line.id,
            "msisdn": line.msisdn,
            "amount_fen": 30_00,
            "client_id": "partner",
            "idempotency_key": "order-1",
            "now": NOW,
        }
        return credit_partner_top_up(**{**arguments, **changes})

    def test_credits_at_once(self) -> None:
        line = make_line()
        top_up = self.credit(line)
        assert (top_up.state, top_up.channel, top_up.provider, top_up.provider_payment_number) == (
            "SUCCEEDED", "PARTNER", "PARTNER", "order-1",
        )  # fmt: skip
        assert wallet_of(line.account_id) == (30_00, 0, 1)
        assert Sms.objects.get(account_id=line.account_id).kind == "TOP_UP_RECEIVED"

    def test_credits_once_per_client_and_key(self) -> None:
        line = make_line()
        first = self.credit(line)
        assert self.credit(line, now=LATER).id == first.id
        assert wallet_of(line.account_id) == (30_00, 0, 1)
        self.credit(line, client_id="other partner")
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_takes_long_keys(self) -> None:
        line = make_line()
        assert self.credit(line, idempotency_key="k" * 255).id == self.credit(line, idempotency_key="k" * 255).id
        assert wallet_of(line.account_id) == (30_00, 0, 1)

    def test_refuses_a_known_key_with_other_details(self) -> None:
        line = make_line()
        self.credit(line)
        with pytest.raises(IdempotencyConflict), transaction.atomic():
            self.credit(line, amount_fen=31_00)
        assert (wallet_of(line.account_id), TopUp.objects.count(), Charge.objects.count()) == ((30_00, 0, 1), 1, 0)
