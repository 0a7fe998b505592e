"""Puts texts by the hundred thousand into the outbox: their words are made by the database, one statement for all."""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from django.db import connection

from kernel.enqueue import nudge_after_commit
from messaging.models import TextPreference
from messaging.queries.text_preferences import leaves_at, list_own_quiet_hours
from messaging.queries.wordings import get_words
from messaging.sms_parts import get_sizes
from messaging.task_names import DELIVER_SMS
from messaging.texts import CHINESE, ENGLISH, SmsTemplate, signed

_INSERT = """
    INSERT INTO messaging_sms (
        account_id, id, msisdn, kind, body, parts, dedup_key, urgent, secret, state, attempts, queued_at, due_at,
        expires_at, gateway_message_id, last_error
    )
    SELECT account_id, md5(account_id || '|' || %(sms_key)s)::uuid, msisdn, %(sms_kind)s, body,
           CASE WHEN units <= alone THEN 1 ELSE (units + together - 1) / together END,
           %(sms_key)s, %(sms_urgent)s, %(sms_secret)s,
           CASE WHEN wishes.unwanted_groups @> to_jsonb(%(sms_group)s::text) THEN 'SUPPRESSED' ELSE 'QUEUED' END,
           0, %(sms_now)s, COALESCE(own.due_at, %(sms_due_at)s),
           COALESCE(own.due_at, %(sms_due_at)s) + %(sms_lifetime)s, '', ''
      FROM (
          SELECT told.account_id, told.msisdn, worded.body, char_length(worded.body) + worded.wide AS units,
                 worded.alone, worded.together
            FROM ({rows}) AS told
            JOIN LATERAL (
                SELECT concat({english}) AS body, {english_sizes} WHERE told.language = 'en'
                UNION ALL
                SELECT concat({chinese}), {chinese_sizes} WHERE told.language <> 'en'
            ) AS worded ON true
      ) AS signed
      LEFT JOIN messaging_text_preference AS wishes USING (account_id, msisdn)
      LEFT JOIN unnest(%(sms_own_from)s::integer[], %(sms_own_to)s::integer[], %(sms_own_due_at)s::timestamptz[])
                AS own (from_hour, to_hour, due_at)
             ON own.from_hour = wishes.quiet_from_hour AND own.to_hour = wishes.quiet_to_hour
     ORDER BY account_id
    ON CONFLICT DO NOTHING
"""
_SIZES = "{}::int AS alone, {}::int AS together, {}::int AS wide"


def queue_sms_of_rows(
    *, template: SmsTemplate, rows: str, values: Mapping[str, Any], dedup_key: str, now: datetime
) -> int:
    """Queue a text for each row of a query, in the caller's transaction; a worker is nudged after the commit.

    As `queue_sms_batch`, for rows that never leave the database: one text per account and reason, whatever is repeated.

    :param rows: the query: account_id, msisdn (E.164), language and, as text, a column for each placeholder of the
        template; one row for an account. The columns add figures and words of the template's own language, so that the
        template alone says what alphabet the text is sent in.
    :param values: parameters of the query by name; none begins with "sms_".
    :param dedup_key: the reason, the same for all.
    :return: how many were queued; those whose reason was known before are left out.
    """
    pieces: dict[str, Any] = {}
    english, english_sizes = _worded(signed(ENGLISH, get_words(template, ENGLISH)), pieces)
    chinese, chinese_sizes = _worded(signed(CHINESE, get_words(template, CHINESE)), pieces)
    statement = _INSERT.format(
        rows=rows, english=english, english_sizes=english_sizes, chinese=chinese, chinese_sizes=chinese_sizes
    )
    sms: dict[str, Any] = {
        "sms_key": dedup_key,
        "sms_kind": template.kind,
        "sms_urgent": template.urgent,
        "sms_secret": template.secret,
        "sms_group": template.group.value,
        "sms_now": now,
        "sms_due_at": leaves_at(template=template, now=now),
        "sms_lifetime": template.lifetime,
        **_own_hours(template, now),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, **sms, **pieces})
        queued = int(cursor.rowcount)
    if queued:
        nudge_after_commit(DELIVER_SMS)
    return queued


def _own_hours(template: SmsTemplate, now: datetime) -> dict[str, Any]:
    """Return when the text is due by each pair of hours that customers may choose: the same for all who chose it."""
    from_hours, to_hours = list_own_quiet_hours()
    pairs = [(from_hour, to_hour) for from_hour in from_hours for to_hour in to_hours]
    chosen = [TextPreference(quiet_from_hour=from_hour, quiet_to_hour=to_hour) for from_hour, to_hour in pairs]
    return {
        "sms_own_from": [from_hour for from_hour, _to_hour in pairs],
        "sms_own_to": [to_hour for _from_hour, to_hour in pairs],
        "sms_own_due_at": [leaves_at(template=template, preference=one, now=now) for one in chosen],
    }


def _worded(words: str, pieces: dict[str, Any]) -> tuple[str, str]:
    """Return the arguments of concat, what stands between the placeholders and their columns, and the sizes of parts.

    :param pieces: receives the parameters for what stands between.
    """
    arguments = []
    literals = []
    for literal, column, _shape, _conversion in Formatter().parse(words):
        if literal:
            name = f"sms_piece_{len(pieces)}"
            pieces[name] = literal
            literals.append(literal)
            arguments.append(f"%({name})s")
        if column:
            arguments.append(f'told."{column}"')
    return ", ".join(arguments), _SIZES.format(*get_sizes("".join(literals)))
