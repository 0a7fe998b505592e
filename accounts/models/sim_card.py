from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, Placement, SameAccountKey


class SimReason(models.TextChoices):
    """Why a line got a card."""

    FIRST = "FIRST", _("number opened")
    LOST = "LOST", _("the old card is lost")
    BROKEN = "BROKEN", _("the old card is broken")
    UPGRADE = "UPGRADE", _("another kind of card")
    TAKEN_OVER = "TAKEN_OVER", _("came with the number from its owner before")


class SimCard(AccountOwnedRow):
    """A SIM card of a line, from when until when. The open row is the card in use; a line has one at most.

    The PUK is sealed (`kernel.sealing`): whoever has it and the card can use the card.
    """

    line_id = models.UUIDField()
    line = SameAccountKey("accounts.Line", "line_id")
    iccid = models.CharField(_("card number (ICCID)"), max_length=20)
    puk_sealed = models.CharField(max_length=200)
    reason = models.CharField(_("reason"), max_length=12, choices=SimReason)
    from_at = models.DateTimeField(_("in use from"))
    to_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        db_table = "accounts_sim_card"
        verbose_name = _("SIM card")
        verbose_name_plural = _("SIM cards")
        permissions = [("change_sim", _("Can change SIM cards")), ("look_up_puk", _("Can look up PUKs"))]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "line_id"], condition=models.Q(to_at=None), name="sim_card_open_once"
            ),
            models.CheckConstraint(condition=models.Q(reason__in=SimReason.values), name="sim_card_reason_known"),
            models.CheckConstraint(
                condition=models.Q(to_at=None) | models.Q(to_at__gte=models.F("from_at")), name="sim_card_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return str(self.line)

    @property
    def msisdn(self) -> str:
        """The number of its line, E.164."""
        return self.line.msisdn


class SimDirectory(models.Model):
    """Which line a SIM card belongs to or belonged to last: a card number is unique in the whole house, for good."""

    placement = Placement.DIRECTORY

    iccid = models.CharField(max_length=20, primary_key=True)
    account_id = models.UUIDField()
    line_id = models.UUIDField()

    class Meta:
        db_table = "accounts_sim_directory"

    def __str__(self) -> str:
        return self.iccid
