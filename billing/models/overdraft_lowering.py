from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from kernel.account_owned import AccountOwned


class OverdraftLowering(AccountOwned):
    """A wallet whose overdraft is to be less and cannot be yet, because more of it is used or set aside.

    It is as low as its use lets it be, and follows as money comes in. The row is gone once it is where it should be.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    overdraft_fen = models.BigIntegerField(_("overdraft to be"))
    reason = models.CharField(_("reason"), max_length=200)
    since = models.DateTimeField(_("since"))

    class Meta:
        db_table = "billing_overdraft_lowering"
        verbose_name = _("overdraft to be lowered")
        verbose_name_plural = _("overdrafts to be lowered")
        constraints = [
            models.CheckConstraint(condition=models.Q(overdraft_fen__gte=0), name="overdraft_lowering_not_negative")
        ]

    def __str__(self) -> str:
        return self.reason
