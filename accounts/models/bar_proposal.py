from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.bar import NEEDS_TWO_PEOPLE, BarReason
from kernel.account_owned import AccountOwnedRow, SameAccountKey


class BarAction(models.TextChoices):
    BAR = "BAR", _("bar the number")
    LIFT = "LIFT", _("lift the bar")


class BarProposalState(models.TextChoices):
    PROPOSED = "PROPOSED", _("waiting for a second person")
    DONE = "DONE", pgettext_lazy("state of a bar proposal", "done")
    REFUSED = "REFUSED", pgettext_lazy("state of a bar proposal", "refused")


class BarProposal(AccountOwnedRow):
    """A bar that only two members of staff can decide on, or its lifting: one proposes, another does it or refuses.

    Staff are named by their ids; they live where no foreign key of a customer's row reaches.
    """

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id")
    action = models.CharField(_("what is wanted"), max_length=8, choices=BarAction)
    reason = models.CharField(_("reason"), max_length=20, choices=BarReason)
    words = models.CharField(_("why, in words"), max_length=200)
    cure = models.CharField(_("what helps, in words"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=BarProposalState, default=BarProposalState.PROPOSED)
    proposed_by = models.BigIntegerField(_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    checked_by = models.BigIntegerField(_("checked by"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=200, blank=True)

    class Meta:
        db_table = "accounts_bar_proposal"
        verbose_name = _("proposed bar")
        verbose_name_plural = _("proposed bars")
        permissions = [
            ("propose_bar", _("Can propose bars that need two people, and their lifting")),
            ("check_bar", _("Can check bars that others proposed")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "line_id", "reason", "action"],
                condition=models.Q(state="PROPOSED"),
                name="bar_proposal_waits_once",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=[reason.value for reason in NEEDS_TWO_PEOPLE]),
                name="bar_proposal_needs_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_by__isnull=True) | ~models.Q(checked_by=models.F("proposed_by")),
                name="bar_proposal_checked_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(state="PROPOSED", checked_by__isnull=True, checked_at__isnull=True)
                | (~models.Q(state="PROPOSED") & models.Q(checked_by__isnull=False, checked_at__isnull=False)),
                name="bar_proposal_decided_was_checked",
            ),
        ]

    @property
    def msisdn(self) -> str:
        """The number that the line has now."""
        return self.line.msisdn

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.get_reason_display()}"
