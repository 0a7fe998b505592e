"""Brings offerings into the catalogue."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from packages_app.models import Offering, OfferingAllowance


def import_offerings(*, offerings: Sequence[tuple[Offering, Mapping[str, int]]]) -> None:
    """Put offerings into the catalogue, or bring those with the same code up to date. What was sold keeps its terms.

    :param offerings: each with what it includes in a cycle: {usage kind: bytes, seconds or messages}.
    """
    with transaction.atomic():
        for offering, allowances in offerings:
            offering.save()
            OfferingAllowance.objects.filter(offering=offering).exclude(usage_kind__in=allowances).delete()
            OfferingAllowance.objects.bulk_create(
                [
                    OfferingAllowance(offering=offering, usage_kind=usage_kind, amount=amount)
                    for usage_kind, amount in allowances.items()
                ],
                update_conflicts=True,
                unique_fields=["offering_id", "usage_kind"],
                update_fields=["amount"],
            )
