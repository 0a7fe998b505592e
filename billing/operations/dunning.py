"""What is owed for too long is dunned (欠费催缴): warned of, barred one way, both ways, at last the number is released.

Set-based, a chunk of accounts at a time. Each account takes one step at most in a run, with a text for each line; a run
that died is simply run again. What is paid is lifted by `billing.operations.restore_paid`.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial

from django.conf import settings
from django.db import transaction

from accounts.models import BarReason
from accounts.operations.arrears_bars import bar_accounts
from accounts.operations.release_lines import release_lines
from accounts.queries.holidays import Protection, get_protection
from accounts.queries.lines import LineToTell, list_lines_to_tell
from accounts.queries.stars import get_stars
from billing.dunning_texts import TEXT_OF_STEP
from billing.locks import lock_free_wallets
from billing.models import DunningCase, DunningNote, DunningNoteKind, DunningStep, Postponement
from billing.operations.restore_paid import restore_paid
from billing.queries.dunning import (
    PUT_OFF_BY_HOLIDAYS,
    Standing,
    count_accounts_to_look_at,
    get_due_step,
    get_gap,
    get_next_step,
    list_accounts_to_look_at,
    list_standings,
)
from kernel.ids import uuid7
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.texts import day_words, instant_words

CHUNK_ACCOUNTS = 500

_FIRST = uuid.UUID(int=0)
_BARS = {DunningStep.ONE_WAY: BarReason.ARREARS_ONE_WAY, DunningStep.TWO_WAY: BarReason.ARREARS_TWO_WAY}


@dataclass(frozen=True, slots=True)
class Dunned:
    """What a run did: accounts by the step they took, those put off, and those found paid."""

    steps: Mapping[DunningStep, int] = field(default_factory=dict)
    put_off: int = 0
    paid: int = 0

    def __add__(self, other: "Dunned") -> "Dunned":
        steps = {step: self.steps.get(step, 0) + other.steps.get(step, 0) for step in (*self.steps, *other.steps)}
        return Dunned(steps, self.put_off + other.put_off, self.paid + other.paid)


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is due for an account: a step, or why it is put off and until when."""

    standing: Standing
    step: DunningStep
    star: int | None
    put_off: Postponement | None = None
    until_at: datetime | None = None
    protection: Protection | None = None


def run_dunning(
    *,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
    chunk_accounts: int = CHUNK_ACCOUNTS,
) -> Dunned:
    """Take every account that owes as far as it is due: one step at most, none twice, whatever is run again or at once.

    A step that falls into a holiday which protects the account's star, or that its star gives more time for, is put
    off, and a note says why. An account whose wallet is in use just now is left to the next run.

    :param progress: called with (accounts looked at, accounts in all) after each chunk.
    :param chunk_accounts: accounts in one transaction.
    :return: what this run did.
    """
    accounts = count_accounts_to_look_at()
    dunned, done, after = Dunned(), 0, _FIRST
    while chunk := list_accounts_to_look_at(after, chunk_accounts):
        dunned += _dun_chunk(chunk, now)
        after, done = chunk[-1], done + len(chunk)
        if progress:
            progress(min(done, accounts), accounts)
    return dunned


def _dun_chunk(chunk: Sequence[uuid.UUID], now: datetime) -> Dunned:
    standings = list_standings(chunk)
    paid = sum(restore_paid(account_id=one.account_id, now=now) for one in standings if one.is_paid_up)
    decisions = _decide([one for one in standings if not one.is_paid_up], now)
    put_off = [decision for decision in decisions if decision.put_off]
    _note_delays(put_off, now)
    # Most accounts are due for nothing: only those that are get locked, and are looked at once more.
    due = [decision.standing.account_id for decision in decisions if not decision.put_off]
    steps = _take_steps(due, now) if due else {}
    return Dunned(steps, len(put_off), paid)


def _decide(standings: Sequence[Standing], now: datetime) -> list[_Decision]:
    """Return what is due now, for those accounts for which something is."""
    due = [(one, step) for one in standings if (step := get_due_step(one, now))]
    stars = get_stars([standing.account_id for standing, _step in due], now)
    protect = cache(partial(get_protection, at=now))
    decisions = []
    for standing, step in due:
        star = stars.get(standing.account_id)
        in_time = get_next_step(standing, star)
        protection = protect(standing.province, star) if step in PUT_OFF_BY_HOLIDAYS else None
        if in_time and in_time.at > now:
            decision = _Decision(standing, step, star, Postponement.STAR, in_time.at)
        elif protection:
            decision = _Decision(standing, step, star, Postponement.HOLIDAY, protection.ends_at, protection)
        else:
            decision = _Decision(standing, step, star)
        decisions.append(decision)
    return decisions


def _note_delays(decisions: Sequence[_Decision], now: datetime) -> None:
    """Keep why steps are put off, each once."""
    notes = [
        DunningNote(
            account_id=decision.standing.account_id,
            id=uuid7(),
            case_id=decision.standing.case_id,
            kind=DunningNoteKind.POSTPONED,
            step=decision.step,
            owed_fen=decision.standing.owed_fen,
            postponement=decision.put_off,
            holiday_zh=decision.protection.name_in("zh-hans") if decision.protection else "",
            holiday_en=decision.protection.name_in("en") if decision.protection else "",
            star=decision.star,
            until_at=decision.until_at,
            noted_at=now,
        )
        for decision in decisions
        if decision.put_off and decision.standing.case_id
    ]
    DunningNote.objects.bulk_create(notes, ignore_conflicts=True)


def _take_steps(account_ids: Sequence[uuid.UUID], now: datetime) -> dict[DunningStep, int]:
    """Take the step that is due for each account, as it stands once its wallet is locked."""
    with transaction.atomic():
        standings = list_standings(lock_free_wallets(account_ids))
        decisions = _decide([one for one in standings if not one.is_paid_up], now)
        taken: dict[DunningStep, list[Standing]] = {}
        for decision in decisions:
            if not decision.put_off:
                taken.setdefault(decision.step, []).append(decision.standing)
        for step in DunningStep:
            if step in taken:
                _take_step(step, taken[step], now)
    return {step: len(accounts) for step, accounts in taken.items()}


def _take_step(step: DunningStep, standings: Sequence[Standing], now: datetime) -> None:
    account_ids = [standing.account_id for standing in standings]
    cases = _move_cases(step, standings, now)
    lines: Sequence[LineToTell]
    if step == DunningStep.RELEASED:
        lines = release_lines(account_ids=account_ids, now=now)
        DunningCase.objects.filter(account_id__in=account_ids, closed_at=None).update(closed_at=now)
    elif step in _BARS:
        lines = bar_accounts(account_ids=account_ids, reason=_BARS[step], now=now)
    else:
        lines = list_lines_to_tell(account_ids)
    by_account = {standing.account_id: standing for standing in standings}
    texts = [_text(step, by_account[line.account_id], line, cases[line.account_id], now) for line in lines]
    queue_sms_batch(requests=texts, now=now)


def _move_cases(step: DunningStep, standings: Sequence[Standing], now: datetime) -> dict[uuid.UUID, uuid.UUID]:
    """Open cases, or take them one step on; return their ids by account."""
    cases = {standing.account_id: standing.case_id or uuid7() for standing in standings}
    if step == DunningStep.WARNED:
        DunningCase.objects.bulk_create(
            [
                DunningCase(account_id=account_id, id=case_id, step=step, step_at=now, opened_at=now)
                for account_id, case_id in cases.items()
            ]
        )
    else:
        DunningCase.objects.filter(account_id__in=list(cases), closed_at=None).update(step=step, step_at=now)
    DunningNote.objects.bulk_create(
        [
            DunningNote(
                account_id=standing.account_id,
                id=uuid7(),
                case_id=cases[standing.account_id],
                kind=DunningNoteKind.STEP,
                step=step,
                owed_fen=standing.owed_fen,
                noted_at=now,
            )
            for standing in standings
        ]
    )
    return cases


def _text(step: DunningStep, standing: Standing, line: LineToTell, case_id: uuid.UUID, now: datetime) -> SmsRequest:
    # The next step never comes before this day, whatever the debt grows to meanwhile.
    earliest = now + timedelta(days=get_gap(step))
    values = {
        "number": mask_msisdn(line.msisdn),
        "owed": yuan_text(standing.owed_fen),
        "missing": yuan_text(standing.missing_fen),
        "at": instant_words(line.language, now),
        "day": day_words(line.language, earliest),
        "service_number": settings.SERVICE_NUMBER,
    }
    dedup_key = f"dunning:{case_id}:{step}:{line.line_id}"
    return SmsRequest(line.account_id, line.msisdn, TEXT_OF_STEP[step], line.language, values, dedup_key)
