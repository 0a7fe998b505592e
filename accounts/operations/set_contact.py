"""A customer says whom to ask for, and at which e-mail address."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, LineActKind
from accounts.operations.line_acts import record_line_act
from accounts.queries.contacts import get_contact
from accounts.queries.lines import lock_line
from accounts.texts import CONTACT_CHANGED
from kernel.errors import DomainError
from kernel.masking import mask_email
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

LONGEST_NAME = 60
LONGEST_EMAIL = 254


class ContactInvalid(DomainError):
    """Nobody can be reached so."""

    code = "CONTACT_INVALID"
    message = _("This is not an e-mail address.")
    cure = _("Enter one such as name@example.com, or leave it empty.")
    http_status = 400
    field = "email"


def set_contact(*, account_id: uuid.UUID, line_id: uuid.UUID, name: str, email: str, now: datetime) -> Contact:
    """Keep the contact of an account; both may be empty. The line is told, in case it was somebody else.

    The hall sends no e-mail, so the address is not tried: whoever changes it has shown a code of the line's texts.

    :param line_id: the line that changes it.
    :param name: up to 60 characters.
    :raises NotFound: the account has no such line in use.
    :raises ContactInvalid: the address is none, or one of the two is too long.
    """
    name, email = " ".join(name.split()), email.strip()
    if len(name) > LONGEST_NAME:
        raise ContactInvalid(_("This name is too long."), cure="", field="name")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise ContactInvalid from None
    if len(email) > LONGEST_EMAIL:
        raise ContactInvalid
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        before = get_contact(account_id)
        if before is not None and (before.name, before.email) == (name, email):
            return before
        contact, _made = Contact.objects.update_or_create(
            account_id=account_id, defaults={"name": name, "email": email, "changed_at": now}
        )
        record_line_act(
            account_id=account_id,
            line_id=line_id,
            kind=LineActKind.CONTACT_CHANGED,
            staff_id=None,
            before=mask_email(before.email)[:40] if before else "",
            after=mask_email(email)[:40],
            now=now,
        )
        queue_sms(
            account_id=account_id,
            msisdn=line.msisdn,
            template=CONTACT_CHANGED,
            language=line.language,
            values={"at": instant_words(line.language, now), "service_number": settings.SERVICE_NUMBER},
            dedup_key=f"contact-changed:{line_id}:{now.isoformat()}",
            now=now,
        )
    return contact
