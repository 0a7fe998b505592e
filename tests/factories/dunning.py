"""Accounts that owe and are dunned, made by charges and runs."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Line, NumberDirectory
from billing.models import Charge, DunningNote
from billing.operations.dues import settle_dues
from billing.operations.dunning import run_dunning
from billing.operations.restore_paid import restore_paid
from messaging.models import Sms
from tests.factories.accounts import fresh_msisdn
from tests.factories.billing import NOW, give_cash, make_charge, make_line


def days(many: float) -> datetime:
    """Return so many days after NOW."""
    return NOW + timedelta(days=many)


def make_debtor(*, owed_fen: int = 50_00, **changes: Any) -> Line:
    """Open an account that owes since NOW."""
    line = make_line(**changes)
    owe(line, owed_fen)
    return line


def second_line_of(line: Line) -> Line:
    """Give a line's account another one."""
    second = Line.objects.create(account_id=line.account_id, msisdn=fresh_msisdn(), activated_at=NOW)
    NumberDirectory.objects.create(msisdn=second.msisdn, account_id=second.account_id, line_id=second.id)
    return second


def owe(line: Line, amount_fen: int, *, now: datetime = NOW) -> Charge:
    """Charge what the wallet does not reach for."""
    return make_charge(line, amount_fen=amount_fen, may_owe=True, now=now)


def dun(*at: float) -> None:
    """Run dunning so many days after NOW, one run after the other."""
    for day in at:
        run_dunning(now=days(day))


def pay(line: Line, amount_fen: int, *, at: float) -> None:
    """Pay in so many days after NOW; workers do what they are nudged to do."""
    give_cash(line, amount_fen, now=days(at))
    settle_dues(account_id=line.account_id, now=days(at))
    restore_paid(account_id=line.account_id, now=days(at))


def notes_of(line: Line) -> list[tuple[str, str, str]]:
    """Return (kind, step, put off because of) of an account's notes, the first first."""
    notes = DunningNote.objects.filter(account_id=line.account_id).order_by("noted_at", "id")
    return list(notes.values_list("kind", "step", "postponement"))


def dunning_texts_of(line: Line) -> list[str]:
    """Return the kinds of the texts about arrears, the first first."""
    texts = Sms.objects.filter(account_id=line.account_id, kind__startswith="ARREARS").order_by("queued_at", "kind")
    return list(texts.values_list("kind", flat=True))


def state_of(line: Line) -> str:
    return Line.objects.get(account_id=line.account_id, id=line.id).state
