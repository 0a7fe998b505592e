"""Reads how customers want to be reached."""

import uuid

from accounts.models import Contact


def get_contact(account_id: uuid.UUID) -> Contact | None:
    """Return the contact of an account, None as long as nobody has said any."""
    return Contact.objects.filter(account_id=account_id).first()
