from collections.abc import Collection

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import BillHead
from kernel.account_owned import Placement


class OfferingKind(models.TextChoices):
    PLAN = "PLAN", _("plan")
    DATA_PACK = "DATA_PACK", _("data pack")
    ROAMING_PASS = "ROAMING_PASS", _("roaming pass")
    VALUE_ADDED = "VALUE_ADDED", _("value-added service")
    DEVICE_CONTRACT = "DEVICE_CONTRACT", _("device contract")


class Recurrence(models.TextChoices):
    MONTHLY = "MONTHLY", _("every month")
    ONCE = "ONCE", _("once")


class FirstMonthRule(models.TextChoices):
    """What of a recurring fee and its allowances the month of the beginning gets."""

    FULL = "FULL", _("the whole month")
    HALF = "HALF", _("half from the 16th, else the whole")
    BY_DAYS = "BY_DAYS", _("by the days that are left")


class Offering(models.Model):
    """What can be bought (产品). Reference data: the code is its key, sold terms are kept with the order."""

    placement = Placement.REFERENCE

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    kind = models.CharField(_("kind"), max_length=16, choices=OfferingKind)
    version = models.PositiveIntegerField(_("version"), default=1, help_text=_("counts changes of what binds"))
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=80)
    summary_zh = models.CharField(_("summary (Chinese)"), max_length=200, blank=True)
    summary_en = models.CharField(_("summary (English)"), max_length=200, blank=True)
    price_fen = models.BigIntegerField(_("price"), help_text=_("fen, each time it recurs"))
    one_off_fen = models.BigIntegerField(
        _("fee at the start"), default=0, help_text=_("fen, once, on top of the first price")
    )
    points_price = models.PositiveIntegerField(
        _("price in points"), default=0, db_default=0, help_text=_("instead of money, of what is had once; 0: none")
    )
    recurrence = models.CharField(_("charged"), max_length=8, choices=Recurrence)
    first_month = models.CharField(_("first month"), max_length=8, choices=FirstMonthRule, default=FirstMonthRule.FULL)
    validity_days = models.PositiveSmallIntegerField(
        _("valid for (days)"),
        null=True,
        blank=True,
        help_text=_("of what is paid once; empty: to the end of the month"),
    )
    commitment_months = models.PositiveSmallIntegerField(
        _("binds for (months)"), default=0, help_text=_("cannot be left before; 0: any time")
    )
    head = models.CharField(_("head on the bill"), max_length=16, choices=BillHead)
    provider_name = models.CharField(_("collected for"), max_length=80, blank=True)
    carries_over = models.BooleanField(
        _("carries over"), default=False, help_text=_("general data that is left lasts one month more")
    )
    cap_fen = models.BigIntegerField(
        _("cap on use beyond the plan"), null=True, blank=True, help_text=_("fen a month; empty: the house's cap")
    )
    thresholds_percent = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("reminders at (%)"),
        default=list,
        blank=True,
        help_text=_("of a data allowance; empty: the house's thresholds"),
    )
    provinces = ArrayField(
        models.CharField(max_length=8),
        verbose_name=_("provinces"),
        default=list,
        blank=True,
        help_text=_("where it is sold; empty: everywhere"),
    )
    minimum_star = models.PositiveSmallIntegerField(_("least star"), default=0, help_text=_("0: none needed"))
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
            models.CheckConstraint(condition=models.Q(one_off_fen__gte=0), name="offering_one_off_not_negative"),
            models.CheckConstraint(
                condition=models.Q(cap_fen__isnull=True) | models.Q(cap_fen__gte=0), name="offering_cap_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(validity_days__isnull=True) | models.Q(validity_days__gte=1, recurrence="ONCE"),
                name="offering_validity_of_what_is_paid_once",
            ),
            models.CheckConstraint(
                condition=models.Q(points_price=0) | models.Q(price_fen=0, one_off_fen=0, recurrence="ONCE"),
                name="offering_points_instead_of_money",
            ),
            models.CheckConstraint(condition=models.Q(minimum_star__lte=5), name="offering_star_known"),
            models.CheckConstraint(
                condition=~models.Q(head="THIRD_PARTY") | ~models.Q(provider_name=""),
                name="offering_for_others_names_provider",
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave this to `packages_app.operations.offering_rules`: its sentences stand beside the field at fault."""

    def name_in(self, language: str) -> str:
        """Return the name in "zh-hans" or "en"."""
        return self.name_en if language == "en" else self.name_zh

    def summary_in(self, language: str) -> str:
        """Return the summary in "zh-hans" or "en"."""
        return self.summary_en if language == "en" else self.summary_zh
