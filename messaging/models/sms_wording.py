from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class SmsWording(models.Model):
    """One version of how staff word a text in a language. The highest version counts; rows are never changed.

    Empty words mean the default of the app's `texts.py` again.
    """

    placement = Placement.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    template_key = models.CharField(_("text"), max_length=64)
    language = models.CharField(_("language"), max_length=8)
    version = models.PositiveIntegerField(_("version"))
    words = models.CharField(_("words"), max_length=600, blank=True)
    written_by = models.CharField(_("written by"), max_length=150)
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        db_table = "messaging_sms_wording"
        verbose_name = _("wording of a text")
        verbose_name_plural = _("wording of texts")
        constraints = [
            models.UniqueConstraint(fields=["template_key", "language", "version"], name="wording_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.template_key} {self.language} {self.version}"
