"""Seals the secrets of hubs anew with the newest key (`manage.py rotate_document_keys`)."""

from kernel.sealing import newest_key_name, seal, unseal
from partners.models import Hub


def reseal_hub_secrets() -> int:
    """Seal with the newest key whatever another one sealed; there are few hubs, so all at once.

    :return: how many were sealed anew.
    :raises CannotUnseal: a key that is needed is not on the ring.
    """
    done = 0
    for hub in Hub.objects.exclude(sealed_secret__startswith=f"{newest_key_name()}.").order_by("id"):
        secret = unseal(hub.sealed_secret, belongs_to=hub.seal_place)
        done += Hub.objects.filter(id=hub.id, sealed_secret=hub.sealed_secret).update(
            sealed_secret=seal(secret, belongs_to=hub.seal_place)
        )
    return done
