"""What a movement of a wallet is for, as the staff desk calls it."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.queries.statement import MOVEMENT_TITLES

# To the customer these say more: what was charged, why it was corrected.
_TITLES = {
    **MOVEMENT_TITLES,
    "CHARGE": pgettext_lazy("movement", "Charge"),
    "ADJUSTMENT": pgettext_lazy("movement", "Adjustment"),
    "REFUND": pgettext_lazy("movement", "Refund of a top-up"),
    "HOLD": pgettext_lazy("movement", "Money set aside"),
}


@admin.display(description=_("reason"))
def movement_reason(row: Any) -> str:
    """Name the reason of a ledger entry or a gift of bonus; one that has no name stays as it is stored."""
    return str(_TITLES.get(row.reason_kind, row.reason_kind))
