from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned, SameAccountKey


class ServicePassword(AccountOwned):
    """The service password (服务密码) of a line, hashed as Django hashes passwords.

    One that was reset without the old one waits in `next_hash` until `next_at`: whoever holds the number has a day to
    notice the text about it. Nothing has to run at that moment: from then on `hash_at` tells the new one.
    """

    pk = models.CompositePrimaryKey("account_id", "line_id")
    line_id = models.UUIDField()
    line = SameAccountKey("accounts.Line", "line_id")
    password_hash = models.CharField(max_length=255)
    set_at = models.DateTimeField(_("set at"))
    next_hash = models.CharField(max_length=255, blank=True)
    next_at = models.DateTimeField(_("the reset one holds from"), null=True)

    class Meta:
        db_table = "accounts_service_password"
        verbose_name = _("service password")
        verbose_name_plural = _("service passwords")
        permissions = [("unlock_service_password", "Can unlock service passwords")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_hash="", next_at=None) | (~models.Q(next_hash="") & ~models.Q(next_at=None)),
                name="service_password_waits_until",
            )
        ]

    def __str__(self) -> str:
        return str(self.line)

    @property
    def msisdn(self) -> str:
        """The number of its line, E.164."""
        return self.line.msisdn

    def hash_at(self, now: datetime) -> str:
        """Return the hash of the password that holds at an instant."""
        return self.next_hash if self.next_at is not None and self.next_at <= now else self.password_hash

    def is_waiting(self, now: datetime) -> bool:
        """Tell whether a reset password waits for its time."""
        return self.next_at is not None and self.next_at > now
