"""Reads where lines are signed in."""

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.models import Line, LineState, SignIn
from kernel.clock import SHANGHAI
from kernel.day_counts import DayCounts, group_by_day

_LINE_FIELDS = ("account_id", "id", "msisdn", "state", "language", "activated_at")
_LINES_SIGNED_IN = """
    SELECT line.account_id, line.id, line.msisdn, line.state, line.language, line.activated_at
      FROM (VALUES {keys}) AS wanted (account_id, line_id, sign_in_id)
      JOIN accounts_line AS line ON line.account_id = wanted.account_id AND line.id = wanted.line_id
      JOIN accounts_sign_in AS sign_in ON sign_in.account_id = wanted.account_id AND sign_in.id = wanted.sign_in_id
     WHERE sign_in.line_id = line.id AND sign_in.ended_at IS NULL AND line.state <> %s
"""


def list_lines_signed_in(keys: Sequence[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]) -> list[Line]:
    """Return those of the given (account id, line id, sign-in id) that are in use and not signed out; one query.

    Every signed-in page asks this, so it is a plain statement: making it from objects costs six times as much.
    """
    if not keys:
        return []
    statement = _LINES_SIGNED_IN.format(keys=", ".join(["(%s::uuid, %s::uuid, %s::uuid)"] * len(keys)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*itertools.chain.from_iterable(keys), LineState.CLOSED])
        found = {row[:2]: Line.from_db(connection.alias, _LINE_FIELDS, row) for row in cursor.fetchall()}
    return [found[key[:2]] for key in keys if key[:2] in found]


def count_sign_ins_by_platform(starts_at: datetime, ends_at: datetime) -> DayCounts:
    """Return sign-ins within [starts_at, ends_at) by system and day, the most used first: "Android", "iPhone".

    Only sign-ins of the last SIGN_IN_KEEP_DAYS are kept.
    """
    rows = SignIn.objects.filter(signed_in_at__gte=starts_at, signed_in_at__lt=ends_at)
    by_day = rows.values_list("device", TruncDate("signed_in_at", tzinfo=SHANGHAI)).order_by("device")
    counts = by_day.annotate(Count("id"))
    return group_by_day((device.rpartition(" · ")[2], day, count) for device, day, count in counts)


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
