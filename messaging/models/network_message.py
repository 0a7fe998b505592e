from django.db import models

from kernel.account_owned import Placement


class ReportState(models.TextChoices):
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"


class NetworkMessage(models.Model):
    """What a network's message id stands for: a part of a text, or all of it, and what was reported about it.

    Either may be known first, since a report can overtake the answer to the submit. Kept for some days.
    """

    placement = Placement.DIRECTORY

    # Gateway and id: "smpp:4a17".
    key = models.CharField(primary_key=True, max_length=96)
    account_id = models.UUIDField(null=True)
    sms_id = models.UUIDField(null=True)
    # The parts it stands for, a bit for each.
    part_bits = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, blank=True, choices=ReportState)
    reason = models.CharField(max_length=60, blank=True)
    reported_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_network_message"
        indexes = [models.Index(fields=["noted_at"], name="network_message_noted_at")]
