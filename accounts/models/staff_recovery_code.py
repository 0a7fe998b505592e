from django.db import models
from django.utils.crypto import salted_hmac

from accounts.models.staff_user import StaffUser
from kernel.account_owned import Placement


class StaffRecoveryCode(models.Model):
    """What lets a member of staff in once without the phone that shows their codes; only its keyed hash is kept."""

    placement = Placement.LOCAL

    id = models.BigAutoField(primary_key=True)
    staff = models.ForeignKey(StaffUser, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_staff_recovery_code"
        constraints = [models.UniqueConstraint(fields=["staff", "code_hash"], name="staff_recovery_code_once")]

    def __str__(self) -> str:
        return str(self.staff)

    @staticmethod
    def hash_of(code: str) -> str:
        """Return the keyed hash of a code, however it was spaced."""
        letters = "".join(letter for letter in code.upper() if letter.isalnum())
        return salted_hmac("accounts.staff_recovery_code", letters, algorithm="sha256").hexdigest()
