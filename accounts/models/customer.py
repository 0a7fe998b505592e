from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import Placement
from kernel.ids import uuid7


class Customer(models.Model):
    """The person or company (客户). One customer may pay through several accounts, so it lives by its own key.

    A prospect was entered by a partner and has no account yet: nobody has seen a document of theirs.
    """

    placement = Placement.DIRECTORY

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(_("customer since"))
    client_id = models.CharField(
        _("entered by partner"), max_length=64, blank=True, default="", db_default="", help_text=_("OAuth client")
    )
    is_prospect = models.BooleanField(_("no account yet"), default=False, db_default=False)
    party_id = models.CharField(
        _("partner's own id of the party"), max_length=200, blank=True, default="", db_default=""
    )
    party_type = models.CharField(_("kind of party"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        db_table = "accounts_customer"
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_prospect=False) | ~models.Q(client_id=""), name="prospect_is_of_a_partner"
            ),
        ]
        indexes = [
            models.Index(fields=["client_id"], name="customer_of_partner", condition=~models.Q(client_id="")),
        ]

    def __str__(self) -> str:
        return self.name
