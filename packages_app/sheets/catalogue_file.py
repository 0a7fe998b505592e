"""A file of many offerings: CSV with a heading, one row each, as any spreadsheet opens and saves it."""

from collections.abc import Iterable, Iterator

from kernel.csv_export import csv_lines
from kernel.csv_import import CsvRow, read_rows
from packages_app.sheets.draft import COLUMNS, Draft, texts_of

MOST_ROWS = 1_000


def write_file(drafts: Iterable[Draft]) -> Iterator[bytes]:
    """Yield the file of these offerings line by line; no cell of it becomes a formula."""
    rows = ([texts_of(draft)[column] for column in COLUMNS] for draft in drafts)
    return csv_lines(columns=COLUMNS, rows=rows)


def read_file(content: bytes) -> list[CsvRow]:
    """Read the rows of a file; empty rows are passed over.

    :param content: UTF-8, or GB18030 as Chinese spreadsheets save it.
    :raises FileInvalid: it is no CSV, too large, or its heading is not ours.
    """
    return read_rows(content, columns=COLUMNS, key="code", most_rows=MOST_ROWS)
