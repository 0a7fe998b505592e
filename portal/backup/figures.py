"""The figures of the database that Django is connected to."""

from django.db import connection

from billing.queries.book_totals import get_book_totals
from portal.backup.manifest import Figures

# Parts of partitioned tables are counted with their whole.
_TABLES = """
    SELECT format('%I.%I', namespace.nspname, class.relname), class.relname::text
      FROM pg_class AS class
      JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
     WHERE namespace.nspname = 'public' AND class.relkind IN ('r', 'p') AND NOT class.relispartition
     ORDER BY class.relname
"""


def read_figures() -> Figures:
    """Count every table and add up the books, in the caller's transaction."""
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for quoted, name in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608 (quoted by the database)
            (rows[name],) = cursor.fetchone()
    return Figures(rows=rows, money=get_book_totals())


def count_tables() -> int:
    """Return how many tables there are: none in a database that a backup may be restored into."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return len(cursor.fetchall())
