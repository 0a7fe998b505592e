from django.db import models

from kernel.account_owned import Placement


class GatewayPace(models.Model):
    """How far ahead of its rate a gateway is, for all workers: nothing leaves before `free_at`."""

    placement = Placement.DIRECTORY

    gateway = models.CharField(primary_key=True, max_length=24)
    free_at = models.DateTimeField()
    # One worker has said that it will look again then.
    look_at = models.DateTimeField()

    class Meta:
        db_table = "messaging_gateway_pace"
