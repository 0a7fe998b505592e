from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from kernel.account_owned import AccountOwned


class Contact(AccountOwned):
    """How the customer of an account wants to be reached beside the number itself."""

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    name = models.CharField(_("contact name"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "accounts_contact"
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return str(self.account_id)
