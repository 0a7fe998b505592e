import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Line, LineState
from kernel.channel import Channel
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from packages_app.models import EvidenceKind, Order, OrderEvidence, OrderState
from packages_app.operations import orders as ordering
from packages_app.operations.eligibility import (
    AlreadySubscribed,
    BalanceTooLow,
    LineNotActive,
    NotOnSale,
)
from packages_app.operations.order_steps import AlreadyConfirmed, OrderExpired, OrderFailed
from packages_app.operations.orders import (
    AlreadyWaiting,
    RequestKeyReused,
    TooManyOrders,
    expire_orders,
    quote_order,
    refuse_order,
)
from packages_app.queries.catalogue import OfferingUnknown
from packages_app.queries.terms import get_terms
from tests.factories.billing import NOW, make_line
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


def refuse(order: Order, *, now: datetime = NOW) -> Order:
    return refuse_order(
        account_id=order.account_id, order_id=order.id, channel=Channel.WEB, reply="No, do not order", now=now
    )


class TestQuoteOrder:
    def test_notes_the_wish_with_the_terms_of_now(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        order = ask_for(line, pack, request_key="wish-1")
        order.refresh_from_db()
        assert (order.account_id, order.line_id, order.offering_id) == (line.account_id, line.id, pack.code)
        assert (order.state, order.channel, order.request_key) == ("AWAITING_CONFIRMATION", "WEB", "wish-1")
        assert (order.price_fen, order.guesses, order.failure) == (5_00, 0, "")
        assert (order.quoted_at, order.confirmed_at, order.ended_at) == (NOW, None, None)
        assert order.terms == get_terms(pack)
        assert (order.terms["price_fen"], order.terms["allowances"][0]["amount"]) == (5_00, GB)

    def test_moves_no_money_and_gives_nothing(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        before = standing(line.account_id)
        ask_for(line, pack)
        after = standing(line.account_id)
        moved = {name for name in before if before[name] != after[name]}
        assert moved == {"orders", "texts"}

    @pytest.mark.parametrize(
        ("channel", "waits"),
        [(Channel.WEB, timedelta(hours=2)), (Channel.SMS, timedelta(hours=24)), (Channel.STORE, timedelta(hours=24))],
    )
    def test_waits_as_long_as_its_channel_allows(self, channel: str, waits: timedelta) -> None:
        assert ask_for(make_line(cash_fen=10_00), make_offering(), channel=channel).expires_at == NOW + waits

    def test_asks_for_the_second_yes_by_a_text_that_says_everything(self) -> None:
        line = make_line(cash_fen=10_00)
        order = ask_for(line, make_offering())
        sms = Sms.objects.get(account_id=line.account_id, kind="ORDER_CONFIRMATION")
        code = code_of(order)
        assert sms.body == (
            f"【和风通信】您要订购“1GB流量包”：5.00元，一次性，确认当月有效。确认码{code}，同意请回复“是 {code}”"
            "或“是”，或在网页输入确认码。11月22日16时30分前不确认，则不订购、不扣费。"
        )
        assert (sms.msisdn, sms.due_at, sms.expires_at) == (line.msisdn, NOW, order.expires_at)

    def test_writes_the_text_in_the_language_of_the_line(self) -> None:
        line = make_line(cash_fen=10_00, language="en")
        order = ask_for(line, make_service())
        code = code_of(order)
        assert Sms.objects.get(account_id=line.account_id).body == (
            f'[Hefeng Telecom] You asked for "Audiobook club": 9.90 yuan now, then 9.90 yuan on the first of each'
            " month, starts when you confirm, cancel at any time."
            f' Your code is {code}. To agree, reply "YES {code}" or "YES", or enter the code on the page. If you do'
            " nothing until 22 Nov 16:30, nothing is ordered or charged."
        )

    def test_keeps_what_was_shown_and_the_exact_text_as_evidence(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        order = ask_for(line, pack)
        offered, text = OrderEvidence.objects.filter(account_id=line.account_id, order_id=order.id).order_by("number")
        sms = Sms.objects.get(account_id=line.account_id)
        assert (offered.number, offered.kind, offered.channel, offered.actor) == (1, "OFFERED", "WEB", "LINE")
        assert offered.detail == {"terms": get_terms(pack), "quote": order.quote}
        assert (text.number, text.kind, text.channel, text.actor) == (2, "TEXT_QUEUED", "WEB", "HALL")
        assert text.detail == {"sms_id": str(sms.id), "to": line.msisdn, "text": sms.body}
        assert (offered.at, text.at) == (NOW, NOW)

    def test_keeps_the_code_as_a_keyed_hash_only(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        assert len(order.code_hash) == 64
        assert code_of(order) not in order.code_hash
        order.refresh_from_db()
        kept = [str(value) for name, value in vars(order).items() if name not in {"id", "account_id", "line_id"}]
        assert f'"{code_of(order)}"' not in kept

    def test_gives_every_waiting_order_of_a_line_its_own_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = iter([7, 7, 7, 42])
        monkeypatch.setattr("packages_app.operations.order_codes.secrets.randbelow", lambda _limit: next(drawn))
        line = make_line(cash_fen=10_00)
        first, second = ask_for(line, make_offering()), ask_for(line, make_offering())
        assert (code_of(first), code_of(second)) == ("0007", "0042")

    def test_takes_the_same_wish_sent_again_as_one_order(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        first = ask_for(line, pack, request_key="wish-1")
        before = standing(line.account_id)
        again = ask_for(line, pack, request_key="wish-1", now=NOW + timedelta(minutes=1))
        assert again.id == first.id
        assert again.quoted_at == NOW
        assert standing(line.account_id) == before

    def test_takes_the_same_wish_sent_twice_at_once_as_one_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        order = ask_for(line, pack, request_key="wish-1")
        answers = [None, order]
        monkeypatch.setattr(ordering, "_order_of", lambda _account_id, _key: answers.pop(0))
        assert ask_for(line, pack, request_key="wish-1") == order
        assert (answers, Order.objects.count(), Sms.objects.count()) == ([], 1, 1)

    def test_returns_the_finished_order_when_its_wish_comes_again(self) -> None:
        line, pack = make_line(cash_fen=5_00), make_offering()
        order = say_yes(ask_for(line, pack, request_key="wish-1"))
        before = standing(line.account_id)
        again = ask_for(line, pack, request_key="wish-1")
        assert (again.id, again.state) == (order.id, OrderState.COMPLETED)
        assert standing(line.account_id) == before

    def test_refuses_a_key_that_was_used_for_something_else(self) -> None:
        line, pack, other = make_line(cash_fen=10_00), make_offering(), make_offering()
        ask_for(line, pack, request_key="wish-1")
        before = standing(line.account_id)
        with pytest.raises(RequestKeyReused) as refusal:
            ask_for(line, other, request_key="wish-1")
        assert (refusal.value.code, refusal.value.http_status) == ("IDEMPOTENCY_CONFLICT", 422)
        assert standing(line.account_id) == before

    def test_leads_a_second_wish_to_the_order_that_waits(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        waiting = ask_for(line, pack)
        before = standing(line.account_id)
        with pytest.raises(AlreadyWaiting) as refusal:
            ask_for(line, pack)
        assert refusal.value.order_id == waiting.id
        assert standing(line.account_id) == before

    def test_takes_a_new_wish_once_the_old_one_lapsed_unswept(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        lapsed = ask_for(line, pack)
        order = ask_for(line, pack, now=lapsed.expires_at)
        lapsed.refresh_from_db()
        assert (lapsed.state, lapsed.ended_at) == ("EXPIRED", lapsed.expires_at)
        assert order.state == "AWAITING_CONFIRMATION"

    def test_takes_so_many_orders_a_day_from_a_line_and_no_more(self, settings: Any) -> None:
        settings.ORDERS_PER_LINE_DAY = 2
        line, other, pack = make_line(cash_fen=50_00), make_line(cash_fen=50_00), make_offering()
        refuse(ask_for(line, pack))
        again = ask_for(line, pack, request_key="again")
        assert ask_for(line, pack, request_key="again") == again
        refuse(again)
        with pytest.raises(TooManyOrders) as refusal:
            ask_for(line, pack)
        assert refusal.value.next_at == NOW + timedelta(days=1)
        assert (Order.objects.count(), Sms.objects.count()) == (2, 2)
        ask_for(other, pack)
        ask_for(line, pack, now=NOW + timedelta(days=1))
        assert Order.objects.count() == 4

    def test_lets_a_data_pack_be_bought_again(self) -> None:
        line, pack = make_line(cash_fen=10_00), make_offering()
        buy(line, pack)
        buy(line, pack)
        assert standing(line.account_id)["wallet"][0] == 0

    def test_refuses_another_accounts_line(self) -> None:
        line, other, pack = make_line(cash_fen=10_00), make_line(cash_fen=10_00), make_offering()
        with pytest.raises(NotFound):
            quote_order(
                account_id=line.account_id,
                line_id=other.id,
                offering_code=pack.code,
                channel=Channel.WEB,
                request_key="wish-1",
                now=NOW,
            )
        assert Order.objects.count() == 0

    def test_refuses_what_was_never_on_sale(self) -> None:
        line = make_line(cash_fen=10_00)
        self.assert_refused(line, make_offering_named("NO-SUCH"), OfferingUnknown)

    @pytest.mark.parametrize(
        "sale",
        [
            {"on_sale_from": NOW + timedelta(seconds=1)},
            {"on_sale_to": NOW},
            {"on_sale_to": NOW - timedelta(days=1)},
        ],
    )
    def test_refuses_what_is_not_on_sale_now(self, sale: dict[str, Any]) -> None:
        self.assert_refused(make_line(cash_fen=10_00), make_offering(**sale), NotOnSale)

    @pytest.mark.parametrize("sale", [{"on_sale_from": NOW}, {"on_sale_to": NOW + timedelta(seconds=1)}])
    def test_sells_from_the_first_instant_to_the_last(self, sale: dict[str, Any]) -> None:
        assert ask_for(make_line(cash_fen=10_00), make_offering(**sale)).state == "AWAITING_CONFIRMATION"

    def test_refuses_a_suspended_line(self) -> None:
        line = make_line(cash_fen=10_00)
        Line.objects.filter(account_id=line.account_id, id=line.id).update(state=LineState.SUSPENDED)
        self.assert_refused(line, make_offering(), LineNotActive)

    def test_refuses_a_service_that_the_line_has(self) -> None:
        line, service = make_line(cash_fen=100_00), make_service()
        buy(line, service)
        self.assert_refused(line, service, AlreadySubscribed)

    def test_refuses_a_recurring_data_pack_that_the_line_has(self) -> None:
        line, pack = make_line(cash_fen=100_00), make_offering(recurrence="MONTHLY")
        buy(line, pack)
        self.assert_refused(line, pack, AlreadySubscribed)

    def test_refuses_a_price_above_the_balance_and_says_what_is_missing(self) -> None:
        line = make_line(cash_fen=4_99)
        refusal = self.assert_refused(line, make_offering(), BalanceTooLow)
        assert "0.01" in str(refusal.cure)

    def test_counts_bonus_and_overdraft_as_balance(self) -> None:
        line = make_line(cash_fen=1_00, bonus_fen=2_00, overdraft_fen=2_00)
        assert ask_for(line, make_offering()).price_fen == 5_00

    def test_needs_no_balance_for_what_is_free(self) -> None:
        assert ask_for(make_line(), make_offering(price_fen=0)).price_fen == 0

    def assert_refused(self, line: Line, offering: Any, refusal: type[DomainError]) -> DomainError:
        before = standing(line.account_id)
        with pytest.raises(refusal) as raised:
            ask_for(line, offering)
        assert standing(line.account_id) == before
        return raised.value


def make_offering_named(code: str) -> Any:
    """An offering that only a forged form would name."""
    offering = make_offering()
    offering.code = code
    return offering


class TestRefuseOrder:
    def test_ends_the_order_with_the_exact_words(self) -> None:
        line = make_line(cash_fen=10_00)
        order = refuse(ask_for(line, make_offering()))
        order.refresh_from_db()
        assert (order.state, order.ended_at, order.confirmed_at) == ("REFUSED", NOW, None)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REFUSED"]
        last = OrderEvidence.objects.get(account_id=line.account_id, order_id=order.id, number=3)
        assert (last.channel, last.actor, last.detail) == ("WEB", "LINE", {"reply": "No, do not order"})
        assert standing(line.account_id)["wallet"] == (10_00, 0, 1)

    def test_changes_nothing_the_second_time(self) -> None:
        order = refuse(ask_for(make_line(cash_fen=10_00), make_offering()))
        again = refuse(order, now=NOW + timedelta(minutes=1))
        assert (again.id, again.ended_at) == (order.id, NOW)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED", "REFUSED"]

    def test_makes_the_code_worthless(self) -> None:
        line = make_line(cash_fen=10_00)
        order = ask_for(line, make_offering())
        refuse(order)
        before = standing(line.account_id)
        with pytest.raises(DomainError) as refusal:
            say_yes(order)
        assert refusal.value.code == "ORDER_REFUSED"
        assert standing(line.account_id) == before

    def test_comes_too_late_for_a_confirmed_order(self) -> None:
        line = make_line(cash_fen=10_00)
        order = buy(line, make_offering())
        before = standing(line.account_id)
        with pytest.raises(AlreadyConfirmed):
            refuse(order)
        assert standing(line.account_id) == before

    def test_comes_too_late_for_an_order_past_its_limit(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        with pytest.raises(OrderExpired):
            refuse(order, now=order.expires_at)
        assert steps_of(order) == ["OFFERED", "TEXT_QUEUED"]

    def test_comes_too_late_for_a_failed_order(self, settings: Any) -> None:
        settings.ORDER_CODE_GUESSES = 1
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        with pytest.raises(DomainError):
            say_yes(order, code=wrong_code_of(order))
        with pytest.raises(OrderFailed):
            refuse(order)

    def test_does_not_find_another_accounts_order(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        with pytest.raises(NotFound):
            refuse_order(account_id=uuid.uuid4(), order_id=order.id, channel=Channel.WEB, reply="", now=NOW)
        order.refresh_from_db()
        assert order.state == "AWAITING_CONFIRMATION"


class TestExpireOrders:
    def test_ends_what_is_past_its_limit_and_leaves_the_rest(self) -> None:
        line = make_line(cash_fen=100_00)
        online = ask_for(line, make_offering(), channel=Channel.WEB)
        by_text = ask_for(line, make_offering(), channel=Channel.SMS)
        done = buy(line, make_offering())
        before = standing(line.account_id)
        assert expire_orders(now=online.expires_at, limit=10) == 1
        states = {order.id: order.state for order in Order.objects.filter(account_id=line.account_id)}
        assert states == {online.id: "EXPIRED", by_text.id: "AWAITING_CONFIRMATION", done.id: "COMPLETED"}
        assert steps_of(online) == ["OFFERED", "TEXT_QUEUED", "EXPIRED"]
        after = standing(line.account_id)
        assert {name for name in before if before[name] != after[name]} == {"orders"}

    def test_leaves_an_order_alone_until_its_limit(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        assert expire_orders(now=order.expires_at - timedelta(microseconds=1), limit=10) == 0

    def test_ends_an_order_once(self) -> None:
        order = ask_for(make_line(cash_fen=10_00), make_offering())
        assert expire_orders(now=order.expires_at, limit=10) == 1
        assert expire_orders(now=order.expires_at + timedelta(hours=1), limit=10) == 0
        order.refresh_from_db()
        assert order.ended_at == order.expires_at

    def test_stops_at_its_limit_of_orders_oldest_first(self) -> None:
        line = make_line(cash_fen=10_00)
        late = ask_for(line, make_offering(), now=NOW + timedelta(minutes=1))
        early = ask_for(line, make_offering())
        assert expire_orders(now=late.expires_at, limit=1) == 1
        assert OrderEvidence.objects.get(kind=EvidenceKind.EXPIRED).order_id == early.id

    def test_sends_nothing(self) -> None:
        line = make_line(cash_fen=10_00)
        order = ask_for(line, make_offering())
        texts = standing(line.account_id)["texts"]
        expire_orders(now=order.expires_at, limit=10)
        assert standing(line.account_id)["texts"] == texts
