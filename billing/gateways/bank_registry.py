"""Which bank is spoken to: the one named by BANK, and no other; none when that is empty."""

import functools

from django.conf import settings

from billing.gateways.bank_base import Bank, BankUnavailable
from billing.gateways.bank_guard import GuardedBank
from billing.gateways.bank_sandbox import SandboxBank

BANKS: dict[str, type[Bank]] = {bank.name: bank for bank in (SandboxBank,)}


def get_bank(name: str) -> GuardedBank:
    """Return this process's bank of a name, the same one each time.

    :raises BankUnavailable: it is not the one that is in use.
    """
    if name != settings.BANK or name not in BANKS:
        raise BankUnavailable
    return _bank(name)


def forget_banks() -> None:
    """Drop what this process has made: tests start with closed breakers."""
    _bank.cache_clear()


@functools.cache
def _bank(name: str) -> GuardedBank:
    return GuardedBank(BANKS[name]())
