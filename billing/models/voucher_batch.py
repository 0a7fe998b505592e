from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class VoucherBatchState(models.TextChoices):
    ISSUED = "ISSUED", _("not yet active")
    ACTIVE = "ACTIVE", _("activated")
    BLOCKED = "BLOCKED", _("blocked")


class VoucherAct(models.TextChoices):
    ISSUE = "ISSUE", _("issued")
    ACTIVATE = "ACTIVATE", _("activated")
    BLOCK = "BLOCK", _("blocked")


class VoucherBatch(models.Model):
    """Recharge cards (充值卡) that were made in one go: one issuer, one face value, one last day."""

    placement = Placement.REFERENCE

    number = models.PositiveIntegerField(_("batch"), primary_key=True)
    issuer = models.CharField(_("issuer"), max_length=24)
    face_fen = models.BigIntegerField(_("face value"))
    count = models.PositiveIntegerField(_("cards"))
    valid_until_date = models.DateField(_("valid until"), help_text=_("the last day on which a card can be used"))
    state = models.CharField(_("state"), max_length=8, choices=VoucherBatchState, default=VoucherBatchState.ISSUED)
    made_by = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        db_table = "billing_voucher_batch"
        verbose_name = _("batch of recharge cards")
        verbose_name_plural = _("batches of recharge cards")
        constraints = [
            models.CheckConstraint(condition=models.Q(face_fen__gt=0), name="voucher_batch_face_positive"),
            models.CheckConstraint(condition=models.Q(count__gt=0), name="voucher_batch_has_cards"),
            models.CheckConstraint(
                condition=models.Q(state__in=VoucherBatchState.values), name="voucher_batch_state_known"
            ),
        ]
        permissions = [
            ("activate_vouchers", "Can activate recharge cards"),
            ("block_vouchers", "Can block recharge cards"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class VoucherDeed(models.Model):
    """Who of the staff did what to recharge cards, when and why. Insert-only.

    `serial_number` names the one card it was done to; empty means every card of the batch that it could be done to.
    """

    placement = Placement.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(VoucherBatch, on_delete=models.PROTECT, related_name="deeds", verbose_name=_("batch"))
    serial_number = models.CharField(_("serial number"), max_length=32, blank=True)
    act = models.CharField(_("what was done"), max_length=8, choices=VoucherAct)
    cards = models.PositiveIntegerField(_("cards"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    done_by = models.CharField(_("done by"), max_length=150)
    done_at = models.DateTimeField(_("done at"))

    class Meta:
        db_table = "billing_voucher_deed"
        verbose_name = _("act on recharge cards")
        verbose_name_plural = _("acts on recharge cards")
        constraints = [
            models.CheckConstraint(condition=models.Q(cards__gt=0), name="voucher_deed_concerns_cards"),
            models.CheckConstraint(
                condition=~models.Q(act="BLOCK") | ~models.Q(reason=""), name="voucher_block_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.serial_number or self.batch_id}"
