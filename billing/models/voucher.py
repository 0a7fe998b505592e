import hashlib
import hmac

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.voucher_batch import VoucherBatch
from kernel.account_owned import Placement


class VoucherState(models.TextChoices):
    ISSUED = "ISSUED", _("not yet active")
    ACTIVE = "ACTIVE", _("activated")
    REDEEMED = "REDEEMED", _("used")
    BLOCKED = "BLOCKED", _("blocked")


class Voucher(models.Model):
    """One recharge card, found by the keyed hash of its PIN: the PIN itself stands on the card and nowhere else.

    Face value and expiry are those of the batch, kept here so that one statement on one row decides about a card. A
    serial number is batch and place in it, so it is unique without a constraint that would have to span a cluster.
    """

    placement = Placement.DIRECTORY

    pin_hash = models.CharField(max_length=64, primary_key=True)
    serial_number = models.CharField(_("serial number"), max_length=32)
    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="+", verbose_name=_("batch"))
    face_fen = models.BigIntegerField(_("face value"))
    expires_at = models.DateTimeField(_("expires at"))
    state = models.CharField(_("state"), max_length=8, choices=VoucherState, default=VoucherState.ISSUED)
    redeemed_at = models.DateTimeField(_("used at"), null=True)
    account_id = models.UUIDField(_("credited account"), null=True)
    top_up_id = models.UUIDField(_("top-up"), null=True)

    class Meta:
        db_table = "billing_voucher"
        verbose_name = _("recharge card")
        verbose_name_plural = _("recharge cards")
        indexes = [models.Index(fields=["serial_number"], name="voucher_serial_number")]
        constraints = [
            # Whatever goes wrong above: what is stored here is the hash, never the PIN.
            models.CheckConstraint(condition=models.Q(pin_hash__regex="^[0-9a-f]{64}$"), name="voucher_pin_is_hashed"),
            models.CheckConstraint(condition=models.Q(face_fen__gt=0), name="voucher_face_positive"),
            models.CheckConstraint(condition=models.Q(state__in=VoucherState.values), name="voucher_state_known"),
            models.CheckConstraint(
                condition=models.Q(
                    state="REDEEMED", redeemed_at__isnull=False, account_id__isnull=False, top_up_id__isnull=False
                )
                | models.Q(redeemed_at=None, account_id=None, top_up_id=None) & ~models.Q(state="REDEEMED"),
                name="voucher_redeemed_names_top_up",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number

    @staticmethod
    def hash_of(pin: str) -> str:
        """Return the keyed hash of a PIN, under VOUCHER_KEY: without that key the table tells nobody a PIN."""
        return hmac.new(settings.VOUCHER_KEY.encode(), f"voucher:{pin}".encode(), hashlib.sha256).hexdigest()


class VoucherCard(models.Model):
    """A recharge card as staff see it, under its serial number: the same rows without the hash of the PIN."""

    serial_number = models.CharField(_("serial number"), max_length=32, primary_key=True)
    batch = models.ForeignKey(VoucherBatch, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("batch"))
    face_fen = models.BigIntegerField(_("face value"))
    expires_at = models.DateTimeField(_("expires at"))
    state = models.CharField(_("state"), max_length=8, choices=VoucherState)
    redeemed_at = models.DateTimeField(_("used at"), null=True)
    account_id = models.UUIDField(_("credited account"), null=True)
    top_up_id = models.UUIDField(_("top-up"), null=True)

    class Meta:
        managed = False
        db_table = "billing_voucher"
        verbose_name = _("recharge card")
        verbose_name_plural = _("recharge cards")

    def __str__(self) -> str:
        return self.serial_number
