from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class LineActKind(models.TextChoices):
    DOCUMENT_RECORDED = "DOCUMENT_RECORDED", _("identity document recorded")
    DOCUMENT_REVEALED = "DOCUMENT_REVEALED", _("identity document looked at")
    NUMBER_CHANGED = "NUMBER_CHANGED", _("number changed")
    SIM_CHANGED = "SIM_CHANGED", _("SIM card changed")
    PUK_SHOWN = "PUK_SHOWN", _("PUK looked up")
    HANDED_OVER = "HANDED_OVER", _("handed over to another owner")
    TAKEN_OVER = "TAKEN_OVER", _("taken over from another owner")
    CONTACT_CHANGED = "CONTACT_CHANGED", _("contact changed")


class LineAct(AccountOwnedRow):
    """What was done to a line or to its customer's data, by whom and why. Never changed.

    `staff_id` names the person of the staff, who lives where no foreign key of a customer's row reaches; empty is the
    customer. `before` and `after` hold numbers, masked where somebody else's eyes are meant; no document, no PUK.
    """

    line_id = models.UUIDField(_("line"), null=True)
    kind = models.CharField(_("what"), max_length=20, choices=LineActKind)
    staff_id = models.BigIntegerField(_("staff member"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    before = models.CharField(_("before"), max_length=40, blank=True)
    after = models.CharField(_("after"), max_length=40, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "accounts_line_act"
        verbose_name = _("act on a line")
        verbose_name_plural = _("acts on lines")
        indexes = [models.Index(fields=["account", "line_id", "at"], name="line_act_of_line")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=LineActKind.values), name="line_act_kind_known")
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
