from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class SmsState(models.TextChoices):
    QUEUED = "QUEUED", _("waiting to be sent")
    SENDING = "SENDING", _("being sent")
    SENT = "SENT", _("sent")
    DELIVERED = "DELIVERED", _("delivered")
    UNDELIVERED = "UNDELIVERED", _("not delivered")
    PARKED = "PARKED", _("set aside after failed tries")
    EXPIRED = "EXPIRED", _("too late to send")
    SUPPRESSED = "SUPPRESSED", _("not wanted by the customer")


# The network took it.
OUT = (SmsState.SENT, SmsState.DELIVERED, SmsState.UNDELIVERED)


class Sms(AccountOwnedRow):
    """One text to a customer: the outbox row, written in the transaction of what it tells about.

    `dedup_key` makes one reason one text, whoever queues it twice. A secret text (a login code) is never sent again by
    itself when nobody knows whether it left, and its body is wiped once it is sent, set aside or too late.
    """

    msisdn = models.CharField(_("to"), max_length=16)
    kind = models.CharField(_("kind"), max_length=40, help_text=_("name of the template, such as TOP_UP_RECEIVED"))
    body = models.CharField(_("text"), max_length=1000)
    parts = models.PositiveSmallIntegerField(
        _("parts"), db_default=1, help_text=_("what the network counts and charges")
    )
    dedup_key = models.CharField(_("reason key"), max_length=120)
    urgent = models.BooleanField(_("urgent"), default=False, help_text=_("leaves first, quiet hours or not"))
    secret = models.BooleanField(_("secret"), default=False, help_text=_("not kept once sent"))
    state = models.CharField(_("state"), max_length=12, choices=SmsState, default=SmsState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    queued_at = models.DateTimeField(_("queued at"))
    due_at = models.DateTimeField(_("due at"), help_text=_("not sent before, e.g. after the quiet hours"))
    expires_at = models.DateTimeField(_("useless after"))
    lease_until = models.DateTimeField(_("claimed until"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    # One bit for each part that is reported as delivered.
    delivered_parts = models.PositiveIntegerField(default=0, db_default=0)
    gateway = models.CharField(_("gateway"), max_length=24, blank=True, default="", db_default="")
    gateway_message_id = models.CharField(_("gateway's id"), max_length=64, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        db_table = "messaging_sms"
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        permissions = [("resend_sms", "Can send a parked text again")]
        constraints = [
            models.UniqueConstraint(fields=["account", "dedup_key"], name="sms_one_text_per_reason"),
            models.CheckConstraint(condition=models.Q(state__in=SmsState.values), name="sms_state_known"),
        ]
        indexes = [
            models.Index(
                models.F("urgent").desc(), "due_at", name="sms_due", condition=models.Q(state=SmsState.QUEUED)
            ),
            models.Index(fields=["lease_until"], name="sms_claimed", condition=models.Q(state=SmsState.SENDING)),
            models.Index(fields=["account", "msisdn", "queued_at"], name="sms_of_number"),
            # Rows lie in order of time, so that a few pages say which days are where; it costs an insert nothing.
            BrinIndex(fields=["queued_at"], name="sms_by_day", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
