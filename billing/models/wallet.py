from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from kernel.account_owned import AccountOwned


class Wallet(AccountOwned):
    """The money of an account (余额): cash and bonus, and how much of both is set aside. Written by
    `billing.operations.ledger` alone.

    `version` counts the entries; an entry's version is the wallet's after it, so the chain has no gaps.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    cash_fen = models.BigIntegerField(_("cash"), default=0)
    bonus_fen = models.BigIntegerField(_("bonus"), default=0)
    held_fen = models.BigIntegerField(_("set aside"), default=0, db_default=0)
    overdraft_fen = models.BigIntegerField(
        _("overdraft"), default=0, help_text=_("how far below zero the cash may go, in fen; granted by credit star")
    )
    version = models.BigIntegerField(_("version"), default=0)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        db_table = "billing_wallet"
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cash_fen__gte=-models.F("overdraft_fen")), name="wallet_not_below_floor"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    held_fen__lte=models.F("cash_fen") + models.F("bonus_fen") + models.F("overdraft_fen")
                ),
                name="wallet_covers_what_is_held",
            ),
            models.CheckConstraint(condition=models.Q(held_fen__gte=0), name="wallet_held_not_negative"),
            models.CheckConstraint(condition=models.Q(bonus_fen__gte=0), name="wallet_bonus_not_negative"),
            models.CheckConstraint(condition=models.Q(overdraft_fen__gte=0), name="wallet_overdraft_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.account_id)
