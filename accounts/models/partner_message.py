from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class PartnerMessage(AccountOwnedRow):
    """What a partner let the hall tell a number (TMF681): its own words, beside the text that carries them.

    Its id is that of the text in messaging's outbox.
    """

    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16)
    client_id = models.CharField(_("sent by partner"), max_length=64, help_text=_("OAuth client"))
    sender_name = models.CharField(_("named as"), max_length=80)
    words = models.CharField(_("words"), max_length=300)
    sent_at = models.DateTimeField(_("handed over at"))

    class Meta:
        db_table = "accounts_partner_message"
        verbose_name = _("message of a partner")
        verbose_name_plural = _("messages of partners")
        indexes = [models.Index(fields=["sent_at"], name="partner_message_by_time")]

    def __str__(self) -> str:
        return str(self.id)
