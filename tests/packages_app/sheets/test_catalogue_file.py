import csv
import io

import pytest

from kernel.csv_import import MOST_BYTES, FileInvalid
from packages_app.models import Offering
from packages_app.sheets.catalogue_file import MOST_ROWS, read_file, write_file
from packages_app.sheets.draft import COLUMNS, draft_of
from packages_app.sheets.offering_form import OfferingForm
from tests.factories.packages_app import make_offering


class TestColumns:
    def test_are_the_fields_of_the_form(self) -> None:
        assert sorted(COLUMNS) == sorted(OfferingForm.base_fields)


@pytest.mark.django_db
class TestWriteFile:
    def test_lets_no_cell_become_a_formula(self) -> None:
        make_offering(name_zh='=HYPERLINK("http://x")', name_en="@SUM(1)", summary_en="-5% off", summary_zh="+1")
        content = b"".join(write_file(draft_of(offering) for offering in Offering.objects.all()))
        assert content.startswith(b"\xef\xbb\xbf")
        row = next(iter(csv.DictReader(io.StringIO(content.decode("utf-8-sig")))))
        assert row["name_zh"] == '\'=HYPERLINK("http://x")'
        assert (row["name_en"], row["summary_en"], row["summary_zh"]) == ("'@SUM(1)", "'-5% off", "'+1")
        read = read_file(content)[0].cells
        assert (read["name_zh"], read["summary_en"]) == ('=HYPERLINK("http://x")', "-5% off")


class TestReadFile:
    def test_counts_rows_as_a_spreadsheet_does(self) -> None:
        rows = read_file(b'code,allowances\nA,"DATA 1GB\nSMS 5"\n\n,,\nB,\n')
        assert [(row.number, row.key) for row in rows] == [(2, "A"), (5, "B")]
        assert rows[0].cells == {"code": "A", "allowances": "DATA 1GB\nSMS 5"}

    def test_reads_what_chinese_spreadsheets_save(self) -> None:
        rows = read_file("code,name_zh,,\r\nA,畅享套餐,,\r\n".encode("gb18030"))
        assert rows[0].cells["name_zh"] == "畅享套餐"

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"name_zh\nA\n",
            b"code,colour\nA,red\n",
            b"code,code\nA,B\n",
            b'code\n"A\n',
            b"\xff\xfe\x00\x01",
            b"code\n" + b"A\n" * (MOST_ROWS + 1),
            b"code\n" + b"A" * MOST_BYTES,
        ],
    )
    def test_refuses_what_is_no_catalogue(self, content: bytes) -> None:
        with pytest.raises(FileInvalid) as refusal:
            read_file(content)
        assert str(refusal.value)
