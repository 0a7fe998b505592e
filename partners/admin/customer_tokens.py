"""Customers' own tokens, at the staff desk: when they were made and last used, never what they are."""

from django.contrib import admin

from kernel.read_only_admin import AccountOwnedAdmin
from partners.models import CustomerToken


@admin.register(CustomerToken)
class CustomerTokenAdmin(AccountOwnedAdmin):
    """A customer's key to the REST face."""

    list_display = ("made_at", "numbers", "name", "used_at", "expires_at", "revoked_at")
    shown = ("account", "name", "made_at", "used_at", "expires_at", "revoked_at", "public_id")
