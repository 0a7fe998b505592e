"""Reads messages of partners to the accounts that a caller of the REST face may see."""

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import PartnerMessage
from accounts.queries.visible_accounts import limit_to_visible
from kernel.sight import Sight
from messaging.models import Sms


def list_visible_messages(*, sight: Sight) -> QuerySet[PartnerMessage]:
    """Return messages with what became of their texts; to be filtered, ordered and cut.

    :return: rows with `state` (of the text), `due_at`, `left_at` and `delivered_at`.
    """
    text = Sms.objects.filter(account_id=OuterRef("account_id"), id=OuterRef("id"))
    return limit_to_visible(PartnerMessage.objects.all(), sight=sight).annotate(
        state=Subquery(text.values("state")),
        due_at=Subquery(text.values("due_at")),
        left_at=Subquery(text.values("sent_at")),
        delivered_at=Subquery(text.values("delivered_at")),
    )
