from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class StaffUser(AbstractUser):
    """A person who works for the operator. Customers are no users: they sign in by line (`accounts.web.signed_in`)."""

    placement = Placement.LOCAL

    id = models.BigAutoField(primary_key=True)

    class Meta:
        db_table = "accounts_staff_user"
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
