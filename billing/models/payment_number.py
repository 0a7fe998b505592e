from django.db import models

from kernel.account_owned import Placement


class PaymentNumber(models.Model):
    """Which account and top-up a payment number leads to: callbacks of a provider name nothing else."""

    placement = Placement.DIRECTORY

    payment_number = models.CharField(max_length=40, primary_key=True)
    account_id = models.UUIDField()
    top_up_id = models.UUIDField()

    class Meta:
        db_table = "billing_payment_number"

    def __str__(self) -> str:
        return self.payment_number
