"""What a movement of a wallet is for, as the staff desk calls it."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import Adjustment, Charge, Hold, Refund, TopUp
from billing.queries.statement import MOVEMENT_TITLES

# To the customer these say more: what was charged, why it was corrected.
_TITLES = {
    **MOVEMENT_TITLES,
    "CHARGE": pgettext_lazy("movement", "Charge"),
    "ADJUSTMENT": pgettext_lazy("movement", "Adjustment"),
    "REFUND": pgettext_lazy("movement", "Refund of a top-up"),
    "HOLD": pgettext_lazy("movement", "Money set aside"),
}
# Whose id the reason of a movement is.
_BEHIND: dict[str, type[Model]] = {
    "CHARGE": Charge,
    "TOP_UP": TopUp,
    "TOP_UP_BONUS": TopUp,
    "REFUND": Refund,
    "ADJUSTMENT": Adjustment,
    "HOLD": Hold,
}


def row_behind(reason_kind: str, account_id: uuid.UUID, reason_id: uuid.UUID) -> Model | None:
    """Return the row that a movement is for, by its key alone; None where it is for none."""
    model = _BEHIND.get(reason_kind)
    return model(account_id=account_id, id=reason_id) if model else None


@admin.display(description=_("reason"))
def movement_reason(row: Any) -> str:
    """Name the reason of a ledger entry or a gift of bonus; one that has no name stays as it is stored."""
    return str(_TITLES.get(row.reason_kind, row.reason_kind))
