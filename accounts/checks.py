"""System checks: what the hall should know by now about its customers' calendar."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Info, register

from accounts.queries.holidays import list_missing_years
from kernel.clock import now


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
