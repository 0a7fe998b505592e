from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, SameAccountKey


class SignIn(AccountOwnedRow):
    """One sign-in of a line on one browser. The browser's session names it; once it has ended, the session is worth
    nothing for this line.

    `device_hash` tells a browser that was here before from a new one; `place` is its address with the end left out.
    """

    line_id = models.UUIDField(_("line"))
    line = SameAccountKey("accounts.Line", "line_id")
    device = models.CharField(_("device"), max_length=60)
    device_hash = models.CharField(max_length=64)
    place = models.CharField(_("place"), max_length=48)
    signed_in_at = models.DateTimeField(_("signed in at"))
    seen_at = models.DateTimeField(_("last used at"))
    ended_at = models.DateTimeField(_("signed out at"), null=True)

    class Meta:
        db_table = "accounts_sign_in"
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        permissions = [("end_sign_ins", "Can sign customers out everywhere")]
        indexes = [models.Index(fields=["account", "line_id"], name="sign_in_line")]

    def __str__(self) -> str:
        return self.device

    @staticmethod
    def hash_of(device_token: str) -> str:
        """Return the keyed hash of what a browser keeps to be known again."""
        return salted_hmac("accounts.sign_in", device_token, algorithm="sha256").hexdigest()
