from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned


class TextGroup(models.TextChoices):
    """What customers switch on and off together; they cannot do so with REQUIRED: codes, money, orders, the law."""

    REQUIRED = "REQUIRED", _("Codes, orders, charges and bills")
    USAGE = "USAGE", _("Reminders of data used")
    EXPIRY = "EXPIRY", _("Reminders before something ends")
    STAR = "STAR", _("Changes of the credit star")
    OFFER = "OFFER", _("Offers")
    PARTNER = "PARTNER", _("Messages of our partners")
    SURVEY = "SURVEY", _("Questions about our service")


class TextPreference(AccountOwned):
    """Which texts a number of an account does not want, and when. A number without a row has the defaults.

    By number, because texts go to numbers; whoever gets the number next, in another account, starts with the defaults.
    """

    pk = models.CompositePrimaryKey("account_id", "msisdn")
    msisdn = models.CharField(_("number"), max_length=16)
    # Codes of TextGroup, in order, without REQUIRED.
    unwanted_groups = models.JSONField(_("switched off"), default=list)
    # Hours 0–23 of the customer's own; both empty mean the operator's.
    quiet_from_hour = models.PositiveSmallIntegerField(_("quiet from"), null=True)
    quiet_to_hour = models.PositiveSmallIntegerField(_("quiet until"), null=True)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "messaging_text_preference"
        verbose_name = _("text preference")
        verbose_name_plural = _("text preferences")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from_hour=None, quiet_to_hour=None)
                | models.Q(quiet_from_hour__range=(0, 23), quiet_to_hour__range=(0, 23)),
                name="text_preference_hours_together",
            )
        ]

    def __str__(self) -> str:
        return self.msisdn
