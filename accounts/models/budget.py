from django.db import models

from kernel.account_owned import Placement


class Budget(models.Model):
    """How often something was done in one window, counted in the database: counters that guard codes and money.

    The key names what is counted and how long its window is, such as `code:number:hour:+8613800138000`.
    """

    placement = Placement.DIRECTORY

    key = models.CharField(max_length=160, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True, help_text="when the row means nothing any more and may go")

    class Meta:
        db_table = "accounts_budget"

    def __str__(self) -> str:
        return self.key
