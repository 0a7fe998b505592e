"""One Idempotency-Key, 64 requests at once. Each race has a control that shows what happens without its guard."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import Budget, Line
from billing.models import TopUp
from billing.operations.top_ups import credit_partner_top_up
from kernel.models import IdempotencyRecord
from kernel.rest import idempotency
from kernel.rest.idempotency import Answer, answer_once
from messaging.models import Sms
from packages_app.api import topup_balance
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.partners import PREPAY, Partner, make_partner
from tests.races import AT_ONCE, at_once, meet_after

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def look_then_insert(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard taken away: all look before anybody does anything, and nobody waits for anybody."""

    def look(*, key: str, request_hash: str, now: datetime) -> IdempotencyRecord:
        found = IdempotencyRecord.objects.filter(key=key).first()
        return found or IdempotencyRecord(key=key, request_hash=request_hash, created_at=now)

    monkeypatch.setattr(idempotency, "_claim", meet_after(look))


class TestAnswerOnce:
    def answer(self, number: int) -> str:
        def work() -> Answer:
            Budget.objects.create(key=f"done by {number}", count=1, ends_at=NOW)
            return Answer(201, f"answer {number}", {})

        return answer_once(client_id="c", key="k", request_hash="h", now=NOW, work=work).body

    def test_does_the_work_once_and_gives_everybody_its_answer(self) -> None:
        answers = at_once(self.answer)
        done = Budget.objects.get().key
        assert set(answers) == {done.replace("done by", "answer")}
        assert IdempotencyRecord.objects.values_list("key", "status", "body").get() == ("c:k", 201, answers[0])

    def test_would_do_it_often_if_it_only_looked_first(self, look_then_insert: None) -> None:
        at_once(self.answer)
        assert Budget.objects.count() == AT_ONCE


class TestTopUps:
    @pytest.fixture
    def line(self) -> Line:
        return make_line(cash_fen=10_00)

    @pytest.fixture
    def partner(self, line: Line) -> Partner:
        return make_partner(line)

    def post(self, partner: Partner, line: Line, amount: Callable[[int], float]) -> list[tuple[int, bytes]]:
        def one(number: int) -> tuple[int, bytes]:
            body = {
                "amount": {"amount": amount(number), "units": "CNY"},
                "logicalResource": {"value": line.msisdn},
            }
            response = partner.post(f"{PREPAY}/topupBalance", body, key="order-1")
            return response.status_code, response.content

        return at_once(one)

    def test_with_one_key_are_one_credit_and_one_answer(self, partner: Partner, line: Line) -> None:
        answers = self.post(partner, line, lambda _number: 50)
        assert set(answers) == {(201, answers[0][1])}
        assert wallet_of(line.account_id) == (60_00, 0, 2)
        assert TopUp.objects.filter(account_id=line.account_id).count() == 1
        assert Sms.objects.filter(account_id=line.account_id).count() == 1
        assert IdempotencyRecord.objects.values_list("status", "body").get() == (201, answers[0][1].decode())

    def test_with_one_key_and_two_bodies_are_one_of_them(self, partner: Partner, line: Line) -> None:
        answers = self.post(partner, line, lambda number: 50 + number % 2)
        assert Counter(status for status, _content in answers) == {201: 32, 422: 32}
        credited = {json.loads(content)["amount"]["amount"] for status, content in answers if status == 201}
        assert len(credited) == 1
        assert wallet_of(line.account_id) == (10_00 + credited.pop() * 100, 0, 2)

    def test_would_be_many_credits_without_the_guards(
        self, partner: Partner, line: Line, look_then_insert: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = itertools.count()

        def credit_under_a_key_of_its_own(**details: Any) -> TopUp:
            details["idempotency_key"] += f"-{next(numbers)}"
            return credit_partner_top_up(**details)

        monkeypatch.setattr(topup_balance, "credit_partner_top_up", credit_under_a_key_of_its_own)
        self.post(partner, line, lambda _number: 50)
        assert TopUp.objects.filter(account_id=line.account_id).count() == AT_ONCE
