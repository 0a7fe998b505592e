"""Restoring a backup into an empty database."""

from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from portal.backup.figures import count_tables, read_figures
from portal.backup.manifest import Manifest, read_manifest
from portal.backup.postgres_programs import run_program
from portal.backup.refusal import BackupRefused


def restore_backup(*, dump: Path) -> Manifest:
    """Bring back everything a backup holds, all or nothing, and compare what came with what was written.

    :param dump: of `take_backup`, with its manifest beside it.
    :return: what the backup holds, and the database now as well.
    :raises BackupRefused: the backup is damaged, the database is not empty, or what came is not what was written.
    """
    manifest = read_manifest(dump)
    if tables := count_tables():
        raise BackupRefused(
            f"The database has {tables} tables already. Restore into an empty one, so that nothing is overwritten."
        )
    connection.close()
    run_program(
        "pg_restore", "--single-transaction", "--no-owner", "--no-privileges",
        f"--dbname={connection.settings_dict['NAME']}", str(dump),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE")
    with transaction.atomic():
        differences = manifest.figures.differences(read_figures())
    connection.close()
    if differences:
        raise BackupRefused(f"What came back is not what was written: {'; '.join(differences[:5])}.")
    return manifest


def count_waiting_migrations() -> int:
    """Return how many migrations a database that was restored is behind these programs."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
