from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class SandboxBankBehaviour(models.TextChoices):
    """What the sandbox bank does with a card: first by its number, then as staff switch it."""

    PAYS = "PAYS", _("pays")
    NO_MONEY = "NO_MONEY", _("refuses: not enough money")
    BLOCKED = "BLOCKED", _("refuses: the card is blocked")
    DELAYS = "DELAYS", _("pays half a minute later")
    PAYS_UNHEARD = "PAYS_UNHEARD", _("pays, but its answer is lost")
    HANGS = "HANGS", _("answers nothing")


class SandboxAgreement(models.Model):
    """An agreement in the sandbox bank's own books, as a real bank would keep it. The card's number is not in it."""

    placement = Placement.DIRECTORY

    agreement_number = models.CharField(_("our agreement number"), max_length=40, primary_key=True)
    account_reference = models.CharField(_("account at the bank"), max_length=64)
    account_kind = models.CharField(_("account"), max_length=16)
    last_four = models.CharField(_("last four digits"), max_length=4)
    msisdn = models.CharField(max_length=16)
    behaviour = models.CharField(
        _("what the bank does"), max_length=12, choices=SandboxBankBehaviour, default=SandboxBankBehaviour.PAYS
    )
    code_hash = models.CharField(max_length=64)
    token = models.CharField(max_length=64, blank=True, db_index=True)
    asked_at = models.DateTimeField(_("asked for at"))
    signed_at = models.DateTimeField(_("signed at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        db_table = "billing_sandbox_agreement"
        verbose_name = _("agreement of the sandbox bank")
        verbose_name_plural = _("agreements of the sandbox bank")
        permissions = [("switch_sandbox_bank", "Can switch what the sandbox bank does")]

    def __str__(self) -> str:
        return f"**** {self.last_four}"


class SandboxBankPayment(models.Model):
    """A payment in the sandbox bank's own books. One payment number, one payment.

    `paid_at` may lie in the future: until then the payment is under way. `silences` is how many questions about it stay
    without an answer.
    """

    placement = Placement.DIRECTORY

    payment_number = models.CharField(max_length=40, primary_key=True)
    bank_number = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField()
    refusal = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    silences = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "billing_sandbox_bank_payment"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="sandbox_bank_payment_positive"),
        ]

    def __str__(self) -> str:
        return self.payment_number
