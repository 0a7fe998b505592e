"""Puts an offering into the catalogue, or changes it."""

from collections.abc import Mapping

from django.db import transaction

from packages_app.models import Offering, OfferingAllowance


def keep_offering(*, offering: Offering, allowances: Mapping[str, int]) -> None:
    """Save an offering with what it includes. Orders and subscriptions keep the terms they were made with.

    :param offering: valid, saved before or not.
    :param allowances: bytes, seconds or messages a cycle, by usage kind; what is missing or 0 is not included.
    """
    included = {usage_kind: amount for usage_kind, amount in allowances.items() if amount}
    with transaction.atomic():
        offering.save()
        OfferingAllowance.objects.filter(offering=offering).exclude(usage_kind__in=included).delete()
        OfferingAllowance.objects.bulk_create(
            [OfferingAllowance(offering=offering, usage_kind=kind, amount=amount) for kind, amount in included.items()],
            update_conflicts=True,
            unique_fields=["offering", "usage_kind"],
            update_fields=["amount"],
        )
