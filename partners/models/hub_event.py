from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from partners.models.hub import Hub


class HubEventState(models.TextChoices):
    QUEUED = "QUEUED", _("waiting to be sent")
    SENDING = "SENDING", _("being sent")
    DELIVERED = "DELIVERED", _("delivered")
    PARKED = "PARKED", _("set aside after three days of tries")
    WITHDRAWN = "WITHDRAWN", _("not sent: the account is not the partner's to see any more")


class HubEvent(models.Model):
    """One event on its way to one hub. Its id follows from what happened, so that what is found twice is one row.

    Events of one entity leave in the order (occurred_at, rank, id), one after the other.
    """

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="events", verbose_name=_("hub"))
    event_type = models.CharField(_("type of event"), max_length=80)
    entity = models.CharField(_("entity"), max_length=140, help_text=_("resource and public id"))
    account_id = models.UUIDField(_("account"), null=True)
    occurred_at = models.DateTimeField(_("happened at"))
    rank = models.PositiveSmallIntegerField(help_text="order of the kinds of event at one instant")
    body = models.TextField(_("event"), help_text=_("as it is sent"))
    state = models.CharField(_("state"), max_length=10, choices=HubEventState, default=HubEventState.QUEUED)
    attempts = models.PositiveIntegerField(_("tries"), default=0)
    queued_at = models.DateTimeField(_("queued at"))
    due_at = models.DateTimeField(_("due at"))
    give_up_at = models.DateTimeField(_("tried until"))
    lease_until = models.DateTimeField(_("claimed until"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        db_table = "partners_hub_event"
        verbose_name = _("event for a hub")
        verbose_name_plural = _("events for hubs")
        permissions = [("replay_hub_event", _("Can send events of hubs again"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=HubEventState.values), name="hub_event_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="SENDING", lease_until__isnull=False)
                | (~models.Q(state="SENDING") & models.Q(lease_until__isnull=True)),
                name="hub_event_sending_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["hub", "occurred_at", "rank", "id"],
                name="hub_event_open",
                condition=models.Q(state__in=["QUEUED", "SENDING"]),
            ),
            # Whether an earlier one of the same entity is still on its way.
            models.Index(
                fields=["hub", "entity", "occurred_at"],
                name="hub_event_of_entity",
                condition=models.Q(state__in=["QUEUED", "SENDING"]),
            ),
            models.Index(fields=["hub", "-occurred_at"], name="hub_event_newest"),
            models.Index(fields=["queued_at"], name="hub_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.entity}"
