"""Bars and lifts all lines of many accounts for arrears at once. Billing decides whose."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import ARREARS, BarReason
from accounts.operations.barring import tell_network
from accounts.queries.lines import LineToTell

# Every line in use, one after the other in the order of keys, so that two of these never wait for each other.
_LOCK_LINES = """
    SELECT id FROM accounts_line
     WHERE account_id = ANY (%(accounts)s::uuid[]) AND state <> 'CLOSED'
     ORDER BY account_id, id
       FOR NO KEY UPDATE
"""
_END = """
    UPDATE accounts_bar
       SET ended_at = greatest(%(now)s, started_at), ended_by = 'SYSTEM', ended_channel = 'SYSTEM'
     WHERE account_id = ANY (%(accounts)s::uuid[]) AND reason = ANY (%(reasons)s) AND ended_at IS NULL
    RETURNING account_id, line_id, id
"""
_START = """
    INSERT INTO accounts_bar (
        account_id, id, line_id, reason, words, cure, started_at, started_by, started_channel, ended_by, ended_channel,
        ended_words
    )
    SELECT line.account_id, md5(line.id || '|' || %(reason)s || '|' || %(at)s)::uuid, line.id, %(reason)s,
           '', '', %(now)s, 'SYSTEM', 'SYSTEM', '', '', ''
      FROM accounts_line AS line
     WHERE line.account_id = ANY (%(accounts)s::uuid[]) AND line.state <> 'CLOSED'
       AND NOT EXISTS (
           SELECT FROM accounts_bar AS bar
            WHERE bar.account_id = line.account_id AND bar.line_id = line.id AND bar.ended_at IS NULL
              AND bar.reason = ANY (%(reasons)s)
       )
    RETURNING account_id, line_id, id
"""
_SUSPEND = """
    UPDATE accounts_line SET state = 'SUSPENDED'
     WHERE account_id = ANY (%(accounts)s::uuid[]) AND id = ANY (%(lines)s::uuid[]) AND state = 'ACTIVE'
"""
_RESTORE = """
    UPDATE accounts_line AS line SET state = 'ACTIVE'
     WHERE account_id = ANY (%(accounts)s::uuid[]) AND id = ANY (%(lines)s::uuid[]) AND state = 'SUSPENDED'
       AND NOT EXISTS (
           SELECT FROM accounts_bar AS bar
            WHERE bar.account_id = line.account_id AND bar.line_id = line.id AND bar.ended_at IS NULL
       )
"""
_CHANGED = """
    SELECT line.account_id, line.id, line.msisdn, line.language, changed.bar_id,
           ARRAY(
               SELECT bar.reason FROM accounts_bar AS bar
                WHERE bar.account_id = line.account_id AND bar.line_id = line.id AND bar.ended_at IS NULL
                  AND bar.id <> changed.bar_id
                ORDER BY bar.started_at, bar.id
           )
      FROM unnest(%(accounts)s::uuid[], %(lines)s::uuid[], %(bars)s::uuid[]) AS changed (account_id, line_id, bar_id)
      JOIN accounts_line AS line ON line.account_id = changed.account_id AND line.id = changed.line_id
     WHERE line.state <> 'CLOSED'
     ORDER BY line.account_id, line.id
"""

_Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangedLine(LineToTell):
    """A line whose arrears bar began or was lifted.

    :ivar bar_id: the bar that began or was lifted.
    :ivar other_reasons: what else bars it.
    """

    bar_id: uuid.UUID
    other_reasons: list[str]


def bar_accounts(*, account_ids: Collection[uuid.UUID], reason: BarReason, now: datetime) -> list[ChangedLine]:
    """Bar every line in use of accounts for arrears, in the caller's transaction; the caller tells them.

    Two-way takes the place of one-way. Lines that are barred for the reason, or more, are left alone.

    :param reason: ARREARS_ONE_WAY or ARREARS_TWO_WAY.
    :return: the lines that were barred.
    """
    if reason not in ARREARS:
        raise ValueError(f"{reason} is not about arrears")
    if not account_ids:
        return []
    two_way = reason == BarReason.ARREARS_TWO_WAY
    enough = [BarReason.ARREARS_TWO_WAY.value] if two_way else [one.value for one in ARREARS]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LINES, {"accounts": list(account_ids)})
        if two_way:
            replaced: _Values = {
                "accounts": list(account_ids),
                "reasons": [BarReason.ARREARS_ONE_WAY.value],
                "now": now,
            }
            cursor.execute(_END, replaced)
        wanted: _Values = {
            "accounts": list(account_ids),
            "reason": reason.value,
            "reasons": enough,
            "now": now,
            "at": now.isoformat(),
        }
        cursor.execute(_START, wanted)
        changed = _Changed(cursor.fetchall())
        cursor.execute(_SUSPEND, changed.keys)
    return changed.tell_network((reason.value,), now)


def lift_accounts(*, account_ids: Collection[uuid.UUID], now: datetime) -> list[ChangedLine]:
    """Lift what bars lines of accounts for arrears, nothing else, in the caller's transaction; the caller tells them.

    :return: the lines of which a bar was lifted; with `other_reasons` they stay suspended.
    """
    if not account_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LINES, {"accounts": list(account_ids)})
        values: _Values = {"accounts": list(account_ids), "reasons": [one.value for one in ARREARS], "now": now}
        cursor.execute(_END, values)
        changed = _Changed(cursor.fetchall())
        cursor.execute(_RESTORE, changed.keys)
    return changed.tell_network((), now)


class _Changed:
    """(account, line, bar) of each bar that began or ended."""

    def __init__(self, rows: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]) -> None:
        self.keys = {
            "accounts": [account_id for account_id, _line_id, _bar_id in rows],
            "lines": [line_id for _account_id, line_id, _bar_id in rows],
            "bars": [bar_id for _account_id, _line_id, bar_id in rows],
        }

    def tell_network(self, begun: tuple[str, ...], at: datetime) -> list[ChangedLine]:
        """Return the lines with what else bars them, and have the network told of each.

        :param begun: the reason that began, if one did.
        """
        with connection.cursor() as cursor:
            cursor.execute(_CHANGED, self.keys)
            found = [ChangedLine(*row) for row in cursor.fetchall()]
        for line in found:
            reasons = (*line.other_reasons, *begun)
            tell_network(account_id=line.account_id, line_id=line.line_id, reasons=reasons, at=at)
        return found
