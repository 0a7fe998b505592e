from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow
from kernel.phone import grouped_number


class LineState(models.TextChoices):
    ACTIVE = "ACTIVE", _("in use")
    SUSPENDED = "SUSPENDED", _("suspended")
    CLOSED = "CLOSED", _("closed")


class Language(models.TextChoices):
    CHINESE = "zh-hans", "中文"
    ENGLISH = "en", "English"


class Line(AccountOwnedRow):
    """One phone number of an account (号码). The number is unique through `NumberDirectory`, not here."""

    msisdn = models.CharField(_("number"), max_length=16, help_text=_("E.164"))
    state = models.CharField(_("state"), max_length=12, choices=LineState, default=LineState.ACTIVE)
    language = models.CharField(_("language of texts"), max_length=8, choices=Language, default=Language.CHINESE)
    activated_at = models.DateTimeField(_("activated at"))

    class Meta:
        db_table = "accounts_line"
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        permissions = [
            ("change_number", _("Can change the number of a line")),
            ("hand_over_line", _("Can hand a line over to another owner")),
        ]
        indexes = [models.Index(fields=["msisdn"], name="line_msisdn")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "msisdn"],
                condition=~models.Q(state="CLOSED"),
                name="line_number_once_per_account",
            )
        ]

    def __str__(self) -> str:
        return grouped_number(self.msisdn)
