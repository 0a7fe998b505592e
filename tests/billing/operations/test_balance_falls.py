from typing import Any

import pytest
from django.test import TestCase

from accounts.models import Line
from billing.models import BillHead, ChargeReason
from billing.operations.charge import ChargeRequest, charge_accounts
from kernel import enqueue
from kernel.ids import uuid7
from tests.factories.bank_cards import make_bank_card, want_automatic
from tests.factories.billing import NOW, make_charge, make_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What workers were nudged to do about automatic top-ups."""
    sent: list[tuple[str, Any]] = []

    def send(task_name: str, arguments: dict[str, Any], countdown: float = 0.0) -> None:
        if "automatic" in task_name:
            sent.append((task_name, arguments.get("account_id")))

    monkeypatch.setattr(enqueue._nudger, "send", send)
    return sent


def wishing_line(cash_fen: int = 30_00) -> Line:
    line = make_line(cash_fen=cash_fen)
    want_automatic(line, make_bank_card(line))
    return line


def fee(line: Line) -> ChargeRequest:
    return ChargeRequest(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        language=line.language,
        head=BillHead.PLAN,
        name="套餐费",
        provider_name="",
        amount_fen=19_00,
        reason=ChargeReason.SUBSCRIPTION,
        reason_id=line.id,
        charge_key=f"fee:{uuid7()}",
    )


class TestNoticeBalances:
    def test_nudges_a_worker_when_a_charge_goes_below_the_threshold(self, nudges: list[tuple[str, Any]]) -> None:
        line = wishing_line()
        with TestCase.captureOnCommitCallbacks(execute=True):
            make_charge(line, amount_fen=10_00)
        assert nudges == []
        with TestCase.captureOnCommitCallbacks(execute=True):
            make_charge(line, amount_fen=1)
        assert nudges == [("billing.top_up_automatically", str(line.account_id))]

    def test_nudges_nobody_for_customers_without_a_wish(self, nudges: list[tuple[str, Any]]) -> None:
        line = make_line(cash_fen=30_00)
        with TestCase.captureOnCommitCallbacks(execute=True):
            make_charge(line, amount_fen=25_00)
        assert nudges == []

    def test_nudges_once_for_a_batch(self, nudges: list[tuple[str, Any]]) -> None:
        lines = [wishing_line(), wishing_line(), make_line(cash_fen=30_00), wishing_line(cash_fen=90_00)]
        with TestCase.captureOnCommitCallbacks(execute=True):
            charge_accounts(requests=[fee(line) for line in lines], now=NOW)
        assert nudges == [("billing.sweep_automatic_top_ups", None)]

    def test_names_the_one_account_of_a_batch_that_fell(self, nudges: list[tuple[str, Any]]) -> None:
        fallen, other = wishing_line(), wishing_line(cash_fen=90_00)
        with TestCase.captureOnCommitCallbacks(execute=True):
            charge_accounts(requests=[fee(fallen), fee(other)], now=NOW)
        assert nudges == [("billing.top_up_automatically", str(fallen.account_id))]
