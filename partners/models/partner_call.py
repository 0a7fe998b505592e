from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class PartnerCall(models.Model):
    """One call of the REST face: who, what, with which outcome, when. Written once, never changed.

    It keeps no body and no query string: those hold phone numbers.
    """

    placement = Placement.DIRECTORY

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    called_at = models.DateTimeField(_("called at"))
    client_id = models.CharField(
        _("client"), max_length=64, blank=True, help_text=_("empty: nobody whose token was known")
    )
    operation = models.CharField(_("operation"), max_length=120)
    status = models.PositiveSmallIntegerField(_("status"))
    outcome = models.CharField(_("outcome"), max_length=64)
    account_id = models.UUIDField(_("account"), null=True)
    entity_id = models.CharField(_("entity"), max_length=80, blank=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=64, blank=True)
    address = models.CharField(_("address"), max_length=48)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    class Meta:
        db_table = "partners_call"
        verbose_name = _("call of a partner")
        verbose_name_plural = _("calls of partners")
        indexes = [
            models.Index(fields=["client_id", "-called_at"], name="partner_call_of_client"),
            models.Index(fields=["account_id", "-called_at"], name="partner_call_on_account"),
            models.Index(fields=["-called_at"], name="partner_call_time"),
        ]

    def __str__(self) -> str:
        return f"{self.operation}: {self.outcome}"
