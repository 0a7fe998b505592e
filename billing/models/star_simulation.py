from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import StarTable
from kernel.account_owned import Placement
from kernel.ids import uuid7


class StarSimulation(models.Model):
    """What a star table would do to everybody, tried out before it is in force (试算). It changes no star.

    A worker goes through the accounts in chunks and notes here how far it came.
    """

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    table = models.ForeignKey(StarTable, on_delete=models.PROTECT, related_name="+", verbose_name=_("star table"))
    period_date = models.DateField(_("month"), help_text=_("what happened before its first day counts"))
    asked_by = models.BigIntegerField(_("asked for by"))
    asked_at = models.DateTimeField(_("asked for at"))
    done_through = models.UUIDField(_("done through"), null=True)
    accounts = models.PositiveIntegerField(_("accounts"), default=0)
    # [star before, star after, accounts, overdraft before, overdraft after, used beyond the new overdraft], fen.
    moves = models.JSONField(_("moves"), default=list)
    # [account id, star before, star after, points before, points after, overdraft before, overdraft after] of some.
    examples = models.JSONField(_("examples"), default=list)
    finished_at = models.DateTimeField(_("complete since"), null=True)

    class Meta:
        db_table = "billing_star_simulation"
        verbose_name = _("trial of a star table")
        verbose_name_plural = _("trials of star tables")
        ordering = ["-asked_at"]
        indexes = [
            models.Index(
                fields=["asked_at"], name="star_simulation_unfinished", condition=models.Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.table)
