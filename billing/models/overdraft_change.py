from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class OverdraftChange(AccountOwnedRow):
    """How far a wallet may go below zero was changed, and why. Insert-only."""

    before_fen = models.BigIntegerField(_("before"))
    after_fen = models.BigIntegerField(_("after"))
    reason = models.CharField(_("reason"), max_length=200)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "billing_overdraft_change"
        verbose_name = _("change of overdraft")
        verbose_name_plural = _("changes of overdrafts")

    def __str__(self) -> str:
        return self.reason
