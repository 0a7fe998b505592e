from django.db import models

from kernel.account_owned import Placement


class IdempotencyRecord(models.Model):
    """The answer once given to a REST POST with an `Idempotency-Key`, so that a repeat gets the same one.

    Written in the transaction of the work itself: either both are there or neither. Kept at least 30 days.
    """

    placement = Placement.DIRECTORY

    key = models.CharField(
        max_length=160, primary_key=True, help_text="caller and key; a key's name space is its caller"
    )
    request_hash = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="empty while the work is being done")
    body = models.TextField(default="", help_text="as it was sent")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kernel_idempotency_record"
