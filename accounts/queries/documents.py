"""Reads under which identity document accounts are registered; the number itself only `reveal_document` opens."""

import uuid

from accounts.models import IdentityDocument


def get_document(account_id: uuid.UUID) -> IdentityDocument | None:
    """Return the document of an account, None when it is not registered with a real name."""
    return IdentityDocument.objects.filter(account_id=account_id).first()
