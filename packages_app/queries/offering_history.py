"""Reads what became of an offering: each version with what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from packages_app.models import Offering, OfferingAllowance, OfferingUnitPrice, OfferingVersion
from packages_app.sheets.draft import COLUMNS, Draft, texts_of

_CONTENTS = ("allowances", "unit_prices")
_FIELDS = {"price": "price_fen", "one_off": "one_off_fen", "cap": "cap_fen"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of `packages_app.sheets.draft.COLUMNS` that changed, as texts."""

    column: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """What it was and what it is, on one line."""
        return " → ".join("; ".join(text.splitlines()) or "–" for text in (self.before, self.after))


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version, and what it changed of the one before; the first changed nothing."""

    version: int
    author: str
    changed_at: datetime
    differences: Sequence[Difference]


def list_versions(*, code: str) -> list[PastVersion]:
    """Return the versions of an offering, newest first; one query."""
    kept = list(OfferingVersion.objects.filter(offering_id=code).order_by("version"))
    listed = []
    before: Mapping[str, str] | None = None
    for row in kept:
        after = _texts_of_terms(row.terms)
        differences = list_differences(before, after) if before is not None else []
        listed.append(PastVersion(row.version, row.author, row.changed_at, differences))
        before = after
    return listed[::-1]


def list_differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Return the columns in which two offerings, written as texts, differ."""
    return [
        Difference(column, before.get(column, ""), after[column])
        for column in COLUMNS
        if column in after and before.get(column, "") != after[column]
    ]


def _texts_of_terms(terms: Mapping[str, Any]) -> dict[str, str]:
    """Write kept terms as texts; what terms do not hold (sale, provinces, ties) is left out."""
    fields = {field.attname for field in Offering._meta.concrete_fields}
    draft = Draft(
        Offering(**{name: value for name, value in terms.items() if name in fields}),
        [OfferingAllowance(**part) for part in terms["allowances"]],
        [OfferingUnitPrice(**part) for part in terms["unit_prices"]],
        [],
    )
    texts = texts_of(draft)
    return {column: texts[column] for column in COLUMNS if column in _CONTENTS or _FIELDS.get(column, column) in terms}
