from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned


class PartnerGrant(AccountOwned):
    """An account that a partner's client may see. Without a row the account does not exist for that partner."""

    pk = models.CompositePrimaryKey("account_id", "client_id")
    client_id = models.CharField(_("OAuth client"), max_length=100)
    granted_at = models.DateTimeField(_("granted at"))

    class Meta:
        db_table = "accounts_partner_grant"
        verbose_name = _("partner's view of an account")
        verbose_name_plural = _("partners' views of accounts")
        indexes = [models.Index(fields=["client_id"], name="partner_grant_client")]

    def __str__(self) -> str:
        return self.client_id
