from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class InboundKind(models.TextChoices):
    SMS = "SMS", _("text")
    CALL = "CALL", _("call")


class Inbound(AccountOwnedRow):
    """A text or a call that reached us from a customer's line.

    `answered_at` stays empty until a hall has dealt with it. The gateway's own message id makes a repeated delivery
    one row.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=InboundKind)
    from_msisdn = models.CharField(_("from"), max_length=16)
    to_number = models.CharField(_("to"), max_length=16, help_text=_("service number, such as 10086"))
    body = models.CharField(_("text"), max_length=1000, blank=True)
    received_at = models.DateTimeField(_("received at"))
    gateway_message_id = models.CharField(_("gateway's id"), max_length=64)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)

    class Meta:
        db_table = "messaging_inbound"
        verbose_name = _("text or call received")
        verbose_name_plural = _("texts and calls received")
        constraints = [
            models.UniqueConstraint(fields=["account", "gateway_message_id"], name="inbound_once_per_gateway_id")
        ]
        indexes = [
            models.Index(fields=["received_at"], name="inbound_unanswered", condition=models.Q(answered_at=None)),
            models.Index(fields=["account", "from_msisdn", "received_at"], name="inbound_of_number"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
