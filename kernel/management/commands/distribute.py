"""`manage.py distribute`: spread the tables over a Citus cluster. Does nothing on plain PostgreSQL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections, transaction

from kernel.distribution import list_statements


class Command(BaseCommand):
    help = "Distributes the tables over a Citus cluster by account; does nothing on plain PostgreSQL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print the statements only")
        parser.add_argument("--database", default="default")

    def handle(self, *args: Any, dry_run: bool, database: str, **options: Any) -> None:
        if dry_run:
            for _table, statement in list_statements():
                self.stdout.write(f"{statement};")
            return
        connection = connections[database]
        with transaction.atomic(using=database), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
            if cursor.fetchone() is None:
                self.stdout.write("This is plain PostgreSQL, without the citus extension: nothing to do.")
                return
            cursor.execute("SET LOCAL citus.enable_local_reference_table_foreign_keys = off")
            cursor.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
            cursor.execute("SELECT table_name::text FROM citus_tables")
            done = {name for (name,) in cursor.fetchall()}
            for table, statement in list_statements():
                if table not in done:
                    self.stdout.write(f"distributing {table}")
                    cursor.execute(statement)
        self.stdout.write(self.style.SUCCESS("Every table is where it belongs."))
