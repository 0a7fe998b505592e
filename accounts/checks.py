"""System checks: what customers' documents are sealed with, and what the hall should know by now of the calendar."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register

from accounts.queries.holidays import list_missing_years
from kernel.clock import now

SHORTEST_KEY = 32


@register(deploy=True)
def check_public_holidays(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a year whose public holidays should be known: nobody would be protected in them.

    It informs and does not fail: what was right in October is not wrong in November.
    """
    return [
        Info(
            f"The calendar does not know the public holidays of {year}: nobody is protected in them.",
            hint="Update the package chinesecalendar, or enter the windows at the staff desk.",
            id="accounts.I001",
        )
        for year in list_missing_years(now())
    ]


@register()
def check_document_keys(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report keys that are missing, short, or the same."""
    keys = [*settings.DOCUMENT_KEYS, settings.DOCUMENT_HASH_KEY]
    if settings.DOCUMENT_KEYS and len(set(keys)) == len(keys) and all(len(key) >= SHORTEST_KEY for key in keys):
        return []
    return [
        Error(
            f"DOCUMENT_KEYS or DOCUMENT_HASH_KEY is missing, shorter than {SHORTEST_KEY} characters, or used twice:"
            " identity documents could be read or tried out.",
            hint="Set HALL_DOCUMENT_KEYS and HALL_DOCUMENT_HASH_KEY, and keep them: docs/how-to/lines.md.",
            id="accounts.E001",
        )
    ]
