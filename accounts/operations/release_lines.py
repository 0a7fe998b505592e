"""Takes numbers back from lines whose account has owed for too long (销号). Billing decides whose."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models.functions import Greatest

from accounts.events import line_closed
from accounts.models import Bar, BarAuthor, IdentityDocument, Line, LineState, ServicePassword, SignIn, SimCard
from accounts.operations.documents import give_places_back
from accounts.operations.numbers import release_number
from accounts.queries.lines import LineToTell, list_lines_to_tell
from kernel.channel import Channel


def release_lines(*, account_ids: Collection[uuid.UUID], now: datetime) -> list[LineToTell]:
    """Close every line in use of accounts, in the caller's transaction; the caller tells them.

    Whatever barred them ends, nobody is signed in with them any more, their service passwords are gone, their cards
    closed, and their numbers rest. What the accounts owe stays owed. The apps above hear of it after the commit.

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
    ServicePassword.objects.filter(account_id__in=account_ids, line_id__in=line_ids).delete()
    SimCard.objects.filter(account_id__in=account_ids, line_id__in=line_ids, to_at=None).update(to_at=now)
    Line.objects.filter(account_id__in=account_ids, id__in=line_ids).update(state=LineState.CLOSED)
    _give_places_back(closed)
    for line in closed:
        release_number(msisdn=line.msisdn, now=now)
        notice = partial(line_closed.send_robust, sender=Line, account_id=line.account_id, line_id=line.line_id, at=now)
        transaction.on_commit(notice)
    return closed


def _give_places_back(closed: Sequence[LineToTell]) -> None:
    """Count the lines under their documents no more; always in one order, so that no two runs wait for each other."""
    hashes = dict(
        IdentityDocument.objects.filter(account_id__in={line.account_id for line in closed}).values_list(
            "account_id", "number_hash"
        )
    )
    lines_of = Counter(hashes[line.account_id] for line in closed if line.account_id in hashes)
    for number_hash, lines in sorted(lines_of.items()):
        give_places_back(number_hash=number_hash, lines=lines)
