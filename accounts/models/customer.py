from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class Customer(models.Model):
    """The person or company (客户). One customer may pay through several accounts, so it lives by its own key."""

    placement = Placement.DIRECTORY

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(_("customer since"))

    class Meta:
        db_table = "accounts_customer"
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name
