from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.customer import Customer
from kernel.account_owned import Placement
from kernel.ids import uuid7


class Account(models.Model):
    """Who pays (账户): one wallet, one bill a month. Every row of a customer's data carries its account."""

    placement = Placement.ACCOUNT

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The customer lives on another shard, so the database cannot hold this key; `audit_books` does.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, db_constraint=False, related_name="accounts", verbose_name=_("customer")
    )
    province = models.CharField(_("province"), max_length=16, help_text=_("ISO 3166-2 code, such as CN-GD"))
    created_at = models.DateTimeField(_("opened at"))

    class Meta:
        db_table = "accounts_account"
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return str(self.id)
