from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice


class SecondFactor(TOTPDevice):
    """The authenticator app of a member of staff, as the desk names it: django-otp keeps its secret and its tries."""

    class Meta:
        proxy = True
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        permissions = [("reset_second_factor", "Can reset somebody's second factor")]

    def __str__(self) -> str:
        return str(self.user)
