"""Reads partner systems, by their id or by what they show."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q

from kernel.errors import NotFound
from partners.models import PartnerClient, PartnerSecret


def get_partner_client(client_id: str, *, lock: bool = False) -> PartnerClient:
    """Return a partner system, revoked ones too.

    :param lock: keep it from being changed until the transaction ends.
    :raises NotFound: there is none of that id.
    """
    clients = PartnerClient.objects.select_for_update(of=("self",), no_key=True) if lock else PartnerClient.objects
    client = clients.filter(client_id=client_id).first()
    if client is None:
        raise NotFound
    return client


def list_valid_secret_hashes(*, client_id: str, now: datetime) -> Collection[str]:
    """Return the keyed hashes of a partner's secrets that are valid; none of one that was revoked or is unknown."""
    valid = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    secrets = PartnerSecret.objects.filter(valid, client__client_id=client_id, client__revoked_at__isnull=True)
    return set(secrets.values_list("secret_hash", flat=True))


def list_partner_names(client_ids: Collection[str]) -> Mapping[str, str]:
    """Return what partner systems are called, by client id; unknown ones are left out."""
    return dict(PartnerClient.objects.filter(client_id__in=client_ids).values_list("client_id", "name"))
