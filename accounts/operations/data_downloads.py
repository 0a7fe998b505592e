"""A customer's own data as a file: asked for, made by a worker of what each app says of itself, deleted afterwards."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import DataDownload, DataDownloadState, Line
from accounts.operations.budgets import BudgetSpent, take_from_budget
from accounts.queries.lines import get_line
from accounts.task_names import MAKE_DATA_DOWNLOADS
from accounts.texts import DATA_DOWNLOAD_READY
from kernel.enqueue import nudge_after_commit
from kernel.errors import NotFound
from kernel.masking import mask_msisdn
from kernel.own_data import OwnData
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

TRIES = 3

log = structlog.get_logger(__name__)


class TooManyDownloads(BudgetSpent):
    """The account asked for as many copies as it may in a day."""

    code = "TOO_MANY_DOWNLOADS"
    message = gettext_lazy("So many copies of your data were asked for today that no more can be made now.")


def request_data_download(*, account_id: uuid.UUID, line_id: uuid.UUID, language: str, now: datetime) -> DataDownload:
    """Ask for a copy of all that is kept about an account. A worker makes it soon.

    :param language: of the headings, "zh-hans" or "en".
    :return: the copy that is being made; the one that was asked for before, if it is not made yet.
    :raises NotFound: the account has no such line in use.
    :raises TooManyDownloads: `settings.DATA_DOWNLOADS_PER_DAY` were asked for within a day.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    with transaction.atomic():
        wanted = DataDownload(account_id=account_id, line_id=line.id, language=language, requested_at=now)
        # Of two at once the later waits here for the earlier, and finds its row.
        DataDownload.objects.bulk_create([wanted], ignore_conflicts=True)
        kept = DataDownload.objects.defer("content").get(account_id=account_id, state=DataDownloadState.WAITING)
        if kept.id == wanted.id:
            key, limit = f"data-download:{account_id}", settings.DATA_DOWNLOADS_PER_DAY
            try:
                take_from_budget(key=key, limit=limit, period=timedelta(days=1), now=now)
            except BudgetSpent as spent:
                raise TooManyDownloads(next_at=spent.next_at, now=now) from None
            nudge_after_commit(MAKE_DATA_DOWNLOADS)
    return kept


def make_data_downloads(*, now: datetime, limit: int = 20) -> int:
    """Make the copies that wait, the oldest first. One that fails three times is given up; the others go on.

    :return: how many were made.
    """
    waiting = DataDownload.objects.filter(state=DataDownloadState.WAITING).order_by("requested_at")
    return sum(
        _make(account_id, download_id, now)
        for account_id, download_id in list(waiting.values_list("account_id", "id")[:limit])
    )


def delete_data_downloads(*, now: datetime) -> int:
    """Delete the copies whose time is over; that they were asked for is kept.

    :return: how many.
    """
    over = DataDownload.objects.filter(state=DataDownloadState.READY, expires_at__lte=now)
    return over.update(state=DataDownloadState.DELETED, content=None)


def list_own_data() -> list[OwnData]:
    """Return what each app named by `settings.OWN_DATA` says customers may take along."""
    return [table for app in settings.OWN_DATA for table in import_string(f"{app}.queries.own_data.OWN_DATA")]


def pack_own_data(*, account_id: uuid.UUID, language: str, now: datetime) -> bytes:
    """Return a zip archive of all that is kept about an account: one JSON file of everything, a CSV file a table."""
    packed = io.BytesIO()
    with translation.override(language), zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = list_own_data()
        archive.writestr("README.txt", _read_me(tables, now))
        with archive.open("data.json", "w", force_zip64=True) as document:
            _write_json(document, tables, account_id)
        for table in tables:
            with archive.open(f"csv/{table.name}.csv", "w", force_zip64=True) as sheet:
                for line in table.csv_file(account_id):
                    sheet.write(line)
    return packed.getvalue()


def _make(account_id: uuid.UUID, download_id: uuid.UUID, now: datetime) -> bool:
    waiting = DataDownload.objects.filter(account_id=account_id, id=download_id, state=DataDownloadState.WAITING)
    # Counted before it is tried, so that one that kills its worker ends too.
    if not waiting.filter(attempts__lt=TRIES).update(attempts=F("attempts") + 1):
        waiting.filter(attempts__gte=TRIES).update(state=DataDownloadState.FAILED)
        return False
    download = waiting.defer("content").first()
    if download is None:
        return False
    try:
        content = pack_own_data(account_id=account_id, language=download.language, now=now)
    except (DatabaseError, ValueError, TypeError):
        log.exception("data_download_not_made", download_id=str(download_id))
        return False
    expires_at = now + timedelta(seconds=settings.DATA_DOWNLOAD_LIFETIME_SECONDS)
    with transaction.atomic():
        done = waiting.update(
            state=DataDownloadState.READY,
            content=content,
            size_bytes=len(content),
            ready_at=now,
            expires_at=expires_at,
        )
        if done:
            _tell(download, expires_at, now)
    return bool(done)


def _tell(download: DataDownload, expires_at: datetime, now: datetime) -> None:
    """Tell the line that asked, unless it is gone by now."""
    try:
        line: Line = get_line(account_id=download.account_id, line_id=download.line_id)
    except NotFound:
        return
    queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=DATA_DOWNLOAD_READY,
        language=line.language,
        values={
            "number": mask_msisdn(line.msisdn),
            "at": instant_words(line.language, expires_at),
            "service_number": settings.SERVICE_NUMBER,
        },
        dedup_key=f"data-download:{download.id}",
        now=now,
    )


def _write_json(document: IO[bytes], tables: Iterable[OwnData], account_id: uuid.UUID) -> None:
    """Write one object with an array a table, row by row: what is kept of years need not fit into memory twice."""
    write = document.write
    for number, table in enumerate(tables):
        write(f"{',' if number else '{'}\n{json.dumps(table.name)}: [".encode())
        for place, row in enumerate(table.json_rows(account_id)):
            write(f"{',' if place else ''}\n{json.dumps(row, ensure_ascii=False)}".encode())
        write(b"]")
    write(b"\n}\n")


def _read_me(tables: Iterable[OwnData], now: datetime) -> str:
    words = [
        _("All that %(operator)s keeps about your account, as of %(at)s.")
        % {"operator": settings.OPERATOR_NAME, "at": instant_words(translation.get_language() or "", now)},
        _("data.json holds everything; the folder csv holds the same as tables. Money is in fen (1/100 yuan)."),
        _("Passwords and codes are not in it: we keep no readable ones."),
        "",
        *(f"{table.name}: {table.title}" for table in tables),
    ]
    return "\r\n".join(words) + "\r\n"
