from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwnedRow


class BillHead(models.TextChoices):
    """The seven heads of a bill, in the order they are printed."""

    PLAN = "PLAN", _("Plan and fixed fees")
    VOICE = "VOICE", _("Voice")
    DATA = "DATA", _("Data")
    MESSAGES = "MESSAGES", _("Texts and picture messages")
    VALUE_ADDED = "VALUE_ADDED", _("Value-added services")
    THIRD_PARTY = "THIRD_PARTY", _("Collected for others")
    OTHER = "OTHER", _("Other")


class ChargeReason(models.TextChoices):
    ORDER = "ORDER", _("a confirmed order")
    SUBSCRIPTION = "SUBSCRIPTION", _("a subscription's fee")
    USAGE = "USAGE", _("use beyond the plan")
    ONE_OFF = "ONE_OFF", _("a fee that is paid once")
    LATE_FEE = "LATE_FEE", _("paid late")


class Charge(AccountOwnedRow):
    """What a customer pays (扣费), always with its reason: the order, subscription, usage, fee or delay behind it.

    Its money leaves the wallet when it is settled, mostly at once. One without `settled_at` is due: the wallet did not
    reach for it, and it is taken when money arrives. The id is made from account and charge key, the ledger's posting
    key from the id: one key, one charge, one posting.
    """

    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16, help_text=_("the line's number when it was charged"))
    head = models.CharField(_("head"), max_length=16, choices=BillHead)
    name = models.CharField(_("what for"), max_length=120)
    provider_name = models.CharField(_("collected for"), max_length=80, blank=True)
    amount_fen = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=16, choices=ChargeReason)
    reason_id = models.UUIDField(_("reason's id"))
    charge_key = models.CharField(max_length=120, help_text=_("one key, one charge"))
    charged_at = models.DateTimeField(_("charged at"))
    settled_at = models.DateTimeField(_("paid at"), null=True, help_text=_("empty while it is owed"))

    class Meta:
        db_table = "billing_charge"
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        constraints = [
            models.UniqueConstraint(fields=["account", "charge_key"], name="charge_key_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="charge_amount_positive"),
            models.CheckConstraint(
                condition=~models.Q(head="THIRD_PARTY") | ~models.Q(provider_name=""),
                name="charge_for_others_names_provider",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True) | models.Q(settled_at__gte=models.F("charged_at")),
                name="charge_settled_not_before_charged",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "charged_at"], name="charge_of_account"),
            models.Index(
                fields=["account", "charged_at", "id"],
                name="charge_due",
                condition=models.Q(settled_at__isnull=True),
            ),
            models.Index(
                fields=["settled_at"],
                name="charge_paid_late",
                condition=models.Q(settled_at__gt=models.F("charged_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
