"""What lines have, and what is left of it, at the staff desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.read_only_admin import AccountOwnedAdmin, label_column
from kernel.volume import volume_text, whole_minutes
from packages_app.models import Bucket, Subscription, UsageKind


@admin.register(Subscription)
class SubscriptionAdmin(AccountOwnedAdmin):
    """What a line has or had."""

    list_display = ("started_at", "numbers", "offering", "state", "ends_at")
    list_filter = ("state",)
    list_select_related = ("offering",)
    fields = (
        "account",
        "offering",
        "state",
        "started_at",
        "ends_at",
        "cancelled_at",
        label_column("cancelled_channel", _("cancelled on"), Channel),
        "public_id",
    )


@admin.register(Bucket)
class BucketAdmin(AccountOwnedAdmin):
    """An allowance of one cycle."""

    list_display = ("ends_at", "numbers", "usage_kind", "total_amount", "left_amount")
    list_filter = ("usage_kind",)
    fields = (
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


def amount_text(usage_kind: str, amount: int) -> str:
    """Write an allowance with its unit: bytes as GB, seconds as minutes, texts as a number."""
    if usage_kind == UsageKind.DATA:
        return volume_text(amount)
    if usage_kind == UsageKind.VOICE:
        return f"{whole_minutes(amount)} {_('min')}"
    return str(amount)
