"""Asked by `bin/guards` only, so that a new constraint need not wait for its row: which are not in the table?"""

import re

import pytest
from django.db import connection

from tests.guards.constraints import CONSTRAINTS, COVERED

# What Django names itself ends so; each of ours has a name that says something.
UNNAMED = ("_check", "_uniq")
MONEY_ORDERS_AND_PEOPLE = "^(accounts_|billing_|packages_(order|subscription|bucket|usage))"
# What is kept of no money of the hall's own: the sandboxes' books, and what was compared or handed over.
OTHER_TABLES = "^billing_(sandbox_|reconciliation|e_invoice_batch)"


@pytest.mark.django_db
def test_each_constraint_has_a_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, conrelid::regclass::text FROM pg_constraint"
            " WHERE contype IN ('c', 'u') AND conrelid::regclass::text ~ %s"
            " UNION SELECT indexname, tablename FROM pg_indexes"
            " WHERE tablename ~ %s AND indexdef LIKE 'CREATE UNIQUE INDEX %% WHERE %%'",
            [MONEY_ORDERS_AND_PEOPLE, MONEY_ORDERS_AND_PEOPLE],
        )
        there = {
            name
            for name, table in cursor.fetchall()
            if not name.endswith(UNNAMED) and not re.match(OTHER_TABLES, table)
        }
    assert sorted(there - CONSTRAINTS.keys() - COVERED.keys()) == []
