from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, SameAccountKey


class SmsResend(AccountOwnedRow):
    """That staff let a parked text be tried again, and why. Never changed."""

    sms_id = models.UUIDField()
    sms = SameAccountKey("messaging.Sms", "sms_id")
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.CharField(_("asked by"), max_length=150)
    asked_at = models.DateTimeField(_("asked at"))
    # What the text had been parked for.
    parked_for = models.CharField(_("had been parked for"), max_length=200, blank=True)

    class Meta:
        db_table = "messaging_sms_resend"
        indexes = [models.Index(fields=["account", "sms_id"], name="resend_of_text")]
