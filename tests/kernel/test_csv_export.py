import csv
import io
from decimal import Decimal

import pytest

from kernel.csv_export import Cell, csv_lines, safe_cell


class TestSafeCell:
    @pytest.mark.parametrize(
        "text",
        [
            *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "=cmd|' /C calc'!A0", "-", "\u0009x"),
            # Wide, as Chinese keyboards write them, and behind blanks that a program trims.
            *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "\u3000=1", "\u00a0=1", "\ufeff=1", "\u3000\uff1d1"),
        ],
    )
    def test_makes_text_of_what_a_spreadsheet_would_run(self, text: str) -> None:
        assert safe_cell(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "a=1", "陈晓雨", "1-2", "'=1", "12"])
    def test_leaves_other_texts_alone(self, text: str) -> None:
        assert safe_cell(text) == text

    @pytest.mark.parametrize(("cell", "written"), [(-5, "-5"), (Decimal("-5.00"), "-5.00"), (0, "0"), (None, "")])
    def test_writes_numbers_as_numbers(self, cell: Cell, written: str) -> None:
        assert safe_cell(cell) == written


class TestCsvLines:
    def test_is_read_back_as_it_was_written(self) -> None:
        content = b"".join(
            csv_lines(columns=["号码", "=x"], rows=[['a,"b"\nc', Decimal("1.50")], [None, "+8613800138000"]])
        )
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert rows == [["号码", "'=x"], ['a,"b"\nc', "1.50"], ["", "'+8613800138000"]]

    def test_has_its_headings_when_there_is_nothing_else(self) -> None:
        assert b"".join(csv_lines(columns=["a", "b"], rows=[])).decode("utf-8-sig") == "a,b\r\n"
