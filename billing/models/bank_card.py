from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow, Placement


class BankAccountKind(models.TextChoices):
    """The three accounts that a co-branded card (联名卡) can lead to."""

    ELECTRONIC_CASH = "ELECTRONIC_CASH", _("electronic cash")
    CREDIT = "CREDIT", _("credit card")
    DEBIT = "DEBIT", _("debit card")


class BankCardState(models.TextChoices):
    """WAITING → ACTIVE | LAPSED | UNBINDING; ACTIVE → UNBINDING | UNBOUND; UNBINDING → UNBOUND."""

    WAITING = "WAITING", _("waiting for the bank's code")
    LAPSED = "LAPSED", _("not linked")
    ACTIVE = "ACTIVE", _("linked")
    UNBINDING = "UNBINDING", _("unlinked here, the bank is being told")
    UNBOUND = "UNBOUND", _("unlinked")


class BankCard(AccountOwnedRow):
    """A linked bank card (联名卡): an agreement with the bank to take money from one of its accounts.

    Of the card's number the last four digits are kept. `agreement_number` is our name of the agreement at the bank,
    from the first question on; `token` is the bank's, worth nothing to whoever is not this hall at that bank;
    `account_reference` is how the bank names the account behind it. `ask_at` is when a code that nobody entered
    lapses, or when the bank is next told that the agreement has ended; empty when it knows.
    """

    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number that gets the code"), max_length=16)
    bank = models.CharField(_("bank"), max_length=24)
    account_kind = models.CharField(_("account"), max_length=16, choices=BankAccountKind)
    last_four = models.CharField(_("last four digits"), max_length=4)
    state = models.CharField(_("state"), max_length=12, choices=BankCardState, default=BankCardState.WAITING)
    request_key = models.CharField(max_length=40)
    agreement_number = models.CharField(_("our agreement number"), max_length=40)
    token = models.CharField(max_length=64, blank=True)
    account_reference = models.CharField(max_length=64, blank=True)
    guesses = models.PositiveSmallIntegerField(_("codes entered"), default=0)
    asked_at = models.DateTimeField(_("asked for at"))
    code_sent_at = models.DateTimeField(_("code sent at"))
    code_expires_at = models.DateTimeField(_("code works until"))
    bound_at = models.DateTimeField(_("linked at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ask_at = models.DateTimeField(_("the bank is told at"), null=True)
    asks = models.PositiveSmallIntegerField(_("times told"), default=0)

    class Meta:
        db_table = "billing_bank_card"
        verbose_name = _("linked bank card")
        verbose_name_plural = _("linked bank cards")
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="bank_card_key_once"),
            # Whatever goes wrong above: a card's number has no room here.
            models.CheckConstraint(condition=models.Q(last_four__regex="^[0-9]{4}$"), name="bank_card_last_four"),
            models.CheckConstraint(condition=models.Q(state__in=BankCardState.values), name="bank_card_state_known"),
            models.CheckConstraint(
                condition=models.Q(account_kind__in=BankAccountKind.values), name="bank_card_account_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ACTIVE")
                | ~models.Q(token="") & ~models.Q(account_reference="") & models.Q(bound_at__isnull=False),
                name="bank_card_active_has_agreement",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ask_at"], name="bank_card_to_be_told", condition=models.Q(state__in=["WAITING", "UNBINDING"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_account_kind_display()} **** {self.last_four}"


class BoundBankAccount(models.Model):
    """Which account of ours an account at a bank is linked to: to one in the whole house at a time."""

    placement = Placement.DIRECTORY

    key = models.CharField(max_length=96, primary_key=True, help_text="bank and its reference of the account")
    account_id = models.UUIDField()
    card_id = models.UUIDField()

    class Meta:
        db_table = "billing_bound_bank_account"

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def key_of(card: BankCard) -> str:
        """Return the key of the account behind a card."""
        return f"{card.bank}:{card.account_reference}"
