"""People with histories, whose pages are measured, and a crowd around them, in a database of their own."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from kernel.clock import SHANGHAI, month_of, now
from portal.demo.people import MAIN_MSISDN, bulk_msisdn
from portal.demo.seeding import seed_demo

LONG_MONTHS, SHORT_MONTHS = 36, 1
LONG_HISTORY, SHORT_HISTORY = MAIN_MSISDN, bulk_msisdn(0)
# Fewer, by HALL_BENCH_LINES, where the machine is small or busy.
FEW, MANY = 1_000, int(os.environ.get("HALL_BENCH_LINES", "100000"))
SQL = Path(__file__).with_name("sql")
BENCH_ID = """
    CREATE OR REPLACE FUNCTION bench_id(kind integer, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
    AS $$ SELECT ('019a0000-0000-7000-8' || lpad(to_hex(kind), 3, '0') || '-' || lpad(to_hex(number), 12, '0'))::uuid $$
"""


@contextmanager
def people_of_pages(name: str) -> Iterator[None]:
    """Within the block the database is a new one with the demo's people: one with a long history, one with a short.

    Demo people cannot live beside those of the other rows.
    """
    before = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    _turn_to(before, name)
    try:
        call_command("migrate", verbosity=0)
        for lines, months in ((0, LONG_MONTHS), (1, SHORT_MONTHS)):
            seed_demo(lines=lines, months=months, seed=1, as_of=_midnight(), progress=lambda *_step: None)
        yield
    finally:
        _turn_to(name, before)


def make_crowd(lines: int) -> None:
    """Put lines with wallet, plan, data, bills and movements around them, as many as are missing to `lines`."""
    month = month_of(now())
    with connection.cursor() as cursor:
        cursor.execute(BENCH_ID)
        cursor.execute("SELECT count(*) FROM accounts_line")
        values = {
            "first": cursor.fetchone()[0] + 1,
            "last": lines,
            "month_start": month.starts_at,
            "month_end": month.ends_at,
            "period": month.first_date,
        }
        cursor.execute((SQL / "p7_crowd.sql").read_text(), values)
        cursor.execute("ANALYZE")


def _turn_to(before: str, name: str) -> None:
    """Let this process and the servers that it starts use another database."""
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = re.sub(rf"/{before}(?=\?|$)", f"/{name}", os.environ["DATABASE_URL"])


def _midnight() -> datetime:
    return timezone.localtime(now(), SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
