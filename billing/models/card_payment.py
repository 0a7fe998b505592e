from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.bank_card import BankCard
from billing.models.top_up import TopUpFailure, TopUpState
from kernel.account_owned import AccountOwnedRow, SameAccountKey


class CardPayment(AccountOwnedRow):
    """Money of a top-up, taken from a linked bank card. Its id is the top-up's; the account is the payer's.

    The top-up may be another account's: the limits of a card are counted here, beside the card. `sent_at` is when the
    bank was asked, which one caller does once. `limit_fen` is the monthly limit that an automatic payment kept.
    """

    card_id = models.UUIDField(_("linked bank card"))
    card = SameAccountKey(BankCard, "card_id", verbose_name=_("linked bank card"))
    credited_account_id = models.UUIDField(_("credited account"))
    amount_fen = models.BigIntegerField(_("amount"))
    automatic = models.BooleanField(_("automatic"), default=False)
    limit_fen = models.BigIntegerField(_("monthly limit"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=TopUpState, default=TopUpState.PENDING)
    failure = models.CharField(_("why it failed"), max_length=20, choices=TopUpFailure, blank=True)
    request_key = models.CharField(max_length=60)
    requested_at = models.DateTimeField(_("asked for at"))
    sent_at = models.DateTimeField(_("the bank was asked at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        db_table = "billing_card_payment"
        verbose_name = _("payment by bank card")
        verbose_name_plural = _("payments by bank card")
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="card_payment_key_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="card_payment_amount_positive"),
            models.CheckConstraint(condition=models.Q(state__in=TopUpState.values), name="card_payment_state_known"),
            models.CheckConstraint(
                # Without a limit its comparison is neither true nor false, and a constraint lets that pass.
                condition=models.Q(automatic=False, limit_fen=None)
                | models.Q(automatic=True, limit_fen__isnull=False, limit_fen__gt=0),
                name="card_payment_automatic_has_limit",
            ),
            # One automatic payment on its way at a time, whoever asks for it and however many at once.
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(automatic=True, state__in=["PENDING", "UNKNOWN"]),
                name="card_payment_one_automatic_open",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "requested_at"], name="card_payment_of_account"),
        ]

    def __str__(self) -> str:
        return str(self.id)
