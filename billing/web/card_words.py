"""How a linked bank card is called on pages."""

from typing import Any, cast

from django.utils.translation import gettext as _

from billing.models import BankCard


def card_label(card: BankCard) -> str:
    """Return the kind of account and how the number ends: "debit card ending in 0005"."""
    return _("%(kind)s ending in %(last_four)s") % {
        "kind": cast("Any", card).get_account_kind_display(),
        "last_four": card.last_four,
    }
