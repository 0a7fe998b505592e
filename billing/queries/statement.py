"""Reads what moved in a wallet, with the reason of each movement."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from billing.models import Charge, LedgerEntry, MoneyBucket, TopUp


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


@dataclass(frozen=True, slots=True)
class Statement:
    """One page, newest first. `older_than` asks for the next one; None when this is the last."""

    entries: tuple[StatementEntry, ...]
    older_than: int | None


def get_statement(account_id: uuid.UUID, *, limit: int, older_than: int | None = None) -> Statement:
    """Return a page of an account's movements, newest first.

    :param limit: entries on a page.
    :param older_than: version below which to go on; None begins with the newest.
    """
    entries = LedgerEntry.objects.filter(account_id=account_id)
    if older_than is not None:
        entries = entries.filter(version__lt=older_than)
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
                *reasons.get(reason_id, ("", "")),
            )
            for version, posted_at, bucket, amount_fen, after_fen, kind, reason_id in page
        ),
        older_than=page[-1][0] if len(rows) > limit else None,
    )  # fmt: skip


def _reasons(account_id: uuid.UUID, wanted: Iterable[tuple[str, uuid.UUID]]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return (name, number) by reason id: one read for the charges of a page, one for its top-ups."""
    by_kind: dict[str, list[uuid.UUID]] = {"CHARGE": [], "TOP_UP": []}
    for kind, reason_id in wanted:
        by_kind.setdefault(kind, []).append(reason_id)
    reasons: dict[uuid.UUID, tuple[str, str]] = {}
    if by_kind["CHARGE"]:
        charges = Charge.objects.filter(account_id=account_id, id__in=by_kind["CHARGE"])
        reasons |= {row_id: (name, msisdn) for row_id, name, msisdn in charges.values_list("id", "name", "msisdn")}
    if by_kind["TOP_UP"]:
        top_ups = TopUp.objects.filter(account_id=account_id, id__in=by_kind["TOP_UP"])
        reasons |= {row_id: ("", msisdn) for row_id, msisdn in top_ups.values_list("id", "msisdn")}
    return reasons
