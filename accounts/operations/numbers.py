"""Gives a number to a line and takes it away. A number that was left rests before anybody else gets it."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import CodePurpose, NumberDirectory, RestingNumber, SignInCode
from kernel.errors import DomainError
from messaging.operations.forget_stub_texts import forget_stub_texts_of_number


class NumberTaken(DomainError):
    """A line in use has this number already."""

    code = "NUMBER_TAKEN"
    message = _("This number is in use already.")
    cure = _("Choose another number.")
    http_status = 409
    field = "msisdn"


class NumberResting(DomainError):
    """Somebody left this number not long ago."""

    code = "NUMBER_RESTING"
    message = _("Somebody had this number until not long ago.")
    http_status = 409
    field = "msisdn"

    def __init__(self, *, until: datetime) -> None:
        day = date_format(localtime(until).date())
        super().__init__(cure=_("It can be given out again from %(day)s. Choose another number.") % {"day": day})


def claim_number(*, msisdn: str, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> None:
    """Let a number lead to a line, in the caller's transaction. Nothing of whoever had it before is left on it.

    :param msisdn: E.164.
    :raises NumberTaken: a line in use has it.
    :raises NumberResting: somebody has left it and it has not rested.
    """
    try:
        with transaction.atomic():
            NumberDirectory.objects.create(msisdn=msisdn, account_id=account_id, line_id=line_id)
    except IntegrityError:
        raise NumberTaken from None
    # Only now: whoever was just leaving the number had to finish before the row above could be written.
    resting = RestingNumber.objects.filter(msisdn=msisdn).first()
    if resting is not None:
        if resting.rests_until > now:
            raise NumberResting(until=resting.rests_until)
        resting.delete()
    forget_codes(msisdn=msisdn)
    forget_stub_texts_of_number(msisdn=msisdn)


def release_number(*, msisdn: str, now: datetime) -> None:
    """Let a number lead nowhere and rest for NUMBER_REST_DAYS, in the caller's transaction."""
    NumberDirectory.objects.filter(msisdn=msisdn).delete()
    rests_until = now + timedelta(days=settings.NUMBER_REST_DAYS)
    RestingNumber.objects.bulk_create(
        [RestingNumber(msisdn=msisdn, rests_until=rests_until)],
        update_conflicts=True,
        unique_fields=["msisdn"],
        update_fields=["rests_until"],
    )
    forget_codes(msisdn=msisdn)


def forget_codes(*, msisdn: str) -> None:
    """Let no code that was sent to a number work any more."""
    SignInCode.objects.filter(key__in=[SignInCode.key_of(msisdn, purpose) for purpose in CodePurpose]).delete()
