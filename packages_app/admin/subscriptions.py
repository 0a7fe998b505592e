"""What lines have, and what is left of it, at the staff desk."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.read_only_admin import AccountOwnedAdmin, label_column, record_url
from packages_app.admin.amounts import amount_text
from packages_app.models import Bucket, Order, Subscription


@admin.register(Subscription)
class SubscriptionAdmin(AccountOwnedAdmin):
    """What a line has or had."""

    list_display = ("started_at", "numbers", "offering", "state", "ends_at")
    list_filter = ("state",)
    list_select_related = ("offering",)
    shown = (
        "account",
        "offering",
        "state",
        "started_at",
        "ends_at",
        "cancelled_at",
        label_column("cancelled_channel", _("cancelled on"), Channel),
        "first_month",
        "committed_until",
        "proof",
        "public_id",
    )

    @admin.display(description=_("proof"))
    def proof(self, subscription: Subscription) -> str:
        """The order behind it; a plan may have come with the contract instead."""
        order = Order.objects.filter(account_id=subscription.account_id, id=subscription.id).first()
        if order is None:
            return gettext("came with the contract")
        address = record_url(self.admin_site.get_model_admin(Order), order)
        return format_html('<a href="{}">{}</a>', address, gettext("order with every step"))


@admin.register(Bucket)
class BucketAdmin(AccountOwnedAdmin):
    """An allowance of one cycle."""

    list_display = ("ends_at", "numbers", "usage_kind", "total_amount", "left_amount")
    list_filter = ("usage_kind",)
    newest_by = "ends_at"
    shown = (
        "account",
        "usage_kind",
        "total_amount",
        "used_amount",
        "left_amount",
        "starts_at",
        "ends_at",
        "subscription_id",
        "public_id",
    )

    @admin.display(description=_("total"))
    def total_amount(self, bucket: Bucket) -> str:
        """The whole allowance, with its unit."""
        return amount_text(bucket.usage_kind, bucket.total)

    @admin.display(description=_("used"))
    def used_amount(self, bucket: Bucket) -> str:
        """What was used, with its unit."""
        return amount_text(bucket.usage_kind, bucket.used)

    @admin.display(description=_("left"))
    def left_amount(self, bucket: Bucket) -> str:
        """What is left, with its unit."""
        return amount_text(bucket.usage_kind, bucket.total - bucket.used)
