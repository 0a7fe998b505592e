"""Reads what is set aside in the wallets that a caller of the REST face may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.queries.customers import list_masked_names
from accounts.queries.visible_accounts import limit_to_visible
from billing.models import Hold
from kernel.sight import Sight


@dataclass(frozen=True, slots=True)
class Reservation:
    """A hold with the customer whose money it is.

    :ivar customer_name: masked.
    """

    hold: Hold
    customer_name: str


def list_visible_holds(*, sight: Sight) -> QuerySet[Hold]:
    """Return what is or was set aside in these wallets, with their accounts; to be filtered, ordered and cut."""
    return limit_to_visible(Hold.objects.select_related("account"), sight=sight)


def list_reservations(holds: Sequence[Hold]) -> list[Reservation]:
    """Complete holds with masked customer names; one query, however many there are."""
    names = list_masked_names({hold.account.customer_id for hold in holds})
    return [Reservation(hold, names[hold.account.customer_id]) for hold in holds]
