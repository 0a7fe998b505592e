"""Reads where lines are signed in."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Line, LineState, SignIn


def list_lines_signed_in(keys: Sequence[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]) -> list[Line]:
    """Return those of the given (account id, line id, sign-in id) that are in use and not signed out; one query."""
    if not keys:
        return []
    wanted = Q()
    for account_id, line_id, sign_in_id in keys:
        live = SignIn.objects.filter(
            account_id=OuterRef("account_id"), line_id=OuterRef("id"), id=sign_in_id, ended_at=None
        )
        wanted |= Q(Exists(live), account_id=account_id, id=line_id)
    found = {(line.account_id, line.id): line for line in Line.objects.filter(wanted).exclude(state=LineState.CLOSED)}
    return [found[key[:2]] for key in keys if key[:2] in found]


def count_sign_ins_by_platform(starts_at: datetime, ends_at: datetime) -> list[tuple[str, int]]:
    """Return (system, sign-ins) within [starts_at, ends_at), the most used first: "Android", "iPhone".

    Only sign-ins of the last SIGN_IN_KEEP_DAYS are kept.
    """
    rows = SignIn.objects.filter(signed_in_at__gte=starts_at, signed_in_at__lt=ends_at).values_list("device")
    counts: Counter[str] = Counter()
    for device, count in rows.order_by("device").annotate(Count("id")):
        counts[device.rpartition(" · ")[2]] += count
    return counts.most_common()


def list_live_sign_ins(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> list[SignIn]:
    """Return where a line is signed in at an instant, last used first."""
    live = SignIn.objects.filter(
        account_id=account_id,
        line_id=line_id,
        ended_at=None,
        signed_in_at__gt=now - timedelta(seconds=settings.SIGN_IN_LIFETIME),
        seen_at__gt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    return list(live.order_by("-seen_at", "-id"))
