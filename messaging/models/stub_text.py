from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class StubText(models.Model):
    """What the stub gateway "sent": the texts on the demo's virtual handset. Empty with any other gateway."""

    placement = Placement.DIRECTORY

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    msisdn = models.CharField(_("to"), max_length=16)
    from_number = models.CharField(_("from"), max_length=16)
    body = models.CharField(_("text"), max_length=1000)
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        db_table = "messaging_stub_text"
        indexes = [models.Index(fields=["msisdn", "sent_at"], name="stub_text_of_number")]

    def __str__(self) -> str:
        return str(self.id)
