"""Reads CSV files with a heading as people save them: UTF-8 or GB18030, whatever the spreadsheet put before a cell."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kernel.csv_export import safe_cell
from kernel.errors import DomainError

MOST_BYTES = 1024**2


class FileInvalid(DomainError):
    """A file as a whole cannot be read."""

    code = "FILE_INVALID"
    message = _("This file cannot be read.")
    cure = _("Export the list, change that file, and save it as CSV.")
    field = "file"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row as it was written.

    :ivar number: as a spreadsheet counts: the heading is row 1.
    :ivar key: of what the row is about; empty where none is written.
    :ivar cells: by column; columns that the file leaves out are missing.
    """

    number: int
    key: str
    cells: dict[str, str]


def read_rows(content: bytes, *, columns: Sequence[str], key: str, most_rows: int) -> list[CsvRow]:
    """Read the rows of a file; empty rows are passed over.

    :param columns: those that a heading may name; `key` is the one that it must.
    :raises FileInvalid: it is no CSV, too large, or its heading is another.
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
    _require_heading(heading, columns, key)
    if len(lines) > most_rows + 1:
        raise FileInvalid(_("The file has more than %(count)s rows.") % {"count": most_rows}, cure=_("Split it."))
    read = [
        (number, {column: _plain(cell) for column, cell in zip(heading, cells, strict=False)})
        for number, cells in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]
    return [CsvRow(number, cells.get(key, ""), cells) for number, cells in read]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _require_heading(heading: Sequence[str], columns: Sequence[str], key: str) -> None:
    if key not in heading:
        raise FileInvalid(_("The first row does not name the columns: there is none named “%(key)s”.") % {"key": key})
    unknown = [column for column in heading if column not in columns]
    if unknown or len(set(heading)) < len(heading):
        raise FileInvalid(
            _("Columns unknown or named twice: %(columns)s.") % {"columns": ", ".join(unknown or heading)},
            cure=_("The columns are: %(columns)s.") % {"columns": ", ".join(columns)},
        )


def _plain(cell: str) -> str:
    """Take off what `safe_cell` put before a cell."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text
