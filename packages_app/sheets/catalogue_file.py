"""A file of many offerings: CSV with a heading, one row each, as any spreadsheet opens and saves it."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kernel.csv_export import csv_lines, safe_cell
from kernel.errors import DomainError
from packages_app.sheets.draft import COLUMNS, Draft, texts_of

MOST_ROWS = 1_000
MOST_BYTES = 1024**2


class FileInvalid(DomainError):
    """The file as a whole cannot be read."""

    code = "CATALOGUE_FILE_INVALID"
    message = _("This is not a file of offerings.")
    cure = _("Export the catalogue, change that file, and save it as CSV.")
    field = "file"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row as it was written.

    :ivar number: as a spreadsheet counts: the heading is row 1.
    :ivar cells: by column; columns that the file leaves out are missing.
    """

    number: int
    cells: dict[str, str]

    @property
    def code(self) -> str:
        """The offering's code; empty where none is written."""
        return self.cells.get("code", "")


def write_file(drafts: Iterable[Draft]) -> Iterator[bytes]:
    """Yield the file of these offerings line by line; no cell of it becomes a formula."""
    rows = ([texts_of(draft)[column] for column in COLUMNS] for draft in drafts)
    return csv_lines(columns=COLUMNS, rows=rows)


def read_file(content: bytes) -> list[FileRow]:
    """Read the rows of a file; empty rows are passed over.

    :param content: UTF-8, or GB18030 as Chinese spreadsheets save it.
    :raises FileInvalid: it is no CSV, too large, or its heading is not ours.
    """
    if len(content) > MOST_BYTES:
        raise FileInvalid(_("The file is too large."), cure=_("Send one megabyte at most."))
    try:
        lines = list(csv.reader(io.StringIO(_decoded(content), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise FileInvalid from None
    heading = [cell.strip().lower() for cell in lines[0]] if lines else []
    while heading and not heading[-1]:
        heading.pop()
    _require_heading(heading)
    if len(lines) > MOST_ROWS + 1:
        raise FileInvalid(_("The file has more than %(count)s rows.") % {"count": MOST_ROWS}, cure=_("Split it."))
    return [
        FileRow(number, {column: _plain(cell) for column, cell in zip(heading, cells, strict=False)})
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _require_heading(heading: list[str]) -> None:
    if "code" not in heading:
        raise FileInvalid(_("The first row does not name the columns: there is none named “code”."))
    unknown = [column for column in heading if column not in COLUMNS]
    if unknown or len(set(heading)) < len(heading):
        raise FileInvalid(
            _("Columns unknown or named twice: %(columns)s.") % {"columns": ", ".join(unknown or heading)},
            cure=_("The columns are: %(columns)s.") % {"columns": ", ".join(COLUMNS)},
        )


def _plain(cell: str) -> str:
    """Take off what `safe_cell` put before a cell."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text
