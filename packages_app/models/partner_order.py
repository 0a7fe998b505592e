from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.account_owned import AccountOwned, SameAccountKey
from packages_app.models.order import Order


class PartnerOrder(AccountOwned):
    """What a partner system said of an order that it asked for; only its customer can confirm it.

    One row for all that is confirmed as one: `order_id` is the first order of the cart.
    """

    pk = models.CompositePrimaryKey("account_id", "order_id")
    order_id = models.UUIDField(_("order"))
    order = SameAccountKey(Order, "order_id", verbose_name=_("order"))
    client_id = models.CharField(_("client id"), max_length=64)
    client_name = models.CharField(_("partner system"), max_length=80, help_text=_("as it was called then"))
    external_id = models.CharField(_("the partner's number"), max_length=100, blank=True)
    category = models.CharField(_("category"), max_length=100, blank=True)
    description = models.CharField(_("description"), max_length=500, blank=True)
    priority = models.CharField(_("priority"), max_length=20, blank=True)
    requested_start_at = models.DateTimeField(_("wanted from"), null=True)
    item_ids = ArrayField(models.CharField(max_length=40), verbose_name=_("the partner's numbers of the items"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancellation_reason = models.CharField(_("why it was cancelled"), max_length=500, blank=True)

    class Meta:
        db_table = "packages_partner_order"
        verbose_name = _("order of a partner")
        verbose_name_plural = _("orders of partners")
        indexes = [
            models.Index(
                fields=["account", "external_id"],
                name="partner_order_by_number",
                condition=~models.Q(external_id=""),
            )
        ]
