from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class BillRequest(AccountOwnedRow):
    """A partner's wish for an account's bill at a time of its own choice (TMF678 customerBillOnDemand).

    An account has one bill a month, so the wish is answered with the latest that was issued; `period_date` is empty
    where there was none yet, and the wish thereby refused.
    """

    client_id = models.CharField(_("client"), max_length=100)
    name = models.CharField(_("name"), max_length=200, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    period_date = models.DateField(_("month"), null=True, help_text=_("first day of the month"))
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        db_table = "billing_bill_request"
        verbose_name = _("request for a bill")
        verbose_name_plural = _("requests for bills")

    def __str__(self) -> str:
        return self.name or str(self.id)
