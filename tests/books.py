"""The invariants of the books, for tests that end by checking them. Needs `django_db(transaction=True)`."""

from kernel.audit import run_audit
from portal.management.commands.audit_books import list_all_checks


def broken_invariants() -> dict[str, tuple[str, ...]]:
    """Return the names of the invariants that are broken, with examples; empty when the books are in order."""
    return {result.check.name: result.examples for result in run_audit(list_all_checks()) if result.violations}
