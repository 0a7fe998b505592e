"""Which accounts partners may see, at the staff desk."""

from django.contrib import admin

from accounts.models import PartnerGrant
from kernel.read_only_admin import AccountOwnedAdmin


@admin.register(PartnerGrant)
class PartnerGrantAdmin(AccountOwnedAdmin):
    """A partner's client and an account that it may see."""

    list_display = ("client_id", "numbers", "granted_at")
    shown = ("client_id", "account", "granted_at")
