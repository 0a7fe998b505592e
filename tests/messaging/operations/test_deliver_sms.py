from collections.abc import Callable
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from pytest_django import DjangoAssertNumQueries, Settings

from messaging.gateways import get_breaker
from messaging.gateways.base import GatewayUnavailable, Outcome, OutgoingSms, SendResult
from messaging.gateways.memory import MemoryGateway, take
from messaging.models import Sms, SmsState
from messaging.operations.deliver_sms import Delivery, deliver_due_sms, recover_lost_sms, retire_hopeless_sms
from tests.factories.messaging import LATE, MORNING, NOW, REMINDER, SECRET, make_line, queue_text

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=30)


def states() -> dict[str, str]:
    return dict(Sms.objects.values_list("dedup_key", "state"))


def answering(outcome: Outcome, reason: str = "because") -> Callable[[OutgoingSms], SendResult]:
    return lambda _message: SendResult(outcome, reason=reason)


def failing(error: Exception, body_has: str = "") -> Callable[[OutgoingSms], SendResult]:
    def script(message: OutgoingSms) -> SendResult:
        if body_has in message.body:
            raise error
        return take(message)

    return script


def let_the_breaker_close() -> None:
    get_breaker().open_until = 0.0


class TestDeliverDueSms:
    def test_sends_what_is_due_and_notes_it(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(claimed=1, sent=1)
        assert gateway.sent == [OutgoingSms(sms.id, sms.msisdn, "【和风通信】您好，张三。", sms.expires_at)]
        sms.refresh_from_db()
        assert (sms.state, sms.attempts, sms.sent_at) == (SmsState.SENT, 1, NOW)
        assert (sms.lease_until, sms.gateway_message_id, sms.last_error) == (None, f"memory-{sms.id}", "")
        assert sms.body == "【和风通信】您好，张三。"

    def test_sends_nothing_twice(self, gateway: MemoryGateway) -> None:
        queue_text(make_line())
        deliver_due_sms(now=NOW, limit=500)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery()
        assert len(gateway.sent) == 1

    def test_waits_until_a_text_is_due(self, gateway: MemoryGateway) -> None:
        queue_text(make_line(), template=REMINDER, now=LATE)
        assert deliver_due_sms(now=MORNING - timedelta(microseconds=1), limit=500) == Delivery()
        assert deliver_due_sms(now=MORNING, limit=500) == Delivery(1, 1)

    def test_never_sends_what_is_too_late(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())
        assert deliver_due_sms(now=sms.expires_at, limit=500) == Delivery()
        assert gateway.sent == []

    def test_takes_a_batch_in_four_statements_whatever_its_size(
        self, gateway: MemoryGateway, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        line = make_line()
        for _number in range(20):
            queue_text(line)
        with django_assert_num_queries(
            5
        ):  # claim, whose numbers, and note; in a test the claim's transaction is a savepoint
            assert deliver_due_sms(now=NOW, limit=15) == Delivery(15, 15)
        assert gateway.batch_sizes == [15]

    def test_sends_urgent_texts_first_and_otherwise_in_turn(self, gateway: MemoryGateway) -> None:
        line = make_line()
        queue_text(line, key="b", template=REMINDER, now=NOW + timedelta(seconds=1))
        queue_text(line, key="a", template=REMINDER, now=NOW)
        queue_text(line, key="c", template=SECRET, now=NOW + timedelta(seconds=2))
        order = []
        for _turn in range(3):
            deliver_due_sms(now=NOW + timedelta(seconds=3), limit=1)
            order += [key for key, state in states().items() if state == "SENT" and key not in order]
        assert order == ["c", "a", "b"]

    def test_claims_with_a_lease_and_a_number(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())
        seen: list[tuple[str, int, object]] = []

        def look(message: OutgoingSms) -> SendResult:
            sms.refresh_from_db()
            seen.append((sms.state, sms.attempts, sms.lease_until))
            return take(message)

        gateway.script = look
        deliver_due_sms(now=NOW, limit=500)
        assert seen == [(SmsState.SENDING, 1, NOW + LEASE)]

    def test_changes_nothing_when_it_comes_too_late(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())

        def lose_the_claim(message: OutgoingSms) -> SendResult:
            Sms.objects.filter(account_id=sms.account_id, id=sms.id).update(attempts=2)  # another worker's claim
            return SendResult(Outcome.REFUSED, reason="late answer")

        gateway.script = lose_the_claim
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (sms.state, sms.attempts, sms.last_error) == (SmsState.SENDING, 2, "")

    def test_parks_what_is_refused_for_good(self, gateway: MemoryGateway) -> None:
        gateway.script = answering(Outcome.REFUSED, "0x0b invalid destination")
        sms = queue_text(make_line())
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(claimed=1, sent=0)
        sms.refresh_from_db()
        assert (sms.state, sms.last_error, sms.sent_at) == (SmsState.PARKED, "0x0b invalid destination", None)

    def test_tries_later_what_was_not_taken_and_parks_it_in_the_end(self, gateway: MemoryGateway) -> None:
        gateway.script = answering(Outcome.TRY_LATER, "queue full")
        sms = queue_text(make_line())
        tries = []
        for _try in range(3):
            deliver_due_sms(now=sms.due_at, limit=500)
            sms.refresh_from_db()
            tries.append((sms.state, sms.attempts, sms.due_at - NOW))
        assert tries == [
            (SmsState.QUEUED, 1, timedelta(seconds=10)),
            (SmsState.QUEUED, 2, timedelta(seconds=30)),
            (SmsState.PARKED, 3, timedelta(seconds=30)),
        ]
        assert sms.last_error == "queue full"
        assert deliver_due_sms(now=sms.due_at, limit=500) == Delivery()


class TestASecret:
    def test_is_wiped_once_sent(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line(), template=SECRET)
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (sms.state, sms.body) == (SmsState.SENT, "")
        assert gateway.sent[0].body == "【和风通信】验证码482913"

    def test_is_wiped_once_refused(self, gateway: MemoryGateway) -> None:
        gateway.script = answering(Outcome.REFUSED)
        sms = queue_text(make_line(), template=SECRET)
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (sms.state, sms.body) == (SmsState.PARKED, "")

    def test_is_wiped_once_too_late(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line(), template=SECRET)
        assert retire_hopeless_sms(now=sms.expires_at) == 1
        sms.refresh_from_db()
        assert (sms.state, sms.body) == (SmsState.EXPIRED, "")

    def test_is_tried_again_when_it_surely_did_not_leave(self, gateway: MemoryGateway) -> None:
        gateway.script = answering(Outcome.TRY_LATER)
        sms = queue_text(make_line(), template=SECRET)
        deliver_due_sms(now=NOW, limit=500)
        gateway.script = take
        deliver_due_sms(now=NOW + timedelta(seconds=10), limit=500)
        sms.refresh_from_db()
        assert (sms.state, len(gateway.sent)) == (SmsState.SENT, 1)

    @pytest.mark.parametrize("script", [answering(Outcome.UNKNOWN), failing(RuntimeError("cut off"))])
    def test_is_not_sent_again_when_nobody_knows(
        self, gateway: MemoryGateway, script: Callable[[OutgoingSms], SendResult]
    ) -> None:
        gateway.script = script
        sms = queue_text(make_line(), template=SECRET)
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (sms.state, sms.body, sms.attempts) == (SmsState.PARKED, "", 1)
        let_the_breaker_close()
        gateway.script = take
        assert recover_lost_sms(now=NOW + LEASE) == Delivery()

    def test_is_not_sent_again_when_its_worker_was_lost(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line(), template=SECRET)
        Sms.objects.filter(account_id=sms.account_id).update(state="SENDING", attempts=1, lease_until=NOW)
        assert recover_lost_sms(now=NOW) == Delivery()
        assert retire_hopeless_sms(now=NOW) == 1
        sms.refresh_from_db()
        assert (sms.state, sms.body, sms.last_error) == (SmsState.PARKED, "", "outcome unknown: the worker was lost")
        assert gateway.sent == []

    def test_does_not_suffer_from_a_defect_met_with_another_text(self, gateway: MemoryGateway) -> None:
        gateway.script = failing(ValueError("cannot encode"), body_has="您好")
        line = make_line()
        queue_text(line, key="poison")
        queue_text(line, key="code", template=SECRET)
        deliver_due_sms(now=NOW, limit=500)
        assert states() == {"poison": "SENDING", "code": "SENT"}


class TestAPoisonText:
    @pytest.fixture(autouse=True)
    def poison(self, gateway: MemoryGateway) -> Sms:
        gateway.script = failing(ValueError("cannot encode"), body_has="还剩")
        line = make_line()
        for number in range(15):
            queue_text(line, key=f"neighbour:{number}")
        return queue_text(line, key="poison", template=REMINDER)

    def test_does_not_keep_its_neighbours_waiting(self, gateway: MemoryGateway) -> None:
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(claimed=16, sent=15)
        assert sorted(states().values()) == ["SENDING"] + ["SENT"] * 15
        assert gateway.batch_sizes[0] == 16
        assert len(gateway.batch_sizes) == 9  # halves: 16, 8, 8, 4, 4, 2, 2, 1, 1
        assert get_breaker().batch_limit(500) == 500

    def test_is_tried_three_times_and_parked_alone(self, gateway: MemoryGateway, poison: Sms) -> None:
        deliver_due_sms(now=NOW, limit=500)
        assert recover_lost_sms(now=NOW + LEASE - timedelta(seconds=1)) == Delivery()
        assert recover_lost_sms(now=NOW + LEASE) == Delivery(claimed=1, sent=0)
        assert recover_lost_sms(now=NOW + 2 * LEASE) == Delivery(claimed=1, sent=0)
        assert recover_lost_sms(now=NOW + 3 * LEASE) == Delivery()
        assert retire_hopeless_sms(now=NOW + 3 * LEASE) == 1
        poison.refresh_from_db()
        assert (poison.state, poison.attempts) == (SmsState.PARKED, 3)
        assert poison.last_error == "ValueError('cannot encode')"

    def test_is_recovered_by_itself_when_it_killed_a_worker_with_its_batch(self, gateway: MemoryGateway) -> None:
        Sms.objects.update(state="SENDING", attempts=1, lease_until=NOW)
        rounds = [recover_lost_sms(now=NOW) for _round in range(17)]
        assert gateway.batch_sizes == [1] * 16
        assert sum(done.sent for done in rounds) == 15
        assert rounds[-1] == Delivery()


class TestADeadGateway:
    def test_costs_no_text_a_try(self, gateway: MemoryGateway) -> None:
        gateway.script = failing(GatewayUnavailable("connection refused"))
        sms = queue_text(make_line())
        secret = queue_text(make_line(), template=SECRET)
        for _try in range(5):
            deliver_due_sms(now=NOW, limit=500)
            let_the_breaker_close()
        for text in (sms, secret):
            text.refresh_from_db()
            assert (text.state, text.attempts, text.lease_until) == (SmsState.QUEUED, 0, None)
            assert text.last_error == "connection refused"
            assert text.body
        gateway.script = take
        assert deliver_due_sms(now=NOW, limit=500).sent == 1  # the probe
        assert deliver_due_sms(now=NOW, limit=500).sent == 1

    def test_is_left_alone_at_once(self, gateway: MemoryGateway) -> None:
        gateway.script = failing(GatewayUnavailable())
        line = make_line()
        queue_text(line)
        queue_text(line, template=SECRET)
        assert deliver_due_sms(now=NOW, limit=500).claimed == 2
        gateway.batch_sizes.clear()
        assert deliver_due_sms(now=NOW, limit=500) == Delivery()
        assert recover_lost_sms(now=NOW + LEASE) == Delivery()
        assert gateway.batch_sizes == []

    def test_is_probed_with_one_text(self, gateway: MemoryGateway) -> None:
        gateway.script = failing(GatewayUnavailable())
        line = make_line()
        for _number in range(3):
            queue_text(line)
        deliver_due_sms(now=NOW, limit=500)
        let_the_breaker_close()
        gateway.script = take
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(1, 1)
        assert deliver_due_sms(now=NOW, limit=500) == Delivery(2, 2)

    def test_leaves_texts_unknown_when_it_hangs_beyond_the_limit(self, gateway: MemoryGateway) -> None:
        gateway.script = failing(SoftTimeLimitExceeded())
        sms = queue_text(make_line())
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (sms.state, sms.attempts) == (SmsState.SENDING, 1)
        assert sms.last_error == "gateway did not answer in time"
        assert get_breaker().is_open is True

    def test_is_noticed_when_it_answers_nothing(self, gateway: MemoryGateway) -> None:
        gateway.script = answering(Outcome.UNKNOWN, "no answer")
        queue_text(make_line())
        deliver_due_sms(now=NOW, limit=500)
        assert get_breaker().is_open is True

    def test_gets_no_second_batch_when_the_time_is_used_up(self, gateway: MemoryGateway, settings: Settings) -> None:
        settings.SMS_SEND_TIMEOUT = 0.0
        sms = queue_text(make_line())
        deliver_due_sms(now=NOW, limit=500)
        sms.refresh_from_db()
        assert (sms.state, sms.attempts, gateway.batch_sizes) == (SmsState.QUEUED, 0, [])


class TestRecoverLostSms:
    def test_leaves_a_live_claim_alone(self, gateway: MemoryGateway) -> None:
        queue_text(make_line())
        Sms.objects.update(state="SENDING", attempts=1, lease_until=NOW + timedelta(microseconds=1))
        assert recover_lost_sms(now=NOW) == Delivery()
        assert retire_hopeless_sms(now=NOW) == 0

    def test_sends_under_the_same_id_and_a_new_number(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())
        Sms.objects.update(state="SENDING", attempts=1, lease_until=NOW)
        assert recover_lost_sms(now=NOW) == Delivery(1, 1)
        sms.refresh_from_db()
        assert (sms.state, sms.attempts) == (SmsState.SENT, 2)
        assert [message.message_id for message in gateway.sent] == [sms.id]

    def test_sends_nothing_that_is_too_late(self, gateway: MemoryGateway) -> None:
        sms = queue_text(make_line())
        Sms.objects.update(state="SENDING", attempts=1, lease_until=NOW, expires_at=NOW)
        assert recover_lost_sms(now=NOW) == Delivery()
        retire_hopeless_sms(now=NOW)
        sms.refresh_from_db()
        assert sms.state == SmsState.PARKED


class TestRetireHopelessSms:
    def test_expires_what_is_too_late(self, gateway: MemoryGateway) -> None:
        early, late = queue_text(make_line(), key="early"), queue_text(make_line(), key="late", now=NOW + LEASE)
        assert early.expires_at < late.expires_at
        assert retire_hopeless_sms(now=early.expires_at) == 1
        assert states() == {"early": "EXPIRED", "late": "QUEUED"}
        early.refresh_from_db()
        assert early.body == "【和风通信】您好，张三。"

    def test_leaves_what_waits_for_the_morning(self, gateway: MemoryGateway) -> None:
        queue_text(make_line(), template=REMINDER, now=LATE)
        assert retire_hopeless_sms(now=MORNING) == 0
