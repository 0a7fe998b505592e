from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.account_owned import Placement
from kernel.ids import uuid7


class TraceKind(models.TextChoices):
    LOOK = "LOOK", _("looked at")
    SEARCH = "SEARCH", _("found by a search")
    LIST = "LIST", _("paged through a list")
    EXPORT = "EXPORT", _("took a file away")
    REVEAL = "REVEAL", _("had something masked shown")
    ACT = "ACT", _("did something")
    SIGN_IN = "SIGN_IN", _("signed in")
    SIGN_IN_REFUSED = "SIGN_IN_REFUSED", _("was not let in")
    SIGN_OUT = "SIGN_OUT", _("signed out")
    SECOND_FACTOR_SET_UP = "SECOND_FACTOR_SET_UP", _("set up a second factor")
    SECOND_FACTOR_RESET = "SECOND_FACTOR_RESET", _("reset somebody's second factor")
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED", _("used a recovery code")
    RECOVERY_CODES_MADE = "RECOVERY_CODES_MADE", _("made recovery codes")


class TraceOutcome(models.TextChoices):
    DONE = "DONE", pgettext_lazy("trace", "done")
    REFUSED = "REFUSED", pgettext_lazy("trace", "refused")


class StaffTrace(models.Model):
    """One thing that a member of staff looked at or did (操作留痕). Rows are only ever added.

    They are kept for STAFF_TRACE_KEEP_DAYS, three years unless the operator says otherwise, and then deleted by
    `accounts.operations.forget_expired`; nothing else changes or deletes them. Names and numbers of customers are not
    in them: the account leads there for whoever may follow.
    """

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("at"), db_index=True)
    staff_id = models.BigIntegerField(_("staff member"))
    username = models.CharField(_("staff member"), max_length=150)
    kind = models.CharField(_("what"), max_length=24, choices=TraceKind)
    outcome = models.CharField(_("outcome"), max_length=8, choices=TraceOutcome, default=TraceOutcome.DONE)
    page = models.CharField(_("page"), max_length=100, help_text="name of its address, such as billing_wallet_change")
    account_id = models.UUIDField(_("account"), null=True)
    line_id = models.UUIDField(_("line"), null=True)
    row_key = models.CharField(_("record"), max_length=200, blank=True)
    count = models.PositiveIntegerField(_("customers' rows shown"), default=0)
    sent = models.CharField(
        _("fields sent"), max_length=200, blank=True, help_text="their names, never what was in them"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    address = models.CharField(_("from address"), max_length=48)

    class Meta:
        db_table = "accounts_staff_trace"
        verbose_name = _("trace of staff")
        verbose_name_plural = _("traces of staff")
        indexes = [
            models.Index(fields=["account_id", "-at"], name="staff_trace_account"),
            models.Index(fields=["staff_id", "-at"], name="staff_trace_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.kind}"
