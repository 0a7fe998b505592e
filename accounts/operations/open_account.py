"""Opens an account for a new customer, with its first line."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer, Line, NumberDirectory
from kernel.errors import DomainError


class NumberTaken(DomainError):
    """A line in use has this number already."""

    code = "NUMBER_TAKEN"
    message = _("This number is in use already.")
    cure = _("Choose another number.")
    http_status = 409
    field = "msisdn"


def open_account(*, customer_name: str, msisdn: str, province: str, language: str, now: datetime) -> Line:
    """Make a customer, an account and its first line. The wallet is opened by billing.

    :param msisdn: E.164, not in use.
    :param province: ISO 3166-2 code, such as "CN-GD".
    :param language: of texts, an `accounts.models.Language` value.
    :return: the line; `line.account_id` is the account.
    :raises NumberTaken: the number is in use; nothing was made.
    """
    try:
        with transaction.atomic():
            customer = Customer.objects.create(name=customer_name, created_at=now)
            account = Account.objects.create(customer=customer, province=province, created_at=now)
            line = Line.objects.create(account=account, msisdn=msisdn, language=language, activated_at=now)
            NumberDirectory.objects.create(msisdn=msisdn, account_id=account.id, line_id=line.id)
    except IntegrityError:
        # The directory's key is the only thing here that another row can contradict.
        raise NumberTaken from None
    return line
