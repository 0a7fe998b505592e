"""System checks: money is only believed when a provider can prove it, and only acknowledged once it is on disk."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from billing.gateways.registry import PROVIDERS
from billing.gateways.sandbox import SHORTEST_SECRET, SandboxProvider


@register()
def check_payment_provider(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a provider that does not exist, and a sandbox whose notices anybody could sign."""
    if settings.PAYMENT_PROVIDER not in PROVIDERS:
        return [
            Error(
                f"PAYMENT_PROVIDER is {settings.PAYMENT_PROVIDER!r}, which is none of {', '.join(sorted(PROVIDERS))}.",
                hint="Set HALL_PAYMENT_PROVIDER.",
                id="billing.E001",
            )
        ]
    if SandboxProvider.name == settings.PAYMENT_PROVIDER and len(settings.PAYMENT_SANDBOX_SECRET) < SHORTEST_SECRET:
        return [
            Error(
                f"PAYMENT_SANDBOX_SECRET is missing or shorter than {SHORTEST_SECRET} characters: "
                "payment notices cannot be verified.",
                hint="Set HALL_PAYMENT_SANDBOX_SECRET, or name another HALL_PAYMENT_PROVIDER.",
                id="billing.E002",
            )
        ]
    return []


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
