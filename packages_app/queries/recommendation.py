"""What a line's own use suggests: one pack of data when its data runs low. Customers can switch it off."""

from datetime import datetime

from accounts.models import Line
from accounts.queries.privacy import wants_personal_recommendations
from packages_app.models import Offering, OfferingKind, Recurrence
from packages_app.queries.allowance import Allowance
from packages_app.queries.catalogue import list_offerings

LOW_PERCENT = 20


def is_data_low(allowance: Allowance) -> bool:
    """Tell whether a fifth or less is left of a line's general data."""
    data = allowance.data
    return data.total > 0 and data.left * 100 <= data.total * LOW_PERCENT


def get_recommended_pack(*, line: Line, now: datetime) -> Offering | None:
    """Return the cheapest pack of data, paid once, for a line whose data runs low.

    :return: None if the line's customer does not want to be shown what their use suggests, or there is no such pack.
    """
    if not wants_personal_recommendations(line.account_id):
        return None
    packs = [
        offering
        for offering in list_offerings(now=now)
        if offering.kind == OfferingKind.DATA_PACK
        and offering.recurrence == Recurrence.ONCE
        and offering.minimum_star == 0
        and offering.points_price == 0
        and (not offering.provinces or line.account.province in offering.provinces)
    ]
    return min(packs, key=lambda pack: pack.price_fen, default=None)
