"""System checks: money is only believed when a provider can prove it, and only acknowledged once it is on disk."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from billing.gateways.bank_registry import BANKS
from billing.gateways.bank_sandbox import SandboxBank
from billing.gateways.registry import PROVIDERS
from billing.gateways.sandbox import SHORTEST_SECRET
from billing.queries.late_fees import get_late_fee_rate
from billing.queries.voucher_issuers import list_voucher_issuers

SHORTEST_VOUCHER_KEY = 32


@register()
def check_payment_provider(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a provider that does not exist, and one whose word could not be told from anybody's."""
    if settings.PAYMENT_PROVIDER not in PROVIDERS:
        return [
            Error(
                f"PAYMENT_PROVIDER is {settings.PAYMENT_PROVIDER!r}, which is none of {', '.join(sorted(PROVIDERS))}.",
                hint="Set HALL_PAYMENT_PROVIDER.",
                id="billing.E001",
            )
        ]
    missing = [name for name in settings.PAYMENT_NEEDED_SETTINGS.get(settings.PAYMENT_PROVIDER, ()) if not _given(name)]
    if missing:
        return [
            Error(
                f"{name} is missing or too short: what {settings.PAYMENT_PROVIDER} says cannot be verified.",
                hint=f"Set HALL_{name}, or name another HALL_PAYMENT_PROVIDER.",
                id="billing.E002",
            )
            for name in missing
        ]
    try:
        PROVIDERS[settings.PAYMENT_PROVIDER]()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Give the key as PEM, itself or as a file (…_FILE).", id="billing.E004")]
    return []


def _given(name: str) -> bool:
    shortest = SHORTEST_SECRET if name == "PAYMENT_SANDBOX_SECRET" else 1
    return len(getattr(settings, name)) >= shortest


@register()
def check_bank(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a bank that does not exist, and one that pays with no money outside demo mode."""
    if settings.BANK and settings.BANK not in BANKS:
        return [
            Error(
                f"BANK is {settings.BANK!r}, which is none of {', '.join(sorted(BANKS))}.",
                hint="Set HALL_BANK, or leave it empty: then no cards are linked.",
                id="billing.E030",
            )
        ]
    if SandboxBank.name == settings.BANK and not settings.DEMO_MODE:
        return [
            Error(
                "BANK is the sandbox outside demo mode: whoever links one of its cards tops up with no money.",
                hint="Set HALL_BANK to a real bank, or leave it empty.",
                id="billing.E031",
            )
        ]
    return []


@register()
def check_vouchers(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report recharge cards whose PINs could be found out: by guessing, or from the table without a key."""
    messages: list[CheckMessage] = []
    if len(settings.VOUCHER_KEY) < SHORTEST_VOUCHER_KEY:
        messages.append(
            Error(
                f"VOUCHER_KEY is missing or shorter than {SHORTEST_VOUCHER_KEY} characters: the hashes of recharge"
                " cards' PINs could be tried out.",
                hint="Set HALL_VOUCHER_KEY, and keep it: with another key no card is found again.",
                id="billing.E010",
            )
        )
    try:
        issuers = list_voucher_issuers()
    except ValueError as error:
        issuers = []
        messages.append(_issuers_wrong(f"VOUCHER_ISSUERS: {error}."))
    else:
        if not issuers or len({issuer.name for issuer in issuers}) < len(issuers):
            messages.append(_issuers_wrong("VOUCHER_ISSUERS is empty or names an issuer twice."))
    return messages


def _issuers_wrong(text: str) -> CheckMessage:
    return Error(text, hint="Set HALL_VOUCHER_ISSUERS, such as hefeng:17:18.", id="billing.E011")


@register()
def check_late_fees(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a late fee that the law does not allow."""
    messages: list[CheckMessage] = []
    try:
        get_late_fee_rate()
    except ImproperlyConfigured as error:
        messages.append(Error(str(error), hint="Set HALL_LATE_FEE_PER_TEN_THOUSAND.", id="billing.E020"))
    if settings.LATE_FEE_AFTER_DAYS < 1:
        messages.append(
            Error(
                "LATE_FEE_AFTER_DAYS is less than a day: nobody could pay in time.",
                hint="Set HALL_LATE_FEE_AFTER_DAYS.",
                id="billing.E021",
            )
        )
    return messages


@register(Tags.database)
def check_durable_commits(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Report a database that acknowledges commits before they are on disk: a crash would lose confirmed top-ups."""
    messages: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            if cursor.fetchone() == ("off",):
                messages.append(
                    Error(
                        f"synchronous_commit is off on database {alias!r}: acknowledged money could be lost.",
                        hint="Leave it on; nothing in the hall needs it off.",
                        id="billing.E003",
                    )
                )
    return messages


@register()
def check_dunning(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report steps of dunning that come out of their order, at once after another, or never although they must."""
    wrong = []
    days = list(settings.DUNNING_DAYS.values())
    told = [day for day in days if day]
    if told != sorted(told) or 0 in days[:3] or (days[3] == 0) != (days[4] == 0):
        wrong.append("HALL_DUNNING_…_DAYS must rise from warning to release; only both of the release may be 0.")
    if settings.DUNNING_STEP_DAYS < 1 or min(settings.DUNNING_GAP_DAYS.values()) < 1:
        wrong.append("HALL_DUNNING_STEP_DAYS and HALL_DUNNING_…_GAP_DAYS must be 1 or more.")
    return [Error(message, hint="See docs/how-to/dunning.md.", id="billing.E032") for message in wrong]
