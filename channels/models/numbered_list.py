from django.db import models

from kernel.account_owned import AccountOwned


class NumberedList(AccountOwned):
    """The numbered list last sent to a line on "0000": its numbers stay valid until `expires_at`."""

    pk = models.CompositePrimaryKey("account_id", "line_id")
    line_id = models.UUIDField()
    subscription_ids = models.JSONField(help_text="in the order of the numbers, from 1")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "channels_numbered_list"
