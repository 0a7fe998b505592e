"""Reads refunds of the accounts that a caller of the REST face may see."""

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from accounts.queries.visible_accounts import limit_to_visible
from billing.models import Refund
from kernel.sight import Sight


def list_visible_refunds(*, sight: Sight) -> QuerySet[Refund]:
    """Return the refunds of these accounts' top-ups, whoever asked for them; to be filtered, ordered and cut.

    :return: rows with the top-up's `provider` and `state_at`.
    """
    return limit_to_visible(Refund.objects.all(), sight=sight).annotate(
        provider=F("top_up__provider"), state_at=Coalesce("finished_at", "decided_at", "requested_at")
    )
