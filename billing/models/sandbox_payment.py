from django.db import models

from kernel.account_owned import Placement


class SandboxPayment(models.Model):
    """The sandbox cashier's own books: what a real provider would keep on its side. Empty with any other provider.

    `notice_due_at` is set from the moment the visitor decided until the hall has acknowledged the notice as often as
    `notices_wanted` says. `silences` is how many questions of the hall stay without an answer.
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
    notices_wanted = models.PositiveSmallIntegerField(default=1)
    silences = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "billing_sandbox_payment"
        indexes = [
            models.Index(
                fields=["notice_due_at"],
                name="sandbox_notice_due",
                condition=models.Q(notice_due_at__isnull=False),
            ),
            models.Index(fields=["decided_at"], name="sandbox_payment_decided"),
        ]

    def __str__(self) -> str:
        return self.payment_number


class SandboxRefund(models.Model):
    """Money that the sandbox gave back, in its own books. One refund number, one refund."""

    placement = Placement.DIRECTORY

    refund_number = models.CharField(max_length=40, primary_key=True)
    payment_number = models.CharField(max_length=40, db_index=True)
    provider_refund_number = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField()
    refunded_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "billing_sandbox_refund"
        constraints = [models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="sandbox_refund_positive")]

    def __str__(self) -> str:
        return self.refund_number
