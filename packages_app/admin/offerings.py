"""The catalogue at the staff desk: what is sold, kept by supervisors."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.read_only_admin import yuan_column
from packages_app.models import Offering

_price = yuan_column("price_fen", _("price"))


@admin.register(Offering)
class OfferingAdmin(admin.ModelAdmin):
    """One thing that can be bought. Orders keep the terms they were given, so a change concerns new orders only."""

    list_display = ("name_zh", "code", "kind", _price, "recurrence", "on_sale_from", "on_sale_to")
    list_filter = ("kind", "recurrence")
    search_fields = ("code", "name_zh", "name_en")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Offering | None = None) -> tuple[str, ...]:
        """Keep the code: orders and subscriptions name the offering by it."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Offering | None = None) -> bool:
        """Never: what is no longer sold gets an end of sale."""
        return False
