"""What automatic top-ups did in a trial: looked at, topped up, told."""

from datetime import timedelta

import pytest

from accounts.models import Line
from billing.gateways.bank_registry import get_bank
from billing.models import AutomaticTopUp, CardPayment, TopUp
from billing.operations.automatic_top_ups import top_up_automatically
from messaging.models import Sms
from tests.factories.billing import NOW

HOUR = timedelta(hours=1)
_TOLD = ("TOP_UP_RECEIVED", "AUTOMATIC_TOP_UP_FAILED", "AUTOMATIC_TOP_UP_STOPPED", "AUTOMATIC_TOP_UP_AT_LIMIT")


def look(line: Line, *, after: timedelta = timedelta(0)) -> TopUp | None:
    """Do what a worker does when it was nudged."""
    return top_up_automatically(account_id=line.account_id, now=NOW + after)


def texts(line: Line) -> list[tuple[str, str]]:
    """Return kind and words of what was told of top-ups."""
    rows = Sms.objects.filter(account_id=line.account_id, kind__in=_TOLD).order_by("queued_at", "id")
    return list(rows.values_list("kind", "body"))


def kinds(line: Line) -> list[str]:
    """Return the kinds of what was told."""
    return [kind for kind, _body in texts(line)]


def paid() -> list[int]:
    """Return what cards have paid, in fen."""
    payments = CardPayment.objects.filter(state="SUCCEEDED").order_by("requested_at", "id")
    return list(payments.values_list("amount_fen", flat=True))


def wish_of(line: Line) -> AutomaticTopUp:
    return AutomaticTopUp.objects.get(account_id=line.account_id)


def listen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause after a bank's failure is over."""
    monkeypatch.setattr(get_bank("sandbox").breaker, "open_until", 0.0)
