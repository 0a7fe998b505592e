"""Reads files of usage records: CSV with a header, in UTF-8, plain or gzip; a line at a time, whatever its length."""

import csv
import gzip
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, Text

REQUIRED = ("number", "key", "started_at", "kind", "amount")
OPTIONAL = ("app", "region", "other_party")
LONGEST_LINE = 4096
# Whether there is such a number is judged by the directory; a look into the public numbering data would take longer
# than all the rest.
_NUMBER = re.compile(r"(?:\+86|0086|86)?(1\d{10}|1\d{12})", re.ASCII)
_GZIP = b"\x1f\x8b"
_HASHED_AT_ONCE = 1024 * 1024

# Why a line is no record at all; the rest is judged when it is recorded.
LINE_TOO_LONG = "LINE_TOO_LONG"
NOT_UTF8 = "NOT_UTF8"
COLUMNS_WRONG = "COLUMNS_WRONG"
NUMBER_INVALID = "NUMBER_INVALID"
TIME_INVALID = "TIME_INVALID"
AMOUNT_INVALID = "AMOUNT_INVALID"
LINE_REASONS: dict[str, Text] = {
    LINE_TOO_LONG: _("the line is too long"),
    NOT_UTF8: _("the line is not UTF-8"),
    COLUMNS_WRONG: _("the line has not as many columns as the header"),
    NUMBER_INVALID: _("this is not a mobile number"),
    TIME_INVALID: _("the start is not a time with its zone, such as 2026-11-22T14:32:00+08:00"),
    AMOUNT_INVALID: _("the amount is not a whole number"),
}


class HeaderInvalid(DomainError):
    """The first line does not name the columns of usage records."""

    code = "HEADER_INVALID"
    message = _("The first line of the file does not name its columns as they should be.")
    cure = _("Needed are number,key,started_at,kind,amount; app,region,other_party may follow. Save the file as UTF-8.")
    http_status = 400


class FileUnreadable(DomainError):
    """The file ends in the middle, or cannot be unpacked."""

    code = "FILE_UNREADABLE"
    message = _("The file is damaged: it cannot be read to its end.")
    cure = _("What was read of it is recorded. Fetch the file again and load it: nothing is counted twice.")
    http_status = 400


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One line of the file.

    :ivar number: of the line, the header being 1.
    :ivar values: msisdn, key, start, kind, amount, application, region, other party; None when `reason` says why not.
    """

    number: int
    text: str
    values: tuple[str, str, datetime, str, int, str, str, str] | None
    reason: str = ""


def fingerprint(path: Path) -> str:
    """Return what tells a file from another: the SHA-256 of its content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_HASHED_AT_ONCE):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def open_usage_file(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file, unpacking it when it is gzip: (what to read, the file itself, whose position tells the progress)."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == _GZIP
        raw.seek(0)
        if not is_packed:
            yield raw, raw
            return
        with gzip.open(raw, "rb") as unpacked:
            yield cast("IO[bytes]", unpacked), raw


def read_usage_lines(file: IO[bytes], *, skip: int = 0) -> Iterator[UsageLine]:
    """Yield the lines after the header, each read or with the reason why not. Empty lines are passed over.

    :param skip: lines to pass over unread, which an earlier run has done.
    :raises HeaderInvalid: when the first line is read.
    :raises FileUnreadable: the file ends in the middle.
    """
    try:
        columns = _read_header(file.readline(LONGEST_LINE))
        number, done = 1, 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            is_whole = line.endswith(b"\n") or len(line) < LONGEST_LINE
            if not is_whole:
                while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
            if not line.strip():
                continue
            done += 1
            if done > skip:
                yield _read_line(number, line, columns) if is_whole else _bad(number, line, LINE_TOO_LONG)
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise FileUnreadable from error


def _read_header(line: bytes) -> list[str]:
    try:
        columns = [column.strip().lower() for column in next(csv.reader([line.decode("utf-8-sig")]), [])]
    except (UnicodeDecodeError, csv.Error):
        raise HeaderInvalid from None
    known = set(columns) <= {*REQUIRED, *OPTIONAL}
    if not known or not set(REQUIRED) <= set(columns) or len(set(columns)) != len(columns):
        raise HeaderInvalid
    return columns


def _read_line(number: int, line: bytes, columns: list[str]) -> UsageLine:
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return _bad(number, line, NOT_UTF8)
    try:
        cells = next(csv.reader([text], strict=True))
    except csv.Error:
        return _bad(number, line, COLUMNS_WRONG)
    if len(cells) != len(columns):
        return _bad(number, line, COLUMNS_WRONG)
    row = dict(zip(columns, cells, strict=True))
    msisdn = _NUMBER.fullmatch(row["number"])
    if msisdn is None:
        return _bad(number, line, NUMBER_INVALID)
    try:
        started_at = datetime.fromisoformat(row["started_at"])
    except ValueError:
        return _bad(number, line, TIME_INVALID)
    if started_at.tzinfo is None:
        return _bad(number, line, TIME_INVALID)
    amount = row["amount"]
    if not (amount.isascii() and amount.removeprefix("-").isdigit() and len(amount) <= 30):
        return _bad(number, line, AMOUNT_INVALID)
    app, region, other_party = (row.get(name, "") for name in OPTIONAL)
    values = (f"+86{msisdn[1]}", row["key"], started_at, row["kind"].upper(), int(amount), app, region, other_party)
    return UsageLine(number, text, values)


def _bad(number: int, line: bytes, reason: str) -> UsageLine:
    return UsageLine(number, line.decode(errors="replace").rstrip("\r\n"), None, reason)
