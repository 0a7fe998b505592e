"""CSV for people who open it in a spreadsheet: no cell of it becomes a formula there.

A text that begins with = + - @ (wide ones as well), a tab or a line break is read as a formula, or moved into another
cell, by the usual programs. An apostrophe before it makes it text. Numbers are written as numbers, so negative ones
need none.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

# With it spreadsheets read Chinese; without it they guess.
_BYTE_ORDER_MARK = "\ufeff"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Blanks in front do not keep a spreadsheet from seeing a formula: plain, unbreakable, wide, and the mark of a file.
_BLANKS = " \u00a0\u3000\ufeff"
Cell = str | int | Decimal | None


class _Echo:
    """What the csv writer takes for a file: it hands back each line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(*, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 line by line, ready for a streaming answer or a file.

    :param columns: headings.
    :param rows: texts, numbers (money as Decimal yuan), or None for an empty cell.
    """
    writer = csv.writer(_Echo())
    yield (_BYTE_ORDER_MARK + str(writer.writerow([safe_cell(column) for column in columns]))).encode()
    for row in rows:
        yield str(writer.writerow([safe_cell(cell) for cell in row])).encode()


def safe_cell(cell: Cell) -> str:
    """Return a cell as a spreadsheet may read it."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.lstrip(_BLANKS).startswith(_DANGEROUS) else cell
