from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, SameAccountKey


class CustomerToken(AccountOwnedRow):
    """A customer's own key to the REST face: reads its account, changes nothing. Kept as a keyed hash."""

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id", verbose_name=_("line"))
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64)
    request_key = models.UUIDField(help_text=_("made once per form: sent twice it is one token"))
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("last used at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        db_table = "partners_customer_token"
        verbose_name = _("customer's token")
        verbose_name_plural = _("customers' tokens")
        constraints = [models.UniqueConstraint(fields=["account", "request_key"], name="customer_token_made_once")]

    def __str__(self) -> str:
        return self.name
