from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned


class BonusGrant(AccountOwned):
    """A gift of bonus (赠款): what was given, what of it is left, until when. Written with the wallet it is part of.

    Named by the version of the entry that gave it. The wallet's bonus is the sum of what is left.
    """

    pk = models.CompositePrimaryKey("account_id", "version")
    version = models.BigIntegerField(_("entry's version"))
    granted_fen = models.BigIntegerField(_("given"))
    left_fen = models.BigIntegerField(_("left"))
    reason_kind = models.CharField(_("reason"), max_length=24)
    reason_id = models.UUIDField(_("reason's id"))
    granted_at = models.DateTimeField(_("given at"))
    expires_at = models.DateTimeField(_("to be spent before"), null=True)

    class Meta:
        db_table = "billing_bonus_grant"
        verbose_name = _("bonus")
        verbose_name_plural = _("bonuses")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left_fen__gte=0, left_fen__lte=models.F("granted_fen")),
                name="bonus_left_within_granted",
            ),
            models.CheckConstraint(condition=models.Q(granted_fen__gt=0), name="bonus_granted_positive"),
        ]
        indexes = [
            models.Index(
                fields=["account", "expires_at", "version"],
                name="bonus_to_spend",
                condition=models.Q(left_fen__gt=0),
            ),
            models.Index(
                fields=["expires_at"],
                name="bonus_to_expire",
                condition=models.Q(left_fen__gt=0, expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}"
