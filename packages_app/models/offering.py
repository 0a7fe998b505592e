from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import BillHead
from kernel.account_owned import Placement


class OfferingKind(models.TextChoices):
    PLAN = "PLAN", _("plan")
    DATA_PACK = "DATA_PACK", _("data pack")
    VALUE_ADDED = "VALUE_ADDED", _("value-added service")


class Recurrence(models.TextChoices):
    MONTHLY = "MONTHLY", _("every month")
    ONCE = "ONCE", _("once")


class UsageKind(models.TextChoices):
    """What is used, and the unit it is counted in."""

    DATA = "DATA", _("data (bytes)")
    VOICE = "VOICE", _("voice (seconds)")
    SMS = "SMS", _("texts (messages)")


class Offering(models.Model):
    """What can be bought (产品). Reference data: the code is its key, sold terms are kept with the order."""

    placement = Placement.REFERENCE

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    kind = models.CharField(_("kind"), max_length=16, choices=OfferingKind)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=80)
    summary_zh = models.CharField(_("summary (Chinese)"), max_length=200, blank=True)
    summary_en = models.CharField(_("summary (English)"), max_length=200, blank=True)
    price_fen = models.BigIntegerField(_("price"), help_text=_("fen, each time it recurs"))
    recurrence = models.CharField(_("charged"), max_length=8, choices=Recurrence)
    head = models.CharField(_("head on the bill"), max_length=16, choices=BillHead)
    provider_name = models.CharField(_("collected for"), max_length=80, blank=True)
    on_sale_from = models.DateTimeField(_("on sale from"))
    on_sale_to = models.DateTimeField(_("on sale until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=100)

    class Meta:
        db_table = "packages_offering"
        verbose_name = _("offering")
        verbose_name_plural = _("offerings")
        ordering = ["kind", "position", "code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(price_fen__gte=0), name="offering_price_not_negative"),
            models.CheckConstraint(
                condition=~models.Q(head="THIRD_PARTY") | ~models.Q(provider_name=""),
                name="offering_for_others_names_provider",
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    def name_in(self, language: str) -> str:
        """Return the name in "zh-hans" or "en"."""
        return self.name_en if language == "en" else self.name_zh

    def summary_in(self, language: str) -> str:
        """Return the summary in "zh-hans" or "en"."""
        return self.summary_en if language == "en" else self.summary_zh


class OfferingAllowance(models.Model):
    """What an offering includes in one cycle."""

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("offering_id", "usage_kind")
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="allowances", db_index=False)
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    amount = models.BigIntegerField(_("amount"), help_text=_("bytes, seconds or messages"))

    class Meta:
        db_table = "packages_offering_allowance"
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="offering_allowance_positive")]
