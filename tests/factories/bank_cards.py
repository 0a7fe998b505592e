"""Bank cards that are linked through the operations themselves, at the sandbox bank."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Line
from billing.models import AutomaticTopUp, BankAccountKind, BankCard, SandboxAgreement
from billing.operations.automatic_top_ups import set_automatic_top_up
from billing.operations.bind_bank_card import confirm_binding, start_binding
from billing.operations.card_payments import pay_with_card
from billing.queries.sandbox_cards import sandbox_card_number
from kernel.channel import Channel
from messaging.models import Sms
from tests.factories.billing import NOW

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
PAYS, NO_MONEY, BLOCKED, DELAYS, PAYS_UNHEARD, HANGS = "00", "01", "02", "03", "04", "05"


def card_number(line: Line, kind_of_card: str = PAYS) -> str:
    """Return the number of a card that is like no other line's."""
    return sandbox_card_number(msisdn=line.msisdn, kind_of_card=kind_of_card)


def bank_code(line: Line) -> str:
    """Return the code in the newest text of the bank."""
    text = Sms.objects.filter(account_id=line.account_id, kind="SANDBOX_BANK_CODE").order_by("-queued_at", "-id")[0]
    (code,) = _CODE.findall(text.body)
    return str(code)


def other_code(code: str) -> str:
    """Return a code that is not the one."""
    return f"{(int(code) + 1) % 10**6:06d}"


def start(line: Line, *, kind_of_card: str = PAYS, now: datetime = NOW, **changes: Any) -> BankCard:
    """Ask for a card to be linked; it waits for its code."""
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "card_number": card_number(line, kind_of_card),
        "account_kind": BankAccountKind.DEBIT,
        "request_key": uuid.uuid4().hex,
        "now": now,
    }
    return start_binding(**{**arguments, **changes})


def make_bank_card(line: Line, *, kind_of_card: str = PAYS, now: datetime = NOW, **changes: Any) -> BankCard:
    """Link a card. Codes of one number are a minute apart, so that this one is dated a day back."""
    then = now - timedelta(days=1)
    card = start(line, kind_of_card=kind_of_card, now=then, **changes)
    return confirm_binding(account_id=line.account_id, card_id=card.id, code=bank_code(line), now=then)


def switch(card: BankCard, behaviour: str) -> None:
    """Let the sandbox bank do something else with a card from now on."""
    SandboxAgreement.objects.filter(agreement_number=card.agreement_number).update(behaviour=behaviour)


def want_automatic(line: Line, card: BankCard, *, now: datetime = NOW, **changes: Any) -> AutomaticTopUp:
    """Ask for 50 yuan whenever there are less than 20, up to 200 a month."""
    arguments: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "card_id": card.id,
        "threshold_fen": 20_00,
        "amount_fen": 50_00,
        "monthly_limit_fen": 200_00,
        "now": now,
    }
    return set_automatic_top_up(**{**arguments, **changes})


def make_bank_card_payment(line: Line, *, amount_fen: int = 30_00, now: datetime = NOW) -> BankCard:
    """Link a card and pay a top-up with it."""
    card = make_bank_card(line, now=now)
    pay_with_card(
        account_id=line.account_id,
        card_id=card.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        request_key=uuid.uuid4().hex,
        channel=Channel.WEB,
        now=now,
    )
    return card
