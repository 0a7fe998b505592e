from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7
from partners.models.partner_client import PartnerClient


class Hub(models.Model):
    """An address at which a partner wants to be told of events of one API (TMF630 hub).

    `gathered_until` is up to when rows were looked through for events, `looked_back_at` when that was done again for
    rows that were committed late. After a failure the address is left alone until `rests_until`.
    """

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(PartnerClient, on_delete=models.PROTECT, related_name="hubs", verbose_name=_("client"))
    api = models.CharField(_("API"), max_length=40)
    callback = models.CharField(_("callback"), max_length=500)
    query = models.CharField(_("query"), max_length=500, blank=True, help_text=_("which events; empty: all"))
    sealed_secret = models.CharField(max_length=200, help_text="signs what is sent; encrypted")
    request_key = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made at"))
    removed_at = models.DateTimeField(_("removed at"), null=True)
    gathered_until = models.DateTimeField(_("events gathered until"))
    looked_back_at = models.DateTimeField()
    # One worker at a time gathers for a hub, and one sends to it: until then, unless it ends before.
    gathering_until = models.DateTimeField(null=True)
    sending_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("left alone until"), null=True)

    class Meta:
        db_table = "partners_hub"
        verbose_name = _("hub")
        verbose_name_plural = _("hubs")
        constraints = [models.UniqueConstraint(fields=["client", "request_key"], name="hub_made_once")]
        indexes = [models.Index(fields=["client"], name="hub_in_use", condition=models.Q(removed_at__isnull=True))]

    def __str__(self) -> str:
        return self.callback

    @property
    def seal_place(self) -> str:
        """What the sealed secret is bound to."""
        return f"hub:{self.id}"

    def is_resting(self, now: datetime) -> bool:
        """Tell whether its address is left alone after a failure."""
        return self.rests_until is not None and now < self.rests_until
