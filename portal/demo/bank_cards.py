"""A linked bank card for one of the demo's people, at the sandbox bank."""

from contextlib import suppress
from datetime import datetime

from accounts.queries.lines import get_line_by_msisdn
from billing.models import BankAccountKind
from billing.operations.sandbox_bank import link_sandbox_card
from kernel.errors import DomainError
from portal.demo.people import MAIN_MSISDN

_REQUEST_KEY = "demo"


def prepare_demo_bank_card(*, now: datetime) -> None:
    """Link a card to the demo's first person, once: one that was unlinked afterwards stays so.

    Nothing is linked without that person, with another bank, or when a visitor was quicker.
    """
    with suppress(DomainError):
        line = get_line_by_msisdn(MAIN_MSISDN)
        link_sandbox_card(
            account_id=line.account_id,
            line_id=line.id,
            account_kind=BankAccountKind.DEBIT,
            request_key=_REQUEST_KEY,
            now=now,
        )
