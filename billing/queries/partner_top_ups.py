"""Reads the top-ups that a partner took the money for."""

from datetime import datetime

from django.db.models import QuerySet

from billing.models import TopUp, TopUpState


def list_credited_of_partner(*, client_id: str, starts_at: datetime, ends_at: datetime) -> QuerySet[TopUp]:
    """Return what was credited for a partner in [starts_at, ends_at), in order of time.

    :return: top-ups; `provider_payment_number` is the partner's own order id.
    """
    credited = TopUp.objects.filter(client_id=client_id, finished_at__gte=starts_at, finished_at__lt=ends_at)
    return credited.filter(state=TopUpState.SUCCEEDED).order_by("finished_at", "account_id", "id")
