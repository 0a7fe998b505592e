"""What an offering includes, what use beyond it costs, and which others it needs or shuts out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from packages_app.models.offering import Offering


class UsageKind(models.TextChoices):
    """What is used, and the unit it is counted in."""

    DATA = "DATA", _("data (bytes)")
    VOICE = "VOICE", _("voice (seconds)")
    SMS = "SMS", _("texts (messages)")


class AllowanceScope(models.TextChoices):
    """Which use an allowance covers; `scope_value` says more."""

    GENERAL = "GENERAL", _("any use at home")
    APP = "APP", _("one application")
    REGION = "REGION", _("one region")
    TIME = "TIME", _("a time of day")


class OfferingAllowance(models.Model):
    """One allowance of an offering in one cycle, numbered from 1.

    `scope_value`: for APP the application's code ("video"); for REGION a province ("CN-GD") or a roaming region ("HK");
    for TIME "23:00-07:00", half-open, in Asia/Shanghai; for GENERAL nothing.
    """

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("offering_id", "number")
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="allowances", db_index=False)
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    amount = models.BigIntegerField(_("amount"), help_text=_("bytes, seconds or messages"))
    scope = models.CharField(_("for"), max_length=8, choices=AllowanceScope, default=AllowanceScope.GENERAL)
    scope_value = models.CharField(_("namely"), max_length=40, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False, help_text=_("by all lines of the account"))

    class Meta:
        db_table = "packages_offering_allowance"
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="offering_allowance_positive"),
            models.CheckConstraint(
                condition=models.Q(scope="GENERAL", scope_value="")
                | (~models.Q(scope="GENERAL") & ~models.Q(scope_value="")),
                name="offering_allowance_scope_named",
            ),
        ]


class OfferingUnitPrice(models.Model):
    """What use beyond the allowances costs: `price_li` (1/1000 yuan) for each `per_amount` begun or not, by region.

    The region "" is home; a roaming region has its own price. Use without a price is not charged.
    """

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("offering_id", "usage_kind", "region")
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="unit_prices", db_index=False)
    usage_kind = models.CharField(_("of"), max_length=8, choices=UsageKind)
    region = models.CharField(_("region"), max_length=8, blank=True, default="")
    price_li = models.BigIntegerField(_("price (li)"), help_text=_("thousandths of a yuan"))
    per_amount = models.BigIntegerField(_("for each"), help_text=_("bytes, seconds or messages"))

    class Meta:
        db_table = "packages_offering_unit_price"
        verbose_name = _("price beyond the plan")
        verbose_name_plural = _("prices beyond the plan")
        ordering = ["usage_kind", "region"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_li__gte=0, per_amount__gt=0), name="offering_unit_price_sensible"
            )
        ]


class LinkKind(models.TextChoices):
    REQUIRES = "REQUIRES", _("needs")
    EXCLUDES = "EXCLUDES", _("cannot be had with")


class OfferingLink(models.Model):
    """One offering needs another, or cannot be had beside it. EXCLUDES holds in both directions."""

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("offering_id", "other_id")
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="links", db_index=False)
    other = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="+", verbose_name=_("the other"))
    kind = models.CharField(_("how"), max_length=8, choices=LinkKind)

    class Meta:
        db_table = "packages_offering_link"
        verbose_name = _("tie between offerings")
        verbose_name_plural = _("ties between offerings")
        constraints = [
            models.CheckConstraint(condition=~models.Q(offering=models.F("other")), name="offering_link_to_another")
        ]


class OfferingVersion(models.Model):
    """The terms of an offering as they were from one change to the next. Insert-only."""

    placement = Placement.REFERENCE

    pk = models.CompositePrimaryKey("offering_id", "version")
    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="versions", db_index=False)
    version = models.PositiveIntegerField(_("version"))
    terms = models.JSONField(_("terms"))
    author = models.CharField(_("changed by"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("from"))

    class Meta:
        db_table = "packages_offering_version"
        verbose_name = _("version of an offering")
        verbose_name_plural = _("versions of offerings")
        ordering = ["-version"]
