"""The sandbox bank: a bank built in, for demonstrations and tests. It sends codes like a real one; no money moves.

Its books are `SandboxAgreement` and `SandboxBankPayment` rows. What it does with a card is said by the two digits after
the card's first six, and by staff from then on.
"""

import secrets
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from billing.gateways.bank_base import (
    Agreement,
    Bank,
    BankCodeWrong,
    BankPayment,
    BankPaymentOutcome,
    BankUnavailable,
    CardNotAccepted,
)
from billing.models import (
    BankAccountKind,
    SandboxAgreement,
    SandboxBankBehaviour,
    SandboxBankPayment,
    TopUpFailure,
)
from billing.texts import SANDBOX_BANK_CODE
from messaging.operations.queue_sms import queue_sms

PREFIX = "620000"
NOT_ACCEPTED = "09"
BEHAVIOURS = {
    "00": SandboxBankBehaviour.PAYS,
    "01": SandboxBankBehaviour.NO_MONEY,
    "02": SandboxBankBehaviour.BLOCKED,
    "03": SandboxBankBehaviour.DELAYS,
    "04": SandboxBankBehaviour.PAYS_UNHEARD,
    "05": SandboxBankBehaviour.HANGS,
}
DELAY = timedelta(seconds=30)
_REFUSALS = {
    SandboxBankBehaviour.NO_MONEY: TopUpFailure.NOT_ENOUGH_MONEY,
    SandboxBankBehaviour.BLOCKED: TopUpFailure.CARD_BLOCKED,
}


class SandboxBank(Bank):
    """The sandbox bank as the hall sees it."""

    name = "sandbox"

    def request_agreement(
        self, *, agreement_number: str, card_number: str, account_kind: BankAccountKind, msisdn: str, now: datetime
    ) -> None:
        if card_number.startswith(f"{PREFIX}{NOT_ACCEPTED}"):
            raise CardNotAccepted
        with transaction.atomic():
            _open(agreement_number, card_number, account_kind, msisdn, now)
            _send_code(_waiting(agreement_number), now)

    def send_code_again(self, *, agreement_number: str, now: datetime) -> None:
        with transaction.atomic():
            _send_code(_waiting(agreement_number), now)

    def sign_agreement(self, *, agreement_number: str, code: str, now: datetime) -> Agreement:
        rows = SandboxAgreement.objects.filter(agreement_number=agreement_number, ended_at=None)
        agreement = rows.first()
        if agreement is None:
            raise CardNotAccepted(field="code")
        if not constant_time_compare(agreement.code_hash, _keyed("code", f"{agreement_number}:{code}")):
            raise BankCodeWrong
        if not rows.update(token=_token(agreement_number), signed_at=now):
            raise CardNotAccepted(field="code")
        return Agreement(_token(agreement_number), agreement.account_reference)

    def sign_at_the_counter(
        self, *, agreement_number: str, card_number: str, account_kind: BankAccountKind, msisdn: str, now: datetime
    ) -> Agreement:
        """Sign without a code, as for a customer who came to the bank. Only this bank can do it."""
        agreement = _open(agreement_number, card_number, account_kind, msisdn, now)
        agreement.token, agreement.signed_at = _token(agreement_number), now
        agreement.save(update_fields=["token", "signed_at"])
        return Agreement(agreement.token, agreement.account_reference)

    def end_agreement(self, *, agreement_number: str, now: datetime) -> None:
        agreements = SandboxAgreement.objects.filter(agreement_number=agreement_number)
        if agreements.filter(behaviour=SandboxBankBehaviour.HANGS, ended_at=None).exists():
            _say_nothing()
        ended = SandboxAgreement(agreement_number=agreement_number, asked_at=now, ended_at=now)
        SandboxAgreement.objects.bulk_create([ended], ignore_conflicts=True)
        agreements.filter(ended_at=None).update(ended_at=now)

    def pay(
        self, *, payment_number: str, token: str, amount_fen: int, expires_at: datetime, now: datetime
    ) -> BankPayment:
        agreement = SandboxAgreement.objects.filter(token=token).exclude(token="").first()
        if agreement and agreement.behaviour == SandboxBankBehaviour.HANGS:
            _say_nothing()
        known = SandboxBankPayment.objects.filter(payment_number=payment_number).first()
        if known:
            return _payment_of(known, now)
        if agreement is None or agreement.ended_at:
            return BankPayment(BankPaymentOutcome.REFUSED, refusal=TopUpFailure.AGREEMENT_ENDED)
        if now >= expires_at:
            return BankPayment(BankPaymentOutcome.REFUSED, refusal=TopUpFailure.NOT_PAID_IN_TIME)
        behaviour = SandboxBankBehaviour(agreement.behaviour)
        paid_at = {SandboxBankBehaviour.DELAYS: now + DELAY}.get(behaviour, now)
        refusal = _REFUSALS.get(behaviour, "")
        unheard = behaviour is SandboxBankBehaviour.PAYS_UNHEARD
        payment = SandboxBankPayment(
            payment_number=payment_number,
            bank_number=f"SBP{secrets.token_hex(12)}",
            amount_fen=amount_fen,
            refusal=refusal,
            asked_at=now,
            paid_at=None if refusal else paid_at,
            silences=1 if unheard else 0,
        )
        SandboxBankPayment.objects.bulk_create([payment], ignore_conflicts=True)
        if unheard:
            _say_nothing()
        return _payment_of(SandboxBankPayment.objects.get(payment_number=payment_number), now)

    def query_payment(self, *, payment_number: str, now: datetime) -> BankPayment:
        rows = SandboxBankPayment.objects.filter(payment_number=payment_number)
        if rows.filter(silences__gt=0).update(silences=F("silences") - 1):
            _say_nothing()
        row = rows.first()
        return _payment_of(row, now) if row else BankPayment(BankPaymentOutcome.NEVER_HEARD_OF)


def _open(
    agreement_number: str, card_number: str, account_kind: BankAccountKind, msisdn: str, now: datetime
) -> SandboxAgreement:
    """Return the agreement of that number, made if there is none. Of the card the books keep what a payment needs."""
    kind_of_card = card_number[len(PREFIX) : len(PREFIX) + 2] if card_number.startswith(PREFIX) else ""
    agreement = SandboxAgreement(
        agreement_number=agreement_number,
        account_reference=_keyed("account", f"{card_number}:{account_kind}")[:32],
        account_kind=account_kind,
        last_four=card_number[-4:],
        msisdn=msisdn,
        behaviour=BEHAVIOURS.get(kind_of_card, SandboxBankBehaviour.PAYS),
        asked_at=now,
    )
    SandboxAgreement.objects.bulk_create([agreement], ignore_conflicts=True)
    return SandboxAgreement.objects.get(agreement_number=agreement_number)


def _token(agreement_number: str) -> str:
    return f"SBT{_keyed('token', agreement_number)[:40]}"


def _waiting(agreement_number: str) -> SandboxAgreement:
    agreement = SandboxAgreement.objects.filter(
        agreement_number=agreement_number, ended_at=None, signed_at=None
    ).first()
    if agreement is None:
        raise CardNotAccepted(field="code")
    return agreement


def _send_code(agreement: SandboxAgreement, now: datetime) -> None:
    """Text a fresh code, if the number is one of ours: a real bank has its own way to its customers."""
    code = f"{secrets.randbelow(10**6):06d}"
    number = agreement.agreement_number
    SandboxAgreement.objects.filter(agreement_number=number).update(code_hash=_keyed("code", f"{number}:{code}"))
    try:
        line = get_line_by_msisdn(agreement.msisdn)
    except NumberUnknown:
        return
    queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=SANDBOX_BANK_CODE,
        language=line.language,
        values={"code": code, "card": agreement.last_four, "minutes": settings.BANK_CODE_LIFETIME // 60},
        dedup_key=f"bank-code:{number}:{now.isoformat()}",
        now=now,
    )


def _payment_of(row: SandboxBankPayment, now: datetime) -> BankPayment:
    if row.refusal:
        return BankPayment(BankPaymentOutcome.REFUSED, refusal=TopUpFailure(row.refusal))
    if row.paid_at is None or row.paid_at > now:
        return BankPayment(BankPaymentOutcome.UNDER_WAY)
    return BankPayment(BankPaymentOutcome.PAID, row.bank_number, row.amount_fen)


def _say_nothing() -> None:
    """Let the caller wait as long as a bank that does not answer would."""
    time.sleep(settings.BANK_TIMEOUT)
    raise BankUnavailable


def _keyed(what: str, text: str) -> str:
    return salted_hmac(f"billing.sandbox_bank.{what}", text, algorithm="sha256").hexdigest()
