"""Uses of the hall on every channel, at the staff desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from channels.models import Interaction
from kernel.read_only_admin import AccountOwnedAdmin


@admin.register(Interaction)
class InteractionAdmin(AccountOwnedAdmin):
    """One use of a capability, page or REST operation."""

    list_display = ("at", "channel", "capability", "outcome", "numbers")
    list_filter = ("channel",)
    shown = ("at", "channel", "capability", "outcome", "account_id")
    ordering = ("-at", "-id")
    search_help_text = _("Phone number or account id")
