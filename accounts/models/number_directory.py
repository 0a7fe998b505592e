from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class NumberDirectory(models.Model):
    """Which account and line a phone number leads to; the one place where a number is unique in the house.

    A change of number is a delete and an insert in one transaction: the key of a distributed row cannot be updated.
    """

    placement = Placement.DIRECTORY

    msisdn = models.CharField(_("number"), max_length=16, primary_key=True)
    account_id = models.UUIDField()
    line_id = models.UUIDField()

    class Meta:
        db_table = "accounts_number_directory"
        verbose_name = _("number")
        verbose_name_plural = _("numbers")

    def __str__(self) -> str:
        return self.msisdn
