"""Taking a backup while the hall is open."""

import os
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction

from portal.backup.figures import read_figures
from portal.backup.manifest import Manifest, manifest_path, sha256_of
from portal.backup.postgres_programs import run_program
from portal.backup.refusal import BackupRefused


def take_backup(*, folder: Path, now: datetime) -> tuple[Path, Manifest]:
    """Write everything that is committed into a new dump, with a manifest beside it.

    Both are of one snapshot, however busy the hall is meanwhile. Must not be called inside a transaction.

    :param folder: made if it is not there; only its owner can read what is written.
    :return: the dump, and what it holds.
    :raises BackupRefused: it cannot be written; nothing half-done is left.
    """
    dump = folder / f"hall-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.dump"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if dump.exists():
            raise BackupRefused(f"{dump} exists already and is not overwritten.")
        partial = dump.with_suffix(".partial")
        try:
            manifest = _write(partial, now)
            manifest.write(dump)
            partial.rename(dump)
        finally:
            partial.unlink(missing_ok=True)
            if not dump.exists():
                manifest_path(dump).unlink(missing_ok=True)
    except OSError as error:
        raise BackupRefused(f"{error.filename or folder} cannot be written: {error.strerror}.") from None
    return dump, manifest


def _write(path: Path, now: datetime) -> Manifest:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with transaction.atomic(durable=True):
        snapshot = _hold_snapshot()
        figures = read_figures()
        run_program("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={path}")
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return Manifest(now.astimezone(UTC).isoformat(timespec="seconds"), sha256_of(path), figures)


def _hold_snapshot() -> str:
    """Fix what this transaction sees, for as long as it lasts, and return the name under which others see the same."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
    return str(name)
