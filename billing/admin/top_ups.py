"""Top-ups at the staff desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.models import TopUp
from kernel.channel import Channel
from kernel.read_only_admin import AccountOwnedAdmin, label_column, masked_number_column, number_column, yuan_column

_amount = yuan_column("amount_fen", _("amount"))
_bonus = yuan_column("bonus_fen", _("bonus"))
_channel = label_column("channel", _("channel"), Channel)


@admin.register(TopUp)
class TopUpAdmin(AccountOwnedAdmin):
    """Money on its way in."""

    list_display = ("requested_at", masked_number_column("msisdn", _("number")), _amount, "state", _channel, "provider")
    list_filter = ("state",)
    shown = (
        "account",
        number_column("msisdn", _("number")),
        _amount,
        "campaign_code",
        _bonus,
        "state",
        _channel,
        "provider",
        "payment_number",
        "provider_payment_number",
        "requested_at",
        "expires_at",
        "finished_at",
        "failure",
        "public_id",
    )
