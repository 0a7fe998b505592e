"""Brings a file of offerings into the catalogue: looked at first, then all of it or nothing."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from psycopg2.errorcodes import UNIQUE_VIOLATION

from kernel.csv_import import CsvRow
from kernel.errors import DomainError
from packages_app.locks import lock_catalogue
from packages_app.models import LinkKind, Offering
from packages_app.operations.keep_offering import write_links, write_offering
from packages_app.operations.offering_rules import list_faults
from packages_app.queries.catalogue import list_whole_catalogue
from packages_app.queries.offering_history import Difference, list_differences
from packages_app.sheets.catalogue_file import read_file
from packages_app.sheets.draft import NO, YES, Draft, draft_of, fingerprint, texts_of
from packages_app.sheets.offering_form import OfferingForm

_YES = frozenset({YES, "y", "true", "1", "是"})
_NO = frozenset({NO, "n", "false", "0", "否", ""})
# What a column means that is left out or empty.
_BLANK = {"position": "100", "first_month": "FULL", "commitment_months": "0", "minimum_star": "0", "points_price": "0"}


class Outcome(Enum):
    """What a row of the file would do."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row of the file and what would become of it.

    :ivar number: as a spreadsheet counts: the heading is row 1.
    :ivar reasons: why it is refused, each with its column; empty unless it is.
    """

    number: int
    code: str
    name: str
    outcome: Outcome
    differences: Sequence[Difference] = ()
    reasons: Sequence[tuple[str, str]] = ()
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do to the catalogue as it stands.

    :ivar digest: of the file and of the catalogue it was compared with.
    """

    rows: Sequence[PreviewRow]
    digest: str
    counts: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def is_applicable(self) -> bool:
        """Whether no row is refused."""
        return self.counts[Outcome.REFUSED] == 0


class ImportRefused(DomainError):
    """A row of the file is refused, so nothing of it is brought in.

    :ivar preview: all rows with their reasons.
    """

    code = "IMPORT_REFUSED"
    message = _("The file has rows that cannot be brought in, so none was.")
    cure = _("Correct them and send the file again.")

    def __init__(self, *, preview: Preview) -> None:
        super().__init__()
        self.preview = preview


class PreviewOutdated(DomainError):
    """The catalogue is no longer as it was when the preview was shown."""

    code = "PREVIEW_OUTDATED"
    message = _("The catalogue changed since you looked at the preview, so nothing was brought in.")
    cure = _("Look at the new preview and confirm it.")
    http_status = 409


def preview_import(*, content: bytes) -> Preview:
    """Tell what a file would do, and change nothing.

    :param content: the file, as `packages_app.sheets.catalogue_file` reads it.
    :raises FileInvalid: the file as a whole cannot be read.
    """
    file_rows = read_file(content)
    existing = {offering.code: offering for offering in list_whole_catalogue()}
    before = {code: texts_of(draft_of(offering)) for code, offering in existing.items()}
    doubles = {code for code, count in Counter(row.key for row in file_rows).items() if count > 1}
    rows = [_read(row, existing.get(row.key), before, doubles) for row in file_rows]
    rows = _refused_by_rules(rows, before)
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in Outcome}
    return Preview(rows, _digest(content, before), counts)


def import_offerings(*, content: bytes, author: str, now: datetime, seen_digest: str | None = None) -> Preview:
    """Bring a file of offerings in, all or nothing. What the file does not name stays as it is.

    The same file again changes nothing. What was sold keeps its terms; a change of what binds begins a version.

    :param author: who brings it in, for the history.
    :param seen_digest: of the preview that a person confirmed; None where nobody looked.
    :return: what was done.
    :raises FileInvalid: the file as a whole cannot be read.
    :raises PreviewOutdated: it would do something else by now than the preview said.
    :raises ImportRefused: a row is refused.
    """
    try:
        return _bring_in(content, author, now, seen_digest)
    except IntegrityError as error:
        # Two files bring the same new code at once: there was no row yet that the first could have locked.
        if getattr(error.__cause__, "pgcode", "") != UNIQUE_VIOLATION:
            raise
        raise PreviewOutdated from None


@transaction.atomic
def _bring_in(content: bytes, author: str, now: datetime, seen_digest: str | None) -> Preview:
    # Held until the end, so that nobody changes what the rows were compared with.
    lock_catalogue()
    preview = preview_import(content=content)
    if seen_digest is not None and seen_digest != preview.digest:
        raise PreviewOutdated
    if not preview.is_applicable:
        raise ImportRefused(preview=preview)
    written = [(row, row.draft) for row in preview.rows if row.draft and row.outcome is not Outcome.UNCHANGED]
    for row, draft in written:
        write_offering(
            offering=draft.offering,
            allowances=draft.allowances,
            unit_prices=draft.unit_prices,
            author=author,
            now=now,
            is_new=row.outcome is Outcome.NEW,
        )
    # All of them are there by now.
    for _row, draft in written:
        write_links(offering=draft.offering, links=draft.links)
    return preview


def _read(
    row: CsvRow, existing: Offering | None, before: Mapping[str, Mapping[str, str]], doubles: Collection[str]
) -> PreviewRow:
    code = row.key
    texts = {**before.get(code, {}), **row.cells}
    form = OfferingForm(_form_data(texts), instance=existing)
    reasons = [(name, str(sentence)) for name, sentences in form.errors.items() for sentence in sentences]
    if code in doubles:
        reasons.append(("code", gettext("The file names this code twice.")))
    if texts.get("carries_over", "").lower() not in _YES | _NO:
        reasons.append(("carries_over", gettext("Write yes or no.")))
    if reasons:
        return PreviewRow(row.number, code, texts.get("name_zh", ""), Outcome.REFUSED, reasons=reasons)
    after = texts_of(form.draft)
    name = form.draft.offering.name_zh
    if code not in before:
        return PreviewRow(row.number, code, name, Outcome.NEW, draft=form.draft)
    differences = list_differences(before[code], after)
    outcome = Outcome.CHANGED if differences else Outcome.UNCHANGED
    return PreviewRow(row.number, code, name, outcome, differences, draft=form.draft)


def _form_data(texts: Mapping[str, str]) -> dict[str, str]:
    """What a browser would send for these texts."""
    data = {**texts, **{name: text for name, text in _BLANK.items() if not texts.get(name)}}
    for name in ("on_sale_from", "on_sale_to"):
        data[name] = data.get(name, "").replace("/", "-")
    for name in ("kind", "recurrence", "first_month", "head"):
        data[name] = data.get(name, "").upper()
    if data.pop("carries_over", "").lower() in _YES:
        data["carries_over"] = "on"
    return data


def _refused_by_rules(rows: Sequence[PreviewRow], before: Mapping[str, Mapping[str, str]]) -> list[PreviewRow]:
    """Look at the catalogue as it would be, with all of the file in it."""
    needs = {code: set(texts["requires"].split()) for code, texts in before.items()}
    for row in rows:
        if row.draft is not None:
            needs[row.code] = {link.other_id for link in row.draft.links if link.kind == LinkKind.REQUIRES}
    return [_after_rules(row, needs) for row in rows]


def _after_rules(row: PreviewRow, needs: Mapping[str, set[str]]) -> PreviewRow:
    draft = row.draft
    if draft is None:
        return row
    faults = list_faults(
        offering=draft.offering,
        allowances=draft.allowances,
        unit_prices=draft.unit_prices,
        links=draft.links,
        known_codes=needs.keys(),
        needs=needs,
    )
    if not faults:
        return row
    reasons = [(fault.field, str(fault.message)) for fault in faults]
    return PreviewRow(row.number, row.code, row.name, Outcome.REFUSED, reasons=reasons)


def _digest(content: bytes, before: Mapping[str, Mapping[str, str]]) -> str:
    seen = hashlib.sha256(content)
    for code in sorted(before):
        seen.update(fingerprint(before[code]).encode())
    return seen.hexdigest()
