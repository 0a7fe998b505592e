"""Brings a file of shops and hotspots in: looked at first, then all of it or nothing."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from psycopg2.errorcodes import UNIQUE_VIOLATION

from care.locks import lock_sites
from care.models import Site
from care.operations.site_rules import list_site_faults
from care.queries.sites import list_all_sites
from care.sheets.site_file import COLUMNS, facts_of, read_file, texts_of
from kernel.csv_import import CsvRow
from kernel.errors import DomainError
from packages_app.operations.import_offerings import Outcome


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One row of the file and what would become of it.

    :ivar number: as a spreadsheet counts: the heading is row 1.
    :ivar reasons: why it is refused: column and sentence of each.
    :ivar differences: column, text now and text then of each.
    """

    number: int
    code: str
    name: str
    outcome: Outcome
    reasons: Sequence[tuple[str, str]] = ()
    differences: Sequence[tuple[str, str, str]] = ()
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class SitePreview:
    """What a file would do to the sites as they stand.

    :ivar digest: of the file and of the sites it was compared with.
    """

    rows: Sequence[SiteRow]
    digest: str

    @property
    def counts(self) -> Mapping[Outcome, int]:
        return {outcome: sum(row.outcome == outcome for row in self.rows) for outcome in Outcome}


class SitesRefused(DomainError):
    """A row of the file is refused, so nothing of it is brought in."""

    code = "IMPORT_REFUSED"
    message = _("The file has rows that cannot be brought in, so none was.")
    cure = _("Correct them and send the file again.")


class SitesChanged(DomainError):
    """The sites are no longer as they were when the preview was shown."""

    code = "PREVIEW_OUTDATED"
    message = _("The sites changed since you looked at the preview, so nothing was brought in.")
    cure = _("Look at the new preview and confirm it.")
    http_status = 409


def preview_sites(*, content: bytes) -> SitePreview:
    """Tell what a file would do, and change nothing.

    :param content: the file, as `care.sheets.site_file` reads it.
    :raises FileInvalid: the file as a whole cannot be read.
    """
    file_rows = read_file(content)
    existing = {site.code: site for site in list_all_sites().exclude(code="")}
    doubles = {code for code, count in Counter(row.key for row in file_rows).items() if count > 1}
    rows = [_read(row, existing.get(row.key), is_double=row.key in doubles) for row in file_rows]
    seen = hashlib.sha256(content)
    for code in sorted(existing):
        texts = texts_of(existing[code])
        seen.update("\x1f".join(texts[column] for column in COLUMNS).encode())
    return SitePreview(rows, seen.hexdigest())


def import_sites(*, content: bytes, author: str, now: datetime, seen_digest: str | None = None) -> SitePreview:
    """Bring a file of sites in, all or nothing. What the file does not name stays as it is.

    :param author: who brings it in, for the record.
    :param seen_digest: of the preview that a person confirmed; None where nobody looked.
    :return: what was done.
    :raises FileInvalid: the file as a whole cannot be read.
    :raises SitesChanged: it would do something else by now than the preview said.
    :raises SitesRefused: a row is refused.
    """
    try:
        with transaction.atomic():
            lock_sites()
            preview = preview_sites(content=content)
            if seen_digest is not None and seen_digest != preview.digest:
                raise SitesChanged
            if preview.counts[Outcome.REFUSED]:
                raise SitesRefused
            for row in preview.rows:
                if row.site is not None and row.outcome is not Outcome.UNCHANGED:
                    row.site.changed_at, row.site.changed_by = now, author
                    row.site.save()
    except IntegrityError as error:
        # Two files bring the same new code at once: there was no row yet that the first could have locked.
        if getattr(error.__cause__, "pgcode", "") != UNIQUE_VIOLATION:
            raise
        raise SitesChanged from None
    return preview


def _read(row: CsvRow, existing: Site | None, *, is_double: bool) -> SiteRow:
    before = texts_of(existing) if existing else {}
    facts, unreadable = facts_of({**before, **row.cells})
    name = str(facts["name_zh"])
    reasons = [(column, gettext("This cannot be read, or is too long.")) for column in unreadable]
    if not row.key:
        reasons.append(("code", gettext("Give it a code.")))
    if is_double:
        reasons.append(("code", gettext("The file names this code twice.")))
    site = existing or Site()
    if not reasons:
        for column, value in facts.items():
            setattr(site, column, value)
        reasons = [(column, str(sentence)) for column, sentence in list_site_faults(site=site)]
    if reasons:
        return SiteRow(row.number, row.key, name, Outcome.REFUSED, reasons=reasons)
    if existing is None:
        return SiteRow(row.number, row.key, name, Outcome.NEW, site=site)
    after = texts_of(site)
    differences = [(column, before[column], after[column]) for column in COLUMNS if before[column] != after[column]]
    outcome = Outcome.CHANGED if differences else Outcome.UNCHANGED
    return SiteRow(row.number, row.key, name, outcome, differences=differences, site=site)
