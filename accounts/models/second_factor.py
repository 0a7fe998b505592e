from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from kernel.account_owned import Placement
from kernel.sealing import unseal

# What django-otp keeps in the place of the secret. It is no hex: whoever took it for a secret would fail.
ELSEWHERE = "sealed"


class SecondFactor(TOTPDevice):
    """The authenticator app of a member of staff. django-otp keeps its tries; its secret lies sealed beside them."""

    placement = Placement.LOCAL

    key_sealed = models.CharField(max_length=200, editable=False)

    class Meta:
        db_table = "accounts_second_factor"
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        permissions = [("reset_second_factor", "Can reset somebody's second factor")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def bin_key(self) -> bytes:
        """The secret, opened."""
        return bytes.fromhex(unseal(self.key_sealed, belongs_to=self.place_of_key(self.user_id)))

    @staticmethod
    def place_of_key(staff_id: int) -> str:
        """Return what the sealed secret belongs to (`kernel.sealing`)."""
        return f"second-factor:{staff_id}"
