from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement


class PartKind(models.TextChoices):
    OFFERING = "OFFERING", _("offering in design")
    PRICE = "PRICE", _("price")
    SPECIFICATION = "SPECIFICATION", _("specification")


class CataloguePart(models.Model):
    """What an offering over REST is put together from before it is in the catalogue: nothing of it can be ordered.

    `content` is plain data: of an offering `packages_app.operations.catalogue_parts.OfferingDesign`, of a price its
    type and fen, of a specification its characteristics.
    """

    placement = Placement.REFERENCE

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    kind = models.CharField(_("kind"), max_length=16, choices=PartKind)
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    lifecycle_status = models.CharField(_("status"), max_length=16)
    content = models.JSONField(_("content"), default=dict)
    author = models.CharField(_("changed by"), max_length=150)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "packages_catalogue_part"
        verbose_name = _("part of the catalogue")
        verbose_name_plural = _("parts of the catalogue")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
