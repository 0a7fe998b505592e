"""Reads corrections of wallets that a caller of the REST face may see."""

from django.db.models import QuerySet
from django.db.models.functions import Abs

from accounts.queries.visible_accounts import limit_to_visible
from billing.models import Adjustment
from kernel.sight import Sight


def list_visible_adjustments(*, sight: Sight) -> QuerySet[Adjustment]:
    """Return the corrections of these accounts' wallets, whoever proposed them; to be filtered, ordered and cut.

    :return: rows with `size_fen`, how much it is whichever way it goes.
    """
    return limit_to_visible(Adjustment.objects.annotate(size_fen=Abs("amount_fen")), sight=sight)
