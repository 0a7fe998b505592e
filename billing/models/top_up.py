from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class TopUpState(models.TextChoices):
    PENDING = "PENDING", _("waiting for payment")
    SUCCEEDED = "SUCCEEDED", _("credited")
    FAILED = "FAILED", _("not paid")
    UNKNOWN = "UNKNOWN", _("being clarified with the payment provider")


class TopUpFailure(models.TextChoices):
    REFUSED = "REFUSED", _("the payment was refused or given up")
    NOT_PAID_IN_TIME = "NOT_PAID_IN_TIME", _("it was not paid in time")
    NOT_ENOUGH_MONEY = "NOT_ENOUGH_MONEY", _("there is not enough money on the bank card")
    CARD_BLOCKED = "CARD_BLOCKED", _("the bank has blocked the card")
    BANK_LIMIT = "BANK_LIMIT", _("the bank's own limit of the card is reached")
    AGREEMENT_ENDED = "AGREEMENT_ENDED", _("the card is no longer linked at the bank")
    BANK_NOT_ASKED = "BANK_NOT_ASKED", _("the bank could not be reached, and was not asked")


class TopUp(AccountOwnedRow):
    """Money on its way in (充值). One payment, one credit: the ledger's posting key is the top-up's id.

    The account is the one credited. `payer_account_id` is set when somebody tops up another's number: the payer may
    follow the payment, and sees nothing else of that account. The bonus is what the campaign promised when the top-up
    was asked for: it is given with the credit. `ask_at` is when the provider is next asked about it; empty after the
    last time, when only staff can still clear it up. `paid_at` is when it was paid by the provider's own clock. Of a
    partner's, `provider_payment_number` is the partner's own order id.
    """

    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16)
    language = models.CharField(_("language of the text"), max_length=8)
    payer_account_id = models.UUIDField(_("paid by account"), null=True)
    amount_fen = models.BigIntegerField(_("amount"))
    campaign_code = models.CharField(_("campaign"), max_length=40, blank=True, default="", db_default="")
    bonus_fen = models.BigIntegerField(_("bonus"), default=0, db_default=0)
    bonus_days = models.PositiveSmallIntegerField(_("days to spend the bonus"), default=0, db_default=0)
    state = models.CharField(_("state"), max_length=12, choices=TopUpState, default=TopUpState.PENDING)
    channel = models.CharField(_("channel"), max_length=16)
    provider = models.CharField(_("paid through"), max_length=24, help_text=_("payment provider, or PARTNER"))
    payment_number = models.CharField(_("our payment number"), max_length=40)
    client_id = models.CharField(
        _("partner"), max_length=64, blank=True, default="", db_default="", help_text=_("OAuth client that took it")
    )
    provider_payment_number = models.CharField(_("provider's payment number"), max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=120)
    request_hash = models.CharField(max_length=64)
    requested_at = models.DateTimeField(_("asked for at"))
    expires_at = models.DateTimeField(_("to be paid before"))
    ask_at = models.DateTimeField(_("to be asked for at"), null=True)
    asks = models.PositiveSmallIntegerField(_("times asked for"), default=0)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    failure = models.CharField(_("why it failed"), max_length=20, choices=TopUpFailure, blank=True)

    class Meta:
        db_table = "billing_top_up"
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")
        permissions = [("ask_provider", _("Can ask the payment provider about a top-up"))]
        constraints = [
            models.UniqueConstraint(fields=["account", "idempotency_key"], name="top_up_key_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="top_up_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(bonus_fen=0, campaign_code="")
                | (models.Q(bonus_fen__gt=0) & ~models.Q(campaign_code="")),
                name="top_up_bonus_is_by_campaign",
            ),
            models.CheckConstraint(condition=models.Q(state__in=TopUpState.values), name="top_up_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state="SUCCEEDED") | models.Q(finished_at__isnull=False),
                name="top_up_succeeded_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "requested_at"], name="top_up_of_account"),
            models.Index(fields=["provider_payment_number"], name="top_up_of_order", condition=~models.Q(client_id="")),
            models.Index(fields=["ask_at"], name="top_up_open", condition=models.Q(state__in=["PENDING", "UNKNOWN"])),
            models.Index(
                fields=["client_id", "finished_at"], name="top_up_of_partner", condition=~models.Q(client_id="")
            ),
            # What happened lately, for hubs. Rows lie in order of time, so a few kilobytes say where a day lies.
            BrinIndex(fields=["requested_at", "finished_at"], name="top_up_by_time", autosummarize=True),
            models.Index(fields=["provider", "paid_at"], name="top_up_paid", condition=models.Q(paid_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.payment_number
