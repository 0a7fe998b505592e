"""Reads what moved in a wallet, with the reason of each movement."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import Adjustment, AdjustmentReason, Charge, LedgerEntry, MoneyBucket, Refund, TopUp

_ENTRIES_AT_ONCE = 500
# What moves money without words of its own.
MOVEMENT_TITLES = {
    "TOP_UP": pgettext_lazy("movement", "Top-up"),
    "TOP_UP_BONUS": _("Bonus for a top-up"),
    "BONUS_TAKEN_BACK": _("Bonus of a top-up that was given back"),
    "BONUS_EXPIRY": _("Bonus that was not spent in time"),
    "OPENING": _("Balance brought in"),
    "POINTS": _("Bonus for points"),
}


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One movement. `what` names the charge; `msisdn` the number charged or topped up; both may be empty."""

    version: int
    posted_at: datetime
    bucket: MoneyBucket
    amount_fen: int
    after_fen: int
    reason_kind: str
    reason_id: uuid.UUID
    what: str
    msisdn: str

    @property
    def title(self) -> str:
        """For what, in the language of the visitor."""
        if self.reason_kind == "REFUND":
            return str(_("Top-up given back") if self.amount_fen < 0 else _("Refund that could not be made"))
        return self.what or str(MOVEMENT_TITLES.get(self.reason_kind, _("Other movement")))


@dataclass(frozen=True, slots=True)
class Statement:
    """One page, newest first. `older_than` asks for the next one; None when this is the last."""

    entries: tuple[StatementEntry, ...]
    older_than: int | None


def get_statement(
    account_id: uuid.UUID,
    *,
    limit: int,
    older_than: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Statement:
    """Return a page of an account's movements, newest first.

    :param limit: entries on a page.
    :param older_than: version below which to go on; None begins with the newest.
    :param starts_at: with `ends_at` the period [starts_at, ends_at) to stay in; None is open.
    """
    entries = LedgerEntry.objects.filter(account_id=account_id)
    if older_than is not None:
        entries = entries.filter(version__lt=older_than)
    if starts_at is not None:
        entries = entries.filter(posted_at__gte=starts_at)
    if ends_at is not None:
        entries = entries.filter(posted_at__lt=ends_at)
    rows = list(
        entries.order_by("-version").values_list(
            "version", "posted_at", "bucket", "amount_fen", "after_fen", "reason_kind", "reason_id"
        )[: limit + 1]
    )
    page = rows[:limit]
    reasons = _reasons(account_id, [(kind, reason_id) for *_entry, kind, reason_id in page])
    return Statement(
        entries=tuple(
            StatementEntry(
                version, posted_at, MoneyBucket(bucket), amount_fen, after_fen, kind, reason_id,
                *reasons.get((kind, reason_id), ("", "")),
            )
            for version, posted_at, bucket, amount_fen, after_fen, kind, reason_id in page
        ),
        older_than=page[-1][0] if len(rows) > limit else None,
    )  # fmt: skip


def iterate_statement(account_id: uuid.UUID, *, starts_at: datetime, ends_at: datetime) -> Iterator[StatementEntry]:
    """Yield an account's movements of a period, newest first, reading a few hundred at a time."""
    older_than: int | None = None
    while True:
        page = get_statement(
            account_id, limit=_ENTRIES_AT_ONCE, older_than=older_than, starts_at=starts_at, ends_at=ends_at
        )
        yield from page.entries
        if page.older_than is None:
            return
        older_than = page.older_than


Reasons = dict[uuid.UUID, tuple[str, str]]


def _charges(account_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> Reasons:
    rows = Charge.objects.filter(account_id=account_id, id__in=ids).values_list("id", "name", "msisdn")
    return {row_id: (name, msisdn) for row_id, name, msisdn in rows}


def _top_ups(account_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> Reasons:
    rows = TopUp.objects.filter(account_id=account_id, id__in=ids).values_list("id", "msisdn")
    return {row_id: ("", msisdn) for row_id, msisdn in rows}


def _refunds(account_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> Reasons:
    rows = Refund.objects.filter(account_id=account_id, id__in=ids).values_list("id", "top_up__msisdn")
    return {row_id: ("", msisdn) for row_id, msisdn in rows}


def _adjustments(account_id: uuid.UUID, ids: Iterable[uuid.UUID]) -> Reasons:
    rows = Adjustment.objects.filter(account_id=account_id, id__in=ids).values_list("id", "reason", "words", "msisdn")
    return {row_id: (f"{AdjustmentReason(reason).label}: {words}", msisdn) for row_id, reason, words, msisdn in rows}


_READERS: Mapping[str, Callable[[uuid.UUID, Iterable[uuid.UUID]], Reasons]] = {
    "CHARGE": _charges,
    "TOP_UP": _top_ups,
    "TOP_UP_BONUS": _top_ups,
    "REFUND": _refunds,
    "ADJUSTMENT": _adjustments,
}


def _reasons(
    account_id: uuid.UUID, wanted: Iterable[tuple[str, uuid.UUID]]
) -> dict[tuple[str, uuid.UUID], tuple[str, str]]:
    """Return (name, number) by kind and id of the reason: one read for each kind on the page."""
    by_kind: dict[str, set[uuid.UUID]] = {}
    for kind, reason_id in wanted:
        by_kind.setdefault(kind, set()).add(reason_id)
    return {
        (kind, reason_id): words
        for kind, read in _READERS.items()
        if kind in by_kind
        for reason_id, words in read(account_id, by_kind[kind]).items()
    }
