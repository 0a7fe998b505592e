"""Orders with their proof at the staff desk."""

from typing import Any

from django.contrib import admin
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.masking import mask_codes
from kernel.read_only_admin import AccountOwnedAdmin, RelatedTable, label_column, yuan_column
from packages_app.models import Order, OrderEvidence, OrderState
from packages_app.queries.orders import get_order_evidence

_price = yuan_column("price_fen", _("price"))
_channel = label_column("channel", _("channel"), Channel)


@admin.register(Order)
class OrderAdmin(AccountOwnedAdmin):
    """A wish to change what a line has, and every step of the proof that the customer wanted it."""

    list_display = ("quoted_at", "numbers", "offering", _price, "state", _channel)
    list_filter = ("state",)
    list_select_related = ("offering",)
    fields = (
        "account",
        "offering",
        _price,
        "state",
        _channel,
        "guesses",
        "quoted_at",
        "expires_at",
        "confirmed_at",
        label_column("confirmed_channel", _("confirmed on"), Channel),
        "ended_at",
        "failure",
        "public_id",
    )

    def related_tables(self, row: Order) -> list[RelatedTable]:
        waiting = row.state == OrderState.AWAITING_CONFIRMATION
        return [
            RelatedTable(
                OrderEvidence._meta.verbose_name_plural,
                (_("step"), _("what"), _("channel"), _("who"), _("at"), _("detail")),
                [
                    (
                        step.number,
                        step.get_kind_display(),
                        Channel(step.channel).label,
                        step.actor,
                        localize(localtime(step.at)),
                        # Whoever reads the code of an order that waits could say yes for the customer.
                        mask_codes(_lines_of(step.detail)) if waiting else _lines_of(step.detail),
                    )
                    for step in get_order_evidence(row.account_id, row.id)
                ],
            )
        ]


def _lines_of(detail: dict[str, Any]) -> str:
    """Write the plain data of a step one value a line."""
    lines = []
    for name, value in detail.items():
        if isinstance(value, dict):
            lines += [f"{name}.{inner}: {text}" for inner, text in value.items()]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
