from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class CodePurpose(models.TextChoices):
    SIGN_IN = "SIGN_IN", _("sign in")
    SERVICE_PASSWORD = "SERVICE_PASSWORD", _("set the service password")
    STEP_UP = "STEP_UP", _("show that it is you")


class SignInCode(models.Model):
    """The one live code of a number and purpose. A new code replaces the old one, so an old one never works.

    Kept for numbers that do not exist too, without a text: guessing at them costs and answers the same.
    """

    placement = Placement.DIRECTORY

    key = models.CharField(max_length=40, primary_key=True, help_text="number and purpose")
    code_hash = models.CharField(max_length=64, help_text="keyed hash; the code itself is only in the text")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    guesses = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_sign_in_code"

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def key_of(msisdn: str, purpose: CodePurpose) -> str:
        """Return the key of the one live code of a number and purpose."""
        return f"{purpose.value}:{msisdn}"

    @staticmethod
    def hash_of(key: str, code: str) -> str:
        """Return the keyed hash of a code, bound to its number and purpose: it fits nowhere else."""
        return salted_hmac("accounts.sign_in_code", f"{key}:{code}", algorithm="sha256").hexdigest()
