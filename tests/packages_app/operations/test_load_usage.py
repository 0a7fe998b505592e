import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Line
from kernel.clock import SHANGHAI
from packages_app.models import UsageCounter, UsageLoad, UsageRecord
from packages_app.operations import load_usage as loading
from packages_app.operations.load_usage import LoadedElsewhere, load_usage
from packages_app.operations.record_usage import record_usage
from packages_app.queries.usage_file import FileUnreadable, HeaderInvalid
from tests.factories.usage import MB, NOW, make_line

pytestmark = pytest.mark.django_db
HEADER = "number,key,started_at,kind,amount,app,region,other_party"
AT = NOW.astimezone(SHANGHAI).isoformat()


def record(line: Line, key: str, amount: int = MB, rest: str = ",,") -> str:
    return f"{line.msisdn.removeprefix('+86')},{key},{AT},data,{amount},{rest}"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def rejects(path: Path) -> list[list[str]]:
    """Return (line, reason, record) of every reject."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "reason", "message", "record"]
    return [[line, reason, text] for line, reason, _message, text in rows[1:]]


def figures(load: UsageLoad) -> tuple[int, int, int, int]:
    return load.rows_done, load.recorded, load.repeated, load.rejected


class TestLoadUsage:
    def test_records_every_line_with_all_it_says(self, tmp_path: Path) -> None:
        line = make_line()
        file = write(
            tmp_path / "usage.csv", record(line, "a", 5), record(line, "a", 5), record(line, "b", 7, "video,HK,10086")
        )
        load = load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        assert figures(load) == (3, 2, 1, 0)
        assert load.finished_at == NOW
        kept = UsageRecord.objects.order_by("record_key").values_list("amount", "app", "region", "other_party")
        assert list(kept) == [(5, "", "", ""), (7, "video", "HK", "10086")]
        assert rejects(tmp_path / "rejects.csv") == []

    def test_reads_gzip_and_a_byte_order_mark_and_the_shortest_header(self, tmp_path: Path) -> None:
        line = make_line()
        file = tmp_path / "usage.csv.gz"
        file.write_bytes(
            gzip.compress(f"\ufeffkey,number,kind,amount,started_at\r\nk,{line.msisdn},DATA,9,{AT}\r\n".encode())
        )
        load = load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        assert figures(load) == (1, 1, 0, 0)

    def test_puts_aside_what_is_no_record_with_line_and_reason(self, tmp_path: Path) -> None:
        line = make_line()
        file = tmp_path / "usage.csv"
        bad = [
            b"only,three,cells",
            b"\xb0\xd7,k,2026-11-22T14:00:00+08:00,DATA,1,,,",
            record(line, "c").replace(AT, "2026-11-22 14:00:00").encode(),
            record(line, "d").replace(str(MB), "1.5").encode(),
            b"12345,e,2026-11-22T14:00:00+08:00,DATA,1,,,",
            b"13999999999,f,2026-11-22T14:00:00+08:00,DATA,1,,,",
            record(line, "g").replace("data", "fax").encode(),
            b"x" * 10_000,
            b'"open,quote,2026-11-22T14:00:00+08:00,DATA,1,,,',
            b"=1+1,h,2026-11-22T14:00:00+08:00,DATA,1,,,",
        ]
        file.write_bytes(
            b"\n".join([HEADER.encode(), b"", record(line, "a").encode(), *bad, record(line, "z").encode()])
        )
        load = load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        assert figures(load) == (12, 2, 0, 10)
        assert [row[:2] for row in rejects(tmp_path / "rejects.csv")] == [
            ["4", "COLUMNS_WRONG"],
            ["5", "NOT_UTF8"],
            ["6", "TIME_INVALID"],
            ["7", "AMOUNT_INVALID"],
            ["8", "NUMBER_INVALID"],
            ["9", "NUMBER_UNKNOWN"],
            ["10", "KIND_UNKNOWN"],
            ["11", "LINE_TOO_LONG"],
            ["12", "COLUMNS_WRONG"],
            ["13", "NUMBER_INVALID"],
        ]
        assert rejects(tmp_path / "rejects.csv")[-1][2].startswith("'=1+1")

    def test_does_nothing_with_a_file_that_was_loaded(self, tmp_path: Path) -> None:
        file = write(tmp_path / "usage.csv", record(make_line(), "a"))
        first = load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        again = load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        assert figures(first) == figures(again) == (1, 1, 0, 0)

    def test_goes_on_where_it_died(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        line, batches = make_line(), list[int]()
        lines = [record(line, f"k{number}") if number % 5 else "bad" for number in range(50)]
        file, reject_file = write(tmp_path / "usage.csv", *lines), tmp_path / "rejects.csv"
        really = record_usage

        def dying(*, records: Any, now: Any) -> Any:
            batches.append(len(records))
            if len(batches) == 3:
                raise KeyboardInterrupt
            return really(records=records, now=now)

        monkeypatch.setattr(loading, "record_usage", dying)
        with pytest.raises(KeyboardInterrupt):
            load_usage(path=file, rejects_path=reject_file, now=NOW, batch_rows=10)
        assert UsageCounter.objects.get().total == 16 * MB
        reject_file.write_bytes(reject_file.read_bytes() + b"half a li")  # what a crash may leave behind
        load = load_usage(path=file, rejects_path=reject_file, now=NOW, batch_rows=10)
        assert figures(load) == (50, 40, 0, 10)
        assert batches == [8] * 6  # five of the file, one of them twice
        assert UsageCounter.objects.get().total == 40 * MB
        assert [row[0] for row in rejects(reject_file)] == [str(number) for number in range(2, 52, 5)]

    def test_refuses_while_another_process_loads_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = write(tmp_path / "usage.csv", *(record(make_line(), f"k{number}") for number in range(4)))

        def meanwhile(load: UsageLoad, _bytes: int) -> None:
            UsageLoad.objects.update(rows_done=4)

        with pytest.raises(LoadedElsewhere):
            load_usage(path=file, rejects_path=tmp_path / "r.csv", now=NOW, batch_rows=2, progress=meanwhile)
        assert UsageRecord.objects.count() == 2

    @pytest.mark.parametrize(
        "header",
        ["", "number,key,started_at,kind", f"{HEADER},price", "number,number,key,started_at,kind,amount", "号码\xb0"],
    )
    def test_refuses_another_header(self, header: str, tmp_path: Path) -> None:
        file = tmp_path / "usage.csv"
        file.write_bytes(f"{header}\n{record(make_line(), 'a')}\n".encode("gbk", errors="replace"))
        with pytest.raises(HeaderInvalid):
            load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        assert UsageRecord.objects.count() == 0

    def test_keeps_what_came_before_the_damage_of_a_file(self, tmp_path: Path) -> None:
        line = make_line()
        whole = gzip.compress("\n".join([HEADER, *(record(line, f"key-{n}") for n in range(2000))]).encode())
        file = tmp_path / "usage.csv.gz"
        file.write_bytes(whole[: len(whole) - 200])
        with pytest.raises(FileUnreadable):
            load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW, batch_rows=100)
        kept = UsageRecord.objects.count()
        assert kept > 0
        assert kept % 100 == 0
        file.write_bytes(whole)
        load_usage(path=file, rejects_path=tmp_path / "rejects.csv", now=NOW)
        assert UsageRecord.objects.count() == 2000
