"""Loads a file of usage records, batch by batch, so that a load that died goes on where it ended."""

import csv
import io
import os
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kernel.csv_export import safe_cell
from kernel.errors import DomainError
from packages_app.models import UsageLoad
from packages_app.operations.record_usage import UsageRow, record_usage
from packages_app.queries.usage_file import (
    LINE_REASONS,
    UsageLine,
    fingerprint,
    open_usage_file,
    read_usage_lines,
)

BATCH_ROWS = 10_000
_REJECT_COLUMNS = ("line", "reason", "message", "record")


class LoadedElsewhere(DomainError):
    """Another process loads the same file."""

    code = "LOADED_ELSEWHERE"
    message = _("This file is being loaded by another process.")
    cure = _("Wait until it has ended; then load it again if it did not come to the end.")
    http_status = 409


def load_usage(
    *,
    path: Path,
    rejects_path: Path,
    now: datetime,
    progress: Callable[[UsageLoad, int], None] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> UsageLoad:
    """Record every line of a file (CSV with a header, UTF-8, plain or gzip), and write those that are none to another.

    Each batch is committed with how far the file is done, so the same file loaded again goes on from there, or does
    nothing when it was done. Memory does not grow with the file.

    :param rejects_path: CSV of line number, reason and the line itself; written anew, or on from where a load died.
    :param now: when the file came.
    :param progress: called with the load and the bytes of the file that are read, after each batch.
    :return: what became of the file, over all its runs.
    :raises HeaderInvalid: the first line does not name the columns; nothing was recorded.
    :raises FileUnreadable: the file is damaged; what came before stays recorded.
    :raises LoadedElsewhere: another process loads this file.
    """
    load, _made = UsageLoad.objects.get_or_create(
        fingerprint=fingerprint(path), defaults={"file_name": path.name, "started_at": now}
    )
    if load.finished_at:
        return load
    with open_usage_file(path) as (file, raw), _open_rejects(rejects_path, load.rejects_bytes) as rejects:
        lines = read_usage_lines(file, skip=load.rows_done)
        while batch := list(islice(lines, batch_rows)):
            load = _record_batch(load, batch, rejects, now)
            if progress:
                progress(load, raw.tell())
    UsageLoad.objects.filter(fingerprint=load.fingerprint).update(finished_at=now)
    load.refresh_from_db()
    return load


def _open_rejects(path: Path, kept_bytes: int) -> IO[bytes]:
    """Open the file of rejects behind what belongs to committed batches."""
    file = path.open("r+b" if kept_bytes and path.exists() else "wb")
    file.truncate(kept_bytes)
    file.seek(0, os.SEEK_END)
    if not file.tell():
        file.write(_csv_line(_REJECT_COLUMNS))
    return file


def _record_batch(load: UsageLoad, batch: list[UsageLine], rejects: IO[bytes], now: datetime) -> UsageLoad:
    readable = [line for line in batch if line.values is not None]
    with transaction.atomic():
        kept = UsageLoad.objects.select_for_update(no_key=True).get(fingerprint=load.fingerprint)
        if kept.rows_done != load.rows_done:
            raise LoadedElsewhere
        result = record_usage(records=[UsageRow(*line.values) for line in readable if line.values], now=now)
        reasons = {line.number: (line, line.reason, LINE_REASONS[line.reason]) for line in batch if line.reason}
        for rejected in result.rejected:
            line = readable[rejected.index]
            reasons[line.number] = (line, rejected.reason.value, rejected.reason.label)
        with translation.override("en"):
            for number, (line, reason, message) in sorted(reasons.items()):
                rejects.write(_csv_line((str(number), reason, str(message), line.text)))
        # On disk before the batch counts as done; what is too much after a crash is cut off again.
        rejects.flush()
        os.fsync(rejects.fileno())
        kept.rows_done += len(batch)
        kept.recorded += result.recorded
        kept.repeated += result.repeated
        kept.rejected += len(reasons)
        kept.rejects_bytes = rejects.tell()
        kept.save()
    return kept


def _csv_line(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode()
