from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.channel import Channel
from kernel.ids import uuid7


class Interaction(models.Model):
    """One use of a capability on one channel; the channel figures are counted from these.

    Visitors without an account leave rows too, so the row lives by its own key and holds the account as a plain id.
    """

    placement = Placement.DIRECTORY

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    capability = models.CharField(_("capability"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=40, help_text=_("OK, or the code of the refusal"))
    account_id = models.UUIDField(_("account"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "channels_interaction"
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        indexes = [
            models.Index(fields=["at", "channel"], name="interaction_by_time"),
            models.Index(fields=["account_id", "-at"], name="interaction_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.capability} {self.outcome}"
