from datetime import timedelta

import pytest

from accounts.models import Line, LineState
from billing.models import Charge
from kernel.audit import run_check
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from packages_app.models import Bucket, Offering, OfferingAllowance, Order, OrderEvidence, Subscription
from packages_app.operations.confirm_order import (
    CodeWrong,
    SeveralOrdersWaiting,
    TermsChanged,
    TooManyGuesses,
    confirm_order,
    refusal_behind,
)
from packages_app.operations.eligibility import AlreadySubscribed, BalanceTooLow, LineNotActive, NotOnSale
from packages_app.operations.order_steps import AlreadyConfirmed, OrderExpired, OrderFailed
from packages_app.queries.audit import list_checks
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import (
    GB,
    ask_for,
    buy,
    code_of,
    make_offering,
    make_service,
    say_yes,
    standing,
    steps_of,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=3)


def bare_yes(order: Order, *, from_line: bool = True) -> Order:
    return confirm_order(
        account_id=order.account_id,
        order_id=order.id,
        channel=Channel.SMS,
        code=None,
        from_line=from_line,
        reply="是",
        now=LATER,
    )


class TestConfirmOrder:
    def test_charges_and_activates_at_once(self) -> None:
        line, pack = make_line(cash_fen=12_00), make_offering({"DATA": GB, "VOICE": 600})
        order = say_yes(ask_for(line, pack), now=LATER)
        order.refresh_from_db()
        assert (order.state, order.confirmed_at, order.confirmed_channel, order.ended_at) == (
            "COMPLETED",
            LATER,
            "WEB",
            LATER,
        )
        assert wallet_of(line.account_id) == (7_00, 0, 2)
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.head, charge.name, charge.provider_name) == (5_00, "DATA", "1GB流量包", "")
        assert (charge.reason, charge.reason_id, charge.line_id, charge.charged_at) == (
            "ORDER",
            order.id,
            line.id,
            LATER,
        )
        subscription = Subscription.objects.get(account_id=line.account_id)
        assert (subscription.id, subscription.line_id, subscription.offering_id) == (order.id, line.id, pack.code)
        assert (subscription.state, subscription.terms, subscription.started_at) == ("ACTIVE", order.terms, LATER)
        buckets = Bucket.objects.filter(account_id=line.account_id).order_by("usage_kind")
        assert [(bucket.usage_kind, bucket.total, bucket.used, bucket.starts_at) for bucket in buckets] == [
            ("DATA", GB, 0, LATER),
            ("VOICE", 600, 0, LATER),
        ]

    def test_lets_what_is_paid_once_last_for_the_calendar_month_of_the_yes(self) -> None:
        line = make_line(cash_fen=5_00)
        order = buy(line, make_offering())
        subscription = Subscription.objects.get(account_id=line.account_id, id=order.id)
        assert subscription.ends_at is not None
        assert subscription.ends_at.astimezone(SHANGHAI).isoformat() == "2026-12-01T00:00:00+08:00"

    def test_lets_what_recurs_last_until_it_is_cancelled(self) -> None:
        line = make_line(cash_fen=9_90)
        order = buy(line, make_service())
        assert Subscription.objects.get(account_id=line.account_id, id=order.id).ends_at is None
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.head, charge.provider_name) == (9_90, "THIRD_PARTY", "悦听科技")

    def test_sends_one_charge_notice(self) -> None:
        line = make_line(cash_fen=12_00)
        say_yes(ask_for(line, make_offering()), now=LATER)
        notice = Sms.objects.exclude(kind="ORDER_CONFIRMATION").get(account_id=line.account_id)
        assert notice.kind == "CHARGE_NOTICE"
        assert "1GB流量包" in notice.body
        assert "5.00" in notice.body
        assert "7.00" in notice.body

    def test_keeps_the_exact_reply_and_the_yes_as_evidence(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        say_yes(order, now=LATER)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REPLY", "CONFIRMED"]
        reply = OrderEvidence.objects.get(account_id=line.account_id, order_id=order.id, number=3)
        assert (reply.channel, reply.actor, reply.at, reply.detail) == (
            "WEB",
            "LINE",
            LATER,
            {"reply": code_of(order)},
        )

    def test_charges_nothing_for_what_is_free_but_asks_all_the_same(self) -> None:
        line = make_line()
        order = ask_for(line, make_offering(price_fen=0))
        assert standing(line.account_id)["subscriptions"] == []
        say_yes(order)
        assert Charge.objects.count() == 0
        assert wallet_of(line.account_id) == (0, 0, 0)
        assert Subscription.objects.get(account_id=line.account_id).id == order.id
        assert [sms.kind for sms in Sms.objects.filter(account_id=line.account_id)] == ["ORDER_CONFIRMATION"]

    @pytest.mark.parametrize("typed", ["{} ", " {}", "full-width"])
    def test_forgives_how_a_phone_types_a_code(self, typed: str) -> None:
        order = ask_for(make_line(cash_fen=12_00), make_offering())
        code = code_of(order)
        full_width = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code)
        assert say_yes(order, code=full_width if typed == "full-width" else typed.format(code)).state == "COMPLETED"

    def test_takes_a_bare_yes_from_the_line_itself(self) -> None:
        line = make_line(cash_fen=12_00)
        order = bare_yes(ask_for(line, make_offering()))
        assert (order.state, order.confirmed_channel) == ("COMPLETED", "SMS")
        assert order.guesses == 0
        reply = OrderEvidence.objects.get(account_id=line.account_id, order_id=order.id, kind="REPLY")
        assert (reply.channel, reply.detail) == ("SMS", {"reply": "是"})

    def test_takes_no_bare_yes_from_elsewhere(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(CodeWrong):
            bare_yes(order, from_line=False)
        assert standing(line.account_id) == before

    def test_takes_no_bare_yes_when_several_orders_wait(self) -> None:
        line = make_line(cash_fen=100_00)
        orders = [ask_for(line, make_offering()), ask_for(line, make_service())]
        before = standing(line.account_id)
        with pytest.raises(SeveralOrdersWaiting):
            bare_yes(orders[0])
        assert standing(line.account_id) == before
        assert steps_of(orders[0]) == ["OFFERED", "TEXT_QUEUED"]

    def test_takes_a_bare_yes_when_the_other_order_lapsed(self) -> None:
        line = make_line(cash_fen=100_00)
        ask_for(line, make_offering(), now=NOW - timedelta(hours=3))
        assert bare_yes(ask_for(line, make_offering())).state == "COMPLETED"

    def test_answers_a_second_yes_without_doing_anything_twice(self) -> None:
        line = make_line(cash_fen=12_00)
        order = buy(line, make_offering())
        before, steps = standing(line.account_id), steps_of(order)
        with pytest.raises(AlreadyConfirmed):
            say_yes(order)
        with pytest.raises(AlreadyConfirmed):
            bare_yes(order)
        with pytest.raises(AlreadyConfirmed):
            say_yes(order, code=wrong_code_of(order))
        assert standing(line.account_id) == before
        assert steps_of(order) == steps

    def test_refuses_at_the_instant_of_the_limit_though_nothing_swept(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(OrderExpired):
            say_yes(order, now=order.expires_at)
        assert standing(line.account_id) == before
        order.refresh_from_db()
        assert order.guesses == 0

    def test_takes_the_yes_up_to_the_limit(self) -> None:
        order = ask_for(make_line(cash_fen=12_00), make_offering())
        assert say_yes(order, now=order.expires_at - timedelta(microseconds=1)).state == "COMPLETED"

    def test_refuses_a_wrong_code_and_goes_on_waiting(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(CodeWrong) as refusal:
            say_yes(order, code=wrong_code_of(order))
        assert refusal.value.guesses_left == 4
        assert refusal.value.field == "code"
        assert standing(line.account_id) == before
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "WRONG_CODE"]
        assert say_yes(order).state == "COMPLETED"

    def test_refuses_the_code_of_another_order(self) -> None:
        line = make_line(cash_fen=100_00)
        first, second = ask_for(line, make_offering()), ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(CodeWrong):
            say_yes(first, code=code_of(second))
        assert standing(line.account_id) == before

    @pytest.mark.parametrize("code", ["", "1", "12345", "abcd", "是", "٠١٢٣", "0 0 0 0", "\x00", "9" * 5000])
    def test_refuses_what_is_no_code(self, code: str) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(CodeWrong):
            say_yes(order, code=code)
        assert standing(line.account_id) == before

    def test_keeps_the_proof_in_order_when_the_earlier_guess_waited_for_the_later(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        later = NOW + timedelta(seconds=1)
        for now in (later, NOW):
            with pytest.raises(CodeWrong):
                say_yes(order, code=wrong_code_of(order), now=now)
        proof = OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id).order_by("number")
        assert list(proof.values_list("at", flat=True)) == [NOW, NOW, later, later]

    def test_says_yes_no_earlier_than_the_guess_before_it(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        later = NOW + timedelta(seconds=1)
        with pytest.raises(CodeWrong):
            say_yes(order, code=wrong_code_of(order), now=later)
        assert say_yes(order, now=NOW).confirmed_at == later
        assert [check.name for check in list_checks() if run_check(check).violations] == []

    def test_ends_the_order_at_the_last_wrong_guess(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        for guesses_left in (4, 3, 2, 1):
            with pytest.raises(CodeWrong) as wrong:
                say_yes(order, code=wrong_code_of(order))
            assert wrong.value.guesses_left == guesses_left
        with pytest.raises(TooManyGuesses):
            say_yes(order, code=wrong_code_of(order))
        order.refresh_from_db()
        assert (order.state, order.failure, order.guesses) == ("FAILED", "TOO_MANY_GUESSES", 5)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", *["WRONG_CODE"] * 5, "FAILED"]
        with pytest.raises(OrderFailed):
            say_yes(order)
        assert standing(line.account_id)["wallet"] == (12_00, 0, 1)
        assert standing(line.account_id)["subscriptions"] == []

    def test_compares_no_code_once_the_guesses_are_used_up(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        Order.objects.filter(account_id=line.account_id, id=order.id).update(guesses=5)
        with pytest.raises(TooManyGuesses):
            say_yes(order)
        order.refresh_from_db()
        assert order.state == "FAILED"
        assert standing(line.account_id)["subscriptions"] == []

    def test_does_not_find_another_accounts_order(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering())
        before = standing(line.account_id)
        order.account_id = make_line(cash_fen=12_00).account_id
        with pytest.raises(NotFound):
            confirm_order(
                account_id=order.account_id,
                order_id=order.id,
                channel=Channel.WEB,
                code="0000",
                from_line=False,
                reply="",
                now=NOW,
            )
        assert standing(line.account_id) == before

    def test_lets_a_caller_in_a_transaction_go_on_after_a_refusal(self) -> None:
        line = make_line(cash_fen=12_00)
        order = ask_for(line, make_offering(price_fen=12_01 - 1))
        buy(line, make_offering())
        with pytest.raises(BalanceTooLow):
            say_yes(order)
        assert Line.objects.filter(account_id=line.account_id).count() == 1


class TestConfirmOrderWhenSomethingChanged:
    def test_refuses_a_new_price_and_never_charges_it(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering()
        order = ask_for(line, pack)
        Offering.objects.filter(code=pack.code).update(price_fen=4_00)
        self.assert_ended(order, TermsChanged)

    def test_refuses_other_contents(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering()
        order = ask_for(line, pack)
        OfferingAllowance.objects.filter(offering=pack).update(amount=GB // 2)
        self.assert_ended(order, TermsChanged)

    def test_takes_a_corrected_name_for_the_same_deal(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering()
        order = ask_for(line, pack)
        Offering.objects.filter(code=pack.code).update(name_zh="1GB 流量包", summary_zh="")
        assert say_yes(order).state == "COMPLETED"
        assert Charge.objects.get(account_id=line.account_id).name == "1GB流量包"

    def test_refuses_what_went_off_sale(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering()
        order = ask_for(line, pack)
        Offering.objects.filter(code=pack.code).update(on_sale_to=NOW)
        self.assert_ended(order, NotOnSale)

    def test_refuses_a_service_that_the_line_got_meanwhile(self) -> None:
        line, service = make_line(cash_fen=100_00), make_service()
        order = ask_for(line, service)
        Subscription.objects.create(
            account_id=line.account_id, line_id=line.id, offering=service, terms=order.terms, started_at=NOW
        )
        self.assert_ended(order, AlreadySubscribed)

    def test_refuses_when_the_line_was_suspended(self) -> None:
        line = make_line(cash_fen=100_00)
        order = ask_for(line, make_offering())
        Line.objects.filter(account_id=line.account_id).update(state=LineState.SUSPENDED)
        self.assert_ended(order, LineNotActive)

    def test_refuses_when_the_line_was_closed(self) -> None:
        line = make_line(cash_fen=100_00)
        order = ask_for(line, make_offering())
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        self.assert_ended(order, LineNotActive)

    def test_refuses_when_the_money_went_elsewhere(self) -> None:
        line = make_line(cash_fen=8_00)
        order = ask_for(line, make_offering())
        buy(line, make_offering())
        self.assert_ended(order, BalanceTooLow)

    def assert_ended(self, order: Order, refusal: type[DomainError]) -> None:
        """The order is ended with the reason, the wish can be made again, and nothing else moved."""
        before = standing(order.account_id)
        with pytest.raises(refusal) as raised:
            say_yes(order, now=LATER)
        assert raised.value.cure
        after = standing(order.account_id)
        assert {name for name in before if before[name] != after[name]} == {"orders"}
        order.refresh_from_db()
        assert (order.state, order.failure, order.ended_at) == ("FAILED", refusal.code, LATER)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REPLY", "FAILED"]
        assert refusal_behind(order=order) is refusal
        with pytest.raises(OrderFailed):
            say_yes(order, now=LATER)
