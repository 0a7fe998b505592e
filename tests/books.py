"""The invariants of the books, for tests that end by checking them."""

from kernel.audit import run_audit, run_check
from portal.management.commands.audit_books import list_all_checks


def broken_invariants() -> dict[str, tuple[str, ...]]:
    """Return the names of the invariants that are broken, with examples; empty when the books are in order.

    Needs `django_db(transaction=True)`.
    """
    return {result.check.name: result.examples for result in run_audit(list_all_checks()) if result.violations}


def broken_checks() -> list[str]:
    """Return the names of the invariants that are broken, inside the transaction of a test with plain `django_db`."""
    return [check.name for check in list_all_checks() if run_check(check).violations]
