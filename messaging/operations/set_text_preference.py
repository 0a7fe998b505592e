"""A customer says which texts a number gets, and when not."""

import uuid
from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from messaging.models import TextGroup, TextPreference
from messaging.queries.text_preferences import list_own_quiet_hours


class GroupNotOptional(DomainError):
    """What tells about money, orders and rights is always sent."""

    code = "GROUP_NOT_OPTIONAL"
    message = _("These texts cannot be switched off.")
    http_status = 400
    field = "groups"


class QuietHoursInvalid(DomainError):
    """Outside what may be chosen, or only one of the two hours."""

    code = "QUIET_HOURS_INVALID"
    message = _("These quiet hours cannot be chosen.")
    cure = _("Choose a beginning and an end from the lists, or the usual hours.")
    http_status = 400
    field = "quiet_from"


def set_text_preference(
    *,
    account_id: uuid.UUID,
    msisdn: str,
    unwanted_groups: Collection[str],
    quiet_hours: tuple[int, int] | None,
    now: datetime,
) -> TextPreference:
    """Keep what a number wants; it holds for texts queued from then on.

    :param msisdn: a number of the account, E.164.
    :param unwanted_groups: codes of `TextGroup`; all others are wanted.
    :param quiet_hours: own hours (from, to) in Asia/Shanghai, or None for the operator's.
    :raises GroupNotOptional: one of the groups is required, or there is no such group.
    :raises QuietHoursInvalid: the hours are not among `list_own_quiet_hours`.
    """
    groups = set(unwanted_groups)
    if not groups <= set(TextGroup.values) - {TextGroup.REQUIRED}:
        raise GroupNotOptional
    if quiet_hours is not None:
        from_hours, to_hours = list_own_quiet_hours()
        if quiet_hours[0] not in from_hours or quiet_hours[1] not in to_hours:
            raise QuietHoursInvalid
    quiet_from, quiet_to = quiet_hours or (None, None)
    preference = TextPreference(
        account_id=account_id,
        msisdn=msisdn,
        unwanted_groups=sorted(groups),
        quiet_from_hour=quiet_from,
        quiet_to_hour=quiet_to,
        changed_at=now,
    )
    TextPreference.objects.bulk_create(
        [preference],
        update_conflicts=True,
        unique_fields=["account_id", "msisdn"],
        update_fields=["unwanted_groups", "quiet_from_hour", "quiet_to_hour", "changed_at"],
    )
    return preference


def move_text_preference(*, account_id: uuid.UUID, old: str, new: str) -> None:
    """Let what a number of an account wants hold for the number that takes its place, in the caller's transaction."""
    TextPreference.objects.filter(account_id=account_id, msisdn=new).delete()
    TextPreference.objects.filter(account_id=account_id, msisdn=old).update(msisdn=new)
