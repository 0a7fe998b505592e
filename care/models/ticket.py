from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.account_owned import AccountOwnedRow, Placement, SameAccountKey


class TicketKind(models.TextChoices):
    ENQUIRY = "ENQUIRY", _("enquiry")
    COMPLAINT = "COMPLAINT", _("complaint")
    FAULT = "FAULT", pgettext_lazy("kind of ticket", "fault")
    SUGGESTION = "SUGGESTION", _("suggestion")


class TicketState(models.TextChoices):
    """The states of TMF621, by its names."""

    ACKNOWLEDGED = "ACKNOWLEDGED", _("received")
    IN_PROGRESS = "IN_PROGRESS", pgettext_lazy("state of a ticket", "being worked on")
    PENDING = "PENDING", pgettext_lazy("state of a ticket", "waits for your words")
    HELD = "HELD", pgettext_lazy("state of a ticket", "put off")
    RESOLVED = "RESOLVED", pgettext_lazy("state of a ticket", "solved, please check")
    CLOSED = "CLOSED", pgettext_lazy("state of a ticket", "closed")
    REJECTED = "REJECTED", pgettext_lazy("state of a ticket", "not taken up")
    CANCELLED = "CANCELLED", pgettext_lazy("state of a ticket", "withdrawn")


# Somebody of ours, or the customer, has still to do something.
OPEN_STATES = (
    TicketState.ACKNOWLEDGED,
    TicketState.IN_PROGRESS,
    TicketState.PENDING,
    TicketState.HELD,
    TicketState.RESOLVED,
)
# The promised time runs: it is ours to answer.
WORK_STATES = (TicketState.ACKNOWLEDGED, TicketState.IN_PROGRESS, TicketState.HELD)


class AboutKind(models.TextChoices):
    """What of the account a ticket came from."""

    BILL = "BILL", pgettext_lazy("what a ticket is about", "bill")
    CHARGE = "CHARGE", pgettext_lazy("what a ticket is about", "charge")
    ORDER = "ORDER", pgettext_lazy("what a ticket is about", "order")
    TOP_UP = "TOP_UP", pgettext_lazy("what a ticket is about", "top-up")


class Ticket(AccountOwnedRow):
    """An enquiry or a complaint (咨询、投诉) of an account: what it is about, where it stands, what was promised.

    Who said and did what stands in its entries. Staff are named by their ids; they live where no foreign key of a
    customer's row reaches.
    """

    number = models.CharField(_("ticket number"), max_length=12)
    line_id = models.UUIDField(_("line"), null=True)
    line = SameAccountKey("accounts.Line", "line_id", null=True)
    kind = models.CharField(_("kind"), max_length=12, choices=TicketKind)
    title = models.CharField(_("title"), max_length=100, blank=True)
    words = models.TextField(_("in the customer's words"), max_length=2000)
    severity = models.CharField(_("severity"), max_length=40)
    partner_type = models.CharField(_("kind, as the partner calls it"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=TicketState, default=TicketState.ACKNOWLEDGED)
    channel = models.CharField(_("channel"), max_length=16)
    about_kind = models.CharField(_("about"), max_length=12, choices=AboutKind, blank=True)
    about_id = models.UUIDField(_("about (id)"), null=True)
    about_name = models.CharField(_("about what"), max_length=120, blank=True)
    opened_by_client = models.CharField(_("opened by (partner)"), max_length=100, blank=True)
    external_id = models.CharField(_("the partner's own number"), max_length=100, blank=True)
    request_key = models.CharField(_("request key"), max_length=200)
    assigned_to = models.BigIntegerField(_("taken by"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    changed_at = models.DateTimeField(_("changed at"))
    state_at = models.DateTimeField(_("in this state since"))
    answer_due_at = models.DateTimeField(_("first answer promised until"))
    solve_due_at = models.DateTimeField(_("solution promised until"))
    wanted_by_at = models.DateTimeField(_("solution wanted until"), null=True)
    answered_at = models.DateTimeField(_("first answered at"), null=True)
    solved_at = models.DateTimeField(_("solved at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        db_table = "care_ticket"
        verbose_name = pgettext_lazy("enquiry or complaint", "ticket")
        verbose_name_plural = pgettext_lazy("enquiries and complaints", "tickets")
        permissions = [("open_ticket", _("Can open tickets for customers")), ("work_ticket", _("Can work on tickets"))]
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="ticket_request_once"),
            models.UniqueConstraint(fields=["account", "number"], name="ticket_number_once"),
            models.CheckConstraint(condition=models.Q(state__in=TicketState.values), name="ticket_state_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=["CLOSED", "REJECTED", "CANCELLED"], ended_at__isnull=False)
                | (~models.Q(state__in=["CLOSED", "REJECTED", "CANCELLED"]) & models.Q(ended_at__isnull=True)),
                name="ticket_ended_is_over",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="RESOLVED") | models.Q(solved_at__isnull=False),
                name="ticket_resolved_was_solved",
            ),
            models.CheckConstraint(
                condition=models.Q(about_kind="", about_id__isnull=True)
                | (~models.Q(about_kind="") & models.Q(about_id__isnull=False)),
                name="ticket_about_something_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["solve_due_at"], name="ticket_to_work_on", condition=models.Q(state__in=WORK_STATES)),
            models.Index(fields=["state_at"], name="ticket_resolved", condition=models.Q(state="RESOLVED")),
            models.Index(fields=["opened_at"], name="ticket_opened"),
            models.Index(fields=["ended_at"], name="ticket_ended", condition=models.Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether anything can still be done about it."""
        return self.state in OPEN_STATES

    @property
    def msisdn(self) -> str:
        """The number that it is about, as the line has it now; empty where it is about the account."""
        return self.line.msisdn if self.line else ""


class TicketDirectory(models.Model):
    """Which ticket a number leads to; the one place where a ticket's number is unique in the house."""

    placement = Placement.DIRECTORY

    number = models.CharField(_("ticket number"), max_length=12, primary_key=True)
    account_id = models.UUIDField()
    ticket_id = models.UUIDField()

    class Meta:
        db_table = "care_ticket_directory"

    def __str__(self) -> str:
        return self.number
