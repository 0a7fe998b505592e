from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.account_owned import Placement
from kernel.ids import uuid7

# "09:00-18:00", CLOSED, or empty where nobody said.
CLOSED = "CLOSED"
HOURS = r"^(|CLOSED|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d|([01]\d|2[0-3]):[0-5]\d-24:00)$"


class SiteKind(models.TextChoices):
    OUTLET = "OUTLET", pgettext_lazy("kind of site", "shop")
    HOTSPOT = "HOTSPOT", pgettext_lazy("kind of site", "WLAN hotspot")


class SiteState(models.TextChoices):
    """The conditions of TMF674, by its names."""

    PLANNED = "PLANNED", pgettext_lazy("state of a site", "planned")
    UNDER_CONSTRUCTION = "UNDER_CONSTRUCTION", pgettext_lazy("state of a site", "being built")
    CANCELLED = "CANCELLED", pgettext_lazy("state of a site", "given up before it opened")
    ACTIVE = "ACTIVE", pgettext_lazy("state of a site", "open")
    INACTIVE = "INACTIVE", pgettext_lazy("state of a site", "out of use for a while")
    FORMER = "FORMER", pgettext_lazy("state of a site", "closed for good")


class Site(models.Model):
    """A place of ours that people look for: a shop (营业厅) or a WLAN hotspot. Reference data, the same for all."""

    placement = Placement.REFERENCE

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("code"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=SiteKind, default=SiteKind.OUTLET)
    state = models.CharField(_("state"), max_length=20, choices=SiteState, default=SiteState.PLANNED)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    province = models.CharField(_("province"), max_length=6, blank=True)
    city = models.CharField(_("city"), max_length=40, blank=True)
    district = models.CharField(_("district"), max_length=40, blank=True)
    address = models.CharField(_("address"), max_length=160, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True, blank=True)
    weekday_hours = models.CharField(_("hours from Monday to Friday"), max_length=11, blank=True)
    weekend_hours = models.CharField(_("hours at the weekend"), max_length=11, blank=True)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.CharField(_("changed by"), max_length=150)

    class Meta:
        db_table = "care_site"
        verbose_name = pgettext_lazy("shop or hotspot", "site")
        verbose_name_plural = pgettext_lazy("shops and hotspots", "sites")
        permissions = [("keep_sites", _("Can bring in files of shops and hotspots"))]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~models.Q(code=""), name="site_code_once"),
            models.CheckConstraint(condition=models.Q(kind__in=SiteKind.values), name="site_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=SiteState.values), name="site_state_known"),
            models.CheckConstraint(
                condition=models.Q(weekday_hours__regex=HOURS, weekend_hours__regex=HOURS), name="site_hours_readable"
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True, latitude__isnull=True)
                | models.Q(longitude__gte=-180, longitude__lte=180, latitude__gte=-90, latitude__lte=90),
                name="site_lies_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    def name_in(self, language: str) -> str:
        """Return its name in "zh-hans" or "en"; the Chinese one where it has no other."""
        return (self.name_en if language == "en" else "") or self.name_zh
