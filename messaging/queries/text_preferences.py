"""Reads which texts numbers want, and when. The one rule of what counts as wanted."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings

from kernel.clock import quiet_hours_end
from messaging.models import TextGroup, TextPreference
from messaging.texts import SmsTemplate

Preferences = Mapping[tuple[uuid.UUID, str], TextPreference]


def get_text_preference(*, account_id: uuid.UUID, msisdn: str) -> TextPreference:
    """Return what a number of an account wants; one that never said anything has the defaults."""
    kept = TextPreference.objects.filter(account_id=account_id, msisdn=msisdn).first()
    return kept or TextPreference(account_id=account_id, msisdn=msisdn)


def get_text_preferences(account_ids: Collection[uuid.UUID]) -> Preferences:
    """Return what was ever said by numbers of these accounts, by (account id, number)."""
    kept = TextPreference.objects.filter(account_id__in=account_ids)
    return {(preference.account_id, preference.msisdn): preference for preference in kept}


def is_wanted(template: SmsTemplate, preference: TextPreference | None) -> bool:
    """Tell whether a text may be sent; what is required always may."""
    if template.group is TextGroup.REQUIRED or preference is None:
        return True
    return template.group.value not in preference.unwanted_groups


def leaves_at(*, template: SmsTemplate, preference: TextPreference | None = None, now: datetime) -> datetime:
    """Return when a text that is queued now is due: at once, or after the quiet hours when it may wait.

    :param preference: of its number; the customer's own hours go before the operator's.
    """
    if template.urgent:
        return now
    hours = (settings.QUIET_HOURS_FROM, settings.QUIET_HOURS_TO)
    if preference is not None and preference.quiet_from_hour is not None and preference.quiet_to_hour is not None:
        hours = (preference.quiet_from_hour, preference.quiet_to_hour)
    return quiet_hours_end(now, from_hour=hours[0], to_hour=hours[1])


def list_own_quiet_hours() -> tuple[list[int], list[int]]:
    """Return the hours at which a customer's own quiet hours may begin, and those at which they may end.

    The operator's are always among them.
    """
    (first_from, last_from), (first_to, last_to) = settings.QUIET_HOURS_OWN_FROM, settings.QUIET_HOURS_OWN_TO
    begin = {settings.QUIET_HOURS_FROM, *range(first_from, last_from + 1)}
    end = {settings.QUIET_HOURS_TO, *range(first_to, last_to + 1)}
    return sorted(begin), sorted(end)
