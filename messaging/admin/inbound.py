"""Texts and calls received, at the staff desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kernel.read_only_admin import AccountOwnedAdmin, masked_number_column, number_column
from messaging.models import Inbound


@admin.register(Inbound)
class InboundAdmin(AccountOwnedAdmin):
    """What a customer sent us or that he rang, and when it was answered."""

    list_display = ("received_at", masked_number_column("from_msisdn", _("from")), "kind", "to_number", "answered_at")
    list_filter = ("kind",)
    newest_by = "received_at"
    shown = (
        "account",
        number_column("from_msisdn", _("from")),
        "kind",
        "to_number",
        "body",
        "received_at",
        "answered_at",
        "attempts",
        "public_id",
    )
