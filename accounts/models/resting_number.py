from django.db import models

from kernel.account_owned import Placement


class RestingNumber(models.Model):
    """A number that somebody has left. Until it has rested, nobody else gets it: late texts, calls and records of use
    still mean the one who left."""

    placement = Placement.DIRECTORY

    msisdn = models.CharField(max_length=16, primary_key=True)
    rests_until = models.DateTimeField()

    class Meta:
        db_table = "accounts_resting_number"

    def __str__(self) -> str:
        return self.msisdn
