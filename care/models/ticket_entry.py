from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from care.models.ticket import Ticket, TicketState
from kernel.account_owned import AccountOwned, SameAccountKey


class EntryKind(models.TextChoices):
    STEP = "STEP", pgettext_lazy("entry of a ticket", "step")
    WORDS = "WORDS", pgettext_lazy("entry of a ticket", "words added")
    ANSWER = "ANSWER", pgettext_lazy("entry of a ticket", "answer")
    CHANGE = "CHANGE", pgettext_lazy("entry of a ticket", "changed")
    # Among staff: neither customer nor partner sees it.
    NOTE = "NOTE", pgettext_lazy("entry of a ticket", "internal note")


class EntryAuthor(models.TextChoices):
    LINE = "LINE", pgettext_lazy("who", "the customer")
    STAFF = "STAFF", pgettext_lazy("who", "staff")
    PARTNER = "PARTNER", pgettext_lazy("who", "a partner")
    HALL = "HALL", pgettext_lazy("who", "the hall")


class TicketEntry(AccountOwned):
    """What somebody said or did about a ticket. Insert-only; only the words are forgotten when their time is over."""

    pk = models.CompositePrimaryKey("account_id", "ticket_id", "number")
    ticket_id = models.UUIDField(pgettext_lazy("enquiry or complaint", "ticket"))
    ticket = SameAccountKey(Ticket, "ticket_id", verbose_name=pgettext_lazy("enquiry or complaint", "ticket"))
    number = models.PositiveSmallIntegerField(_("number in the ticket"))
    kind = models.CharField(_("kind"), max_length=8, choices=EntryKind)
    author = models.CharField(_("who"), max_length=8, choices=EntryAuthor)
    staff_id = models.BigIntegerField(_("member of staff"), null=True)
    client_id = models.CharField(_("partner"), max_length=100, blank=True)
    channel = models.CharField(_("channel"), max_length=16)
    state = models.CharField(_("state then"), max_length=16, choices=TicketState)
    words = models.TextField(_("words"), max_length=2000, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "care_ticket_entry"
        verbose_name = pgettext_lazy("of an enquiry or complaint", "entry")
        verbose_name_plural = pgettext_lazy("of enquiries and complaints", "entries")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="ticket_entry_kind_known"),
            models.CheckConstraint(
                condition=models.Q(author="STAFF", staff_id__isnull=False)
                | (~models.Q(author="STAFF") & models.Q(staff_id__isnull=True)),
                name="ticket_entry_names_its_staff",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="ticket_entry_at")]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.number}"
