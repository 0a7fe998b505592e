"""Reads reports of reconciliation."""

import uuid
from collections.abc import Iterator

from billing.models import ReconciliationDifference


def list_differences(reconciliation_id: uuid.UUID, limit: int) -> list[ReconciliationDifference]:
    """Return the first differences of a report, in its order."""
    return list(
        ReconciliationDifference.objects.filter(reconciliation_id=reconciliation_id).order_by("position")[:limit]
    )


def list_all_differences(reconciliation_id: uuid.UUID) -> Iterator[ReconciliationDifference]:
    """Yield every difference of a report, in its order."""
    rows = ReconciliationDifference.objects.filter(reconciliation_id=reconciliation_id).order_by("position")
    return rows.iterator(chunk_size=1_000)
