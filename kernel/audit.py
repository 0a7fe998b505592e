"""Invariants of the books, said once in SQL by the app they belong to (`<app>/queries/audit.py: list_checks()`).

A check reads; it names what must be, counts what it looked at, and finds the rows that break it.
`manage.py audit_books` runs them all, in tests and in production.

    AuditCheck(
        name="wallet_is_sum_of_entries",
        promise="A wallet holds exactly what its entries add up to.",
        rows="SELECT count(*) FROM billing_wallet",
        violations="SELECT wallet.account_id FROM billing_wallet AS wallet WHERE …",
    )
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """One invariant.

    :param name: what holds, in lower_case_words.
    :param promise: the same as a sentence for staff.
    :param rows: query of one number: how many rows are looked at.
    :param violations: query of one row for each violation. Its columns are shown as examples, so they are ids, months,
        versions: never names, numbers or words of a person. Without parameters; a % is written once.
    """

    name: str
    promise: str
    rows: str
    violations: str


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What a check found; `examples` are a few of the violations as text."""

    check: AuditCheck
    rows: int
    violations: int
    examples: tuple[str, ...]


def run_audit(checks: Iterable[AuditCheck]) -> Iterator[AuditResult]:
    """Run checks on one snapshot of the database, so that what happens meanwhile is not mistaken for a violation.

    Must not be called inside a transaction.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
        for check in checks:
            yield run_check(check)


def run_check(check: AuditCheck) -> AuditResult:
    """Run one check."""
    with connection.cursor() as cursor:
        cursor.execute(check.rows)
        (rows,) = cursor.fetchone()
        cursor.execute(
            f"WITH violation AS MATERIALIZED ({check.violations})"  # noqa: S608 (our own queries)
            " SELECT (SELECT count(*) FROM violation),"
            f" ARRAY(SELECT violation::text FROM violation LIMIT {EXAMPLES})"
        )
        violations, examples = cursor.fetchone()
    return AuditResult(check, rows, violations, tuple(examples))
