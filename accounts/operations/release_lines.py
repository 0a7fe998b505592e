"""Takes numbers back from lines whose account has owed for too long (销号). Billing decides whose."""

import uuid
from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models.functions import Greatest

from accounts.events import line_closed
from accounts.models import Bar, BarAuthor, Line, LineState, SignIn
from accounts.operations.numbers import release_number
from accounts.queries.lines import LineToTell, list_lines_to_tell
from kernel.channel import Channel


def release_lines(*, account_ids: Collection[uuid.UUID], now: datetime) -> list[LineToTell]:
    """Close every line in use of accounts, in the caller's transaction; the caller tells them.

    Whatever barred them ends, nobody is signed in with them any more, and their numbers rest. What the accounts
    owe stays owed. The apps above hear of it after the commit.

    :return: the lines that were closed.
    """
    lines = Line.objects.select_for_update(no_key=True).filter(account_id__in=account_ids)
    list(lines.exclude(state=LineState.CLOSED).order_by("account_id", "id").values_list("id"))
    closed = list_lines_to_tell(account_ids)
    line_ids = [line.line_id for line in closed]
    Bar.objects.filter(account_id__in=account_ids, line_id__in=line_ids, ended_at=None).update(
        ended_at=Greatest("started_at", now), ended_by=BarAuthor.SYSTEM, ended_channel=Channel.SYSTEM
    )
    SignIn.objects.filter(account_id__in=account_ids, line_id__in=line_ids, ended_at=None).update(ended_at=now)
    Line.objects.filter(account_id__in=account_ids, id__in=line_ids).update(state=LineState.CLOSED)
    for line in closed:
        release_number(msisdn=line.msisdn, now=now)
        notice = partial(line_closed.send_robust, sender=Line, account_id=line.account_id, line_id=line.line_id, at=now)
        transaction.on_commit(notice)
    return closed
