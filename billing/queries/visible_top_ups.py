"""Reads top-ups of the accounts that a caller of the REST face may see."""

from collections.abc import Sequence

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.queries.visible_accounts import limit_to_visible
from billing.models import TopUp
from kernel.sight import Sight


def list_visible_top_ups(*, sight: Sight) -> QuerySet[TopUp]:
    """Return the top-ups that are credited to these accounts, whoever paid; to be filtered, ordered and cut."""
    return limit_to_visible(TopUp.objects.all(), sight=sight)


def list_visible_payments(*, sight: Sight, client_id: str) -> QuerySet[TopUp]:
    """Return the same top-ups with what is said of them as payments.

    :param client_id: the caller: order ids of other partners are not its business.
    :return: rows with `order_id` (the caller's own, empty for others') and `state_at`.
    """
    return list_visible_top_ups(sight=sight).annotate(
        order_id=Case(
            When(client_id=client_id, then=F("provider_payment_number")), default=Value(""), output_field=CharField()
        ),
        state_at=Coalesce("finished_at", "requested_at"),
    )


def order_id_condition(texts: Sequence[str]) -> Q:
    """Return the condition of `list_visible_payments` that a row is one of the caller's own orders.

    What the index of partners' orders finds is named beside it: the caller's own id is made of two columns.
    """
    return Q(order_id__in=texts) & Q(provider_payment_number__in=texts) & ~Q(client_id="")
