"""Reads reports of reconciliation."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models.functions import TruncDate

from billing.models import Reconciliation, ReconciliationDifference, Refund, RefundState, TopUp, TopUpState
from kernel.clock import SHANGHAI


def list_differences(reconciliation_id: uuid.UUID, limit: int) -> list[ReconciliationDifference]:
    """Return the first differences of a report, in its order."""
    return list(
        ReconciliationDifference.objects.filter(reconciliation_id=reconciliation_id).order_by("position")[:limit]
    )


def list_all_differences(reconciliation_id: uuid.UUID) -> Iterator[ReconciliationDifference]:
    """Yield every difference of a report, in its order."""
    rows = ReconciliationDifference.objects.filter(reconciliation_id=reconciliation_id).order_by("position")
    return rows.iterator(chunk_size=1_000)


def list_days_to_reconcile(provider: str, *, now: datetime, days: int = 14) -> list[date]:
    """Return the days before today on which something moved through a provider and no report was made, oldest first.

    :param days: how many days to look back.
    """
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=days)
    paid = TopUp.objects.filter(
        provider=provider, state=TopUpState.SUCCEEDED, paid_at__gte=since, paid_at__lt=today
    ).values_list(TruncDate("paid_at", tzinfo=SHANGHAI), flat=True)
    given_back = Refund.objects.filter(
        top_up__provider=provider, state=RefundState.SUCCEEDED, refunded_at__gte=since, refunded_at__lt=today
    ).values_list(TruncDate("refunded_at", tzinfo=SHANGHAI), flat=True)
    reports = Reconciliation.objects.filter(provider=provider, day_date__gte=since.date())
    return sorted({*paid.distinct(), *given_back.distinct()} - set(reports.values_list("day_date", flat=True)))
