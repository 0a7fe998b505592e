"""The sandbox bank's own side: what staff let it do with a card, and cards that are linked beforehand."""

import uuid
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from billing.gateways.bank_sandbox import SandboxBank
from billing.models import BankAccountKind, BankCard, SandboxAgreement, SandboxBankBehaviour
from billing.operations.bind_bank_card import new_card, write_agreement
from billing.queries.sandbox_cards import sandbox_card_number
from kernel.errors import DomainError, NotFound


class SandboxBankNotInUse(DomainError):
    """Another bank is spoken to, or none."""

    code = "SANDBOX_BANK_NOT_IN_USE"
    message = _("The sandbox bank is not in use.")


def switch_sandbox_agreement(*, agreement_number: str, behaviour: SandboxBankBehaviour) -> SandboxAgreement:
    """Let the sandbox bank do something else with a card from now on.

    :raises NotFound: the bank has no such agreement.
    """
    agreement = SandboxAgreement.objects.filter(agreement_number=agreement_number).first()
    if agreement is None:
        raise NotFound
    agreement.behaviour = behaviour
    agreement.save(update_fields=["behaviour"])
    return agreement


def link_sandbox_card(
    *, account_id: uuid.UUID, line_id: uuid.UUID, account_kind: BankAccountKind, request_key: str, now: datetime
) -> BankCard:
    """Link a card of the sandbox bank that pays, as if its customer had signed at the bank's counter.

    :param request_key: unique per account; a repeat returns the same card.
    :raises NotFound: the account has no such line in use.
    :raises SandboxBankNotInUse: another bank is spoken to.
    :raises CardBoundAlready, CardBoundElsewhere: the account behind the card is linked.
    """
    if SandboxBank.name != settings.BANK:
        raise SandboxBankNotInUse
    line = get_line(account_id=account_id, line_id=line_id)
    number = sandbox_card_number(msisdn=line.msisdn, kind_of_card="00")
    known = BankCard.objects.filter(account_id=account_id, request_key=request_key).first()
    if known:
        return known
    card = new_card(line=line, last_four=number[-4:], account_kind=account_kind, request_key=request_key, now=now)
    card.save(force_insert=True)
    agreement = SandboxBank().sign_at_the_counter(
        agreement_number=card.agreement_number,
        card_number=number,
        account_kind=account_kind,
        msisdn=line.msisdn,
        now=now,
    )
    return write_agreement(card=card, agreement=agreement, now=now)
