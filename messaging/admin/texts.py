"""Texts sent, at the staff desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.masking import mask_codes
from kernel.read_only_admin import AccountOwnedAdmin, masked_number_column, number_column
from messaging.models import Sms


@admin.register(Sms)
class SmsAdmin(AccountOwnedAdmin):
    """A text to a customer and how it fared."""

    list_display = ("queued_at", masked_number_column("msisdn", _("to")), "kind", "state", "sent_at")
    list_filter = ("state",)
    newest_by = "queued_at"
    shown = (
        "account",
        number_column("msisdn", _("to")),
        "kind",
        "words",
        "state",
        "attempts",
        "queued_at",
        "due_at",
        "expires_at",
        "sent_at",
        "delivered_at",
        "last_error",
        "public_id",
    )

    @admin.display(description=_("text"))
    def words(self, sms: Sms) -> str:
        """The text, but no code with which staff could act as the customer."""
        if sms.secret:
            return str(_("(hidden: it carries a code)"))
        return mask_codes(sms.body) if sms.expires_at > now() else sms.body
