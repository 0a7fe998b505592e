from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, SameAccountKey
from kernel.channel import Channel


class BarReason(models.TextChoices):
    """Why a line is barred, the most serious first: the order in which people are told of several."""

    LOST_SIM = "LOST_SIM", _("SIM card lost")
    FRAUD_REVIEW = "FRAUD_REVIEW", _("checked for fraud")
    OPERATOR = "OPERATOR", _("by the operator")
    ARREARS_TWO_WAY = "ARREARS_TWO_WAY", _("money owed, calls both ways")
    ARREARS_ONE_WAY = "ARREARS_ONE_WAY", _("money owed, outgoing calls")
    CUSTOMER_REQUEST = "CUSTOMER_REQUEST", _("at the customer's request")


ARREARS = (BarReason.ARREARS_ONE_WAY, BarReason.ARREARS_TWO_WAY)
# Two members of staff decide these, and about lifting them.
NEEDS_TWO_PEOPLE = (BarReason.OPERATOR, BarReason.FRAUD_REVIEW)


class BarAuthor(models.TextChoices):
    CUSTOMER = "CUSTOMER", _("the customer")
    STAFF = "STAFF", _("staff")
    SYSTEM = "SYSTEM", _("the hall itself")


class Bar(AccountOwnedRow):
    """One reason for which a line is barred (停机), from its start to its end. Rows stay as history.

    A line is suspended while any of its bars is open, and has one open bar of a reason at most. Written by
    `accounts.operations.barring` and `accounts.operations.arrears_bars`, which keep the line's state with it.
    """

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id")
    reason = models.CharField(_("reason"), max_length=20, choices=BarReason)
    words = models.CharField(_("why, in words"), max_length=200, blank=True)
    cure = models.CharField(_("what helps, in words"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("since"))
    started_by = models.CharField(_("barred by"), max_length=8, choices=BarAuthor)
    started_by_staff = models.BigIntegerField(_("barred by (staff)"), null=True)
    started_channel = models.CharField(_("barred through"), max_length=12, choices=Channel)
    until_at = models.DateTimeField(_("ends by itself at"), null=True)
    ended_at = models.DateTimeField(_("until"), null=True)
    ended_by = models.CharField(_("lifted by"), max_length=8, choices=BarAuthor, blank=True)
    ended_by_staff = models.BigIntegerField(_("lifted by (staff)"), null=True)
    ended_channel = models.CharField(_("lifted through"), max_length=12, choices=Channel, blank=True)
    ended_words = models.CharField(_("why it was lifted"), max_length=200, blank=True)

    class Meta:
        db_table = "accounts_bar"
        verbose_name = _("bar")
        verbose_name_plural = _("bars")
        permissions = [("bar_line", _("Can bar lines for customers, and lift what customers may lift"))]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "line_id", "reason"],
                condition=models.Q(ended_at__isnull=True),
                name="bar_open_once_per_reason",
            ),
            models.CheckConstraint(condition=models.Q(reason__in=BarReason.values), name="bar_reason_known"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="")
                | (models.Q(ended_at__gte=models.F("started_at")) & ~models.Q(ended_by="")),
                name="bar_end_has_an_author",
            ),
            models.CheckConstraint(
                condition=~models.Q(started_by="STAFF") | models.Q(started_by_staff__isnull=False),
                name="bar_by_staff_names_them",
            ),
            models.CheckConstraint(
                condition=~models.Q(ended_by="STAFF") | models.Q(ended_by_staff__isnull=False),
                name="bar_lifted_by_staff_names_them",
            ),
            models.CheckConstraint(
                condition=models.Q(reason="CUSTOMER_REQUEST", until_at__isnull=False)
                | (~models.Q(reason="CUSTOMER_REQUEST") & models.Q(until_at__isnull=True)),
                name="bar_ends_by_itself_at_request_only",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "line_id", "started_at"], name="bar_of_line"),
            models.Index(
                fields=["until_at"],
                name="bar_to_end",
                condition=models.Q(ended_at__isnull=True, until_at__isnull=False),
            ),
        ]

    @property
    def msisdn(self) -> str:
        """The number that the line has now."""
        return self.line.msisdn

    def __str__(self) -> str:
        return str(self.get_reason_display())
