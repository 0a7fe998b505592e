from django.db import models

from kernel.account_owned import Placement


class SandboxPayment(models.Model):
    """The sandbox cashier's own books: what a real provider would keep on its side. Empty with any other provider.

    `notice_due_at` is set from the moment the visitor decided until the hall has acknowledged the notice.
    """

    placement = Placement.DIRECTORY

    payment_number = models.CharField(max_length=40, primary_key=True)
    provider_payment_number = models.CharField(max_length=64)
    title = models.CharField(max_length=120)
    amount_fen = models.BigIntegerField()
    return_path = models.CharField(max_length=200)
    outcome = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    notice_due_at = models.DateTimeField(null=True)
    notices_sent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "billing_sandbox_payment"
        indexes = [
            models.Index(
                fields=["notice_due_at"],
                name="sandbox_notice_due",
                condition=models.Q(notice_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.payment_number
