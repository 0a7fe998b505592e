from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from kernel.account_owned import AccountOwned


class PrivacyChoice(AccountOwned):
    """What an account decided about its data (隐私设置). One without a row has the defaults."""

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    personal_recommendations = models.BooleanField(_("personal recommendations"), default=True)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "accounts_privacy_choice"
        verbose_name = _("privacy choice")
        verbose_name_plural = _("privacy choices")

    def __str__(self) -> str:
        return str(self.account_id)
