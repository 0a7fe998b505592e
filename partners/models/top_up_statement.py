from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7
from partners.models.partner_client import PartnerClient


class StatementState(models.TextChoices):
    MADE = "MADE", _("made")
    AGREED = "AGREED", _("the partner says the same")
    DIFFERENT = "DIFFERENT", _("the partner says something else")


class TopUpStatement(models.Model):
    """The top-ups of one day that a partner took the money for (对账单), by its own order ids: a signed file.

    The day is one of Asia/Shanghai. `differences` are between it and what the partner says: a list of
    {kind, order, here_fen, there_fen}.
    """

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(
        PartnerClient, on_delete=models.PROTECT, related_name="statements", verbose_name=_("client")
    )
    day_date = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("top-ups"))
    total_fen = models.BigIntegerField(_("total"))
    content = models.TextField(help_text="the file: CSV")
    signature = models.CharField(_("signature"), max_length=100, help_text=_("Ed25519 over the file, Base64"))
    public_key = models.CharField(_("public key"), max_length=60, help_text=_("32 bytes, Base64"))
    made_at = models.DateTimeField(_("made at"))
    state = models.CharField(_("state"), max_length=10, choices=StatementState, default=StatementState.MADE)
    reported_count = models.PositiveIntegerField(_("top-ups, says the partner"), null=True)
    reported_total_fen = models.BigIntegerField(_("total, says the partner"), null=True)
    reported_at = models.DateTimeField(_("the partner said so at"), null=True)
    differences = models.JSONField(_("differences"), default=list)

    class Meta:
        db_table = "partners_top_up_statement"
        verbose_name = _("statement of top-ups")
        verbose_name_plural = _("statements of top-ups")
        constraints = [
            models.UniqueConstraint(fields=["client", "day_date"], name="top_up_statement_once_a_day"),
            models.CheckConstraint(condition=models.Q(state__in=StatementState.values), name="statement_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="MADE", reported_at__isnull=True)
                | (~models.Q(state="MADE") & models.Q(reported_at__isnull=False)),
                name="statement_judged_when_reported",
            ),
        ]
        indexes = [models.Index(fields=["-day_date"], name="top_up_statement_newest")]

    def __str__(self) -> str:
        return f"{self.day_date}"
