"""Finds the line that a caller of the REST face means by one of its products; any other does not exist for it."""

import uuid

from accounts.models import Line
from accounts.queries.lines import get_line
from accounts.queries.visible_accounts import is_account_visible
from kernel.errors import NotFound
from kernel.sight import Sight
from packages_app.queries.subscriptions import get_subscription


def get_visible_line_of_subscription(*, sight: Sight, account_id: uuid.UUID, subscription_id: uuid.UUID) -> Line:
    """Return the line in use that has a subscription.

    :raises NotFound: the caller may not see the account, or it has no such subscription, or its line is closed.
    """
    if not is_account_visible(sight=sight, account_id=account_id):
        raise NotFound
    subscription = get_subscription(account_id, subscription_id)
    return get_line(account_id=account_id, line_id=subscription.line_id)
