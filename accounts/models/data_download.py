from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class DataDownloadState(models.TextChoices):
    """WAITING → READY | FAILED; READY → DELETED."""

    WAITING = "WAITING", _("being made")
    READY = "READY", _("ready")
    FAILED = "FAILED", _("could not be made")
    DELETED = "DELETED", _("deleted")


class DataDownload(AccountOwnedRow):
    """A customer's own data as a file (个人信息副本): asked for, made by a worker, there for a while, then deleted."""

    line_id = models.UUIDField(_("line"), help_text=_("that asked for it"))
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=DataDownloadState, default=DataDownloadState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    requested_at = models.DateTimeField(_("asked for at"))
    ready_at = models.DateTimeField(_("ready at"), null=True)
    expires_at = models.DateTimeField(_("deleted after"), null=True)
    size_bytes = models.BigIntegerField(_("size"), default=0)
    content = models.BinaryField(null=True)

    class Meta:
        db_table = "accounts_data_download"
        verbose_name = _("copy of own data")
        verbose_name_plural = _("copies of own data")
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state="WAITING"), name="data_download_one_waiting"
            ),
            models.CheckConstraint(
                condition=models.Q(state="READY", content__isnull=False, expires_at__isnull=False)
                | (~models.Q(state="READY") & models.Q(content__isnull=True)),
                name="data_download_content_while_ready",
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], name="data_download_waiting", condition=models.Q(state="WAITING")),
            models.Index(fields=["expires_at"], name="data_download_ready", condition=models.Q(state="READY")),
        ]

    def __str__(self) -> str:
        return str(self.id)
