"""Row locks of this app. An account is locked before its tickets."""

import uuid

from accounts.models import Account
from care.models import Site, Ticket
from kernel.errors import NotFound


def lock_account(*, account_id: uuid.UUID) -> None:
    """Lock an account for the caller's transaction, so that its new tickets come one after the other.

    :raises NotFound: there is no such account.
    """
    if Account.objects.select_for_update(no_key=True).filter(id=account_id).first() is None:
        raise NotFound


def lock_ticket(*, account_id: uuid.UUID, ticket_id: uuid.UUID) -> Ticket:
    """Lock a ticket for the caller's transaction and return it as it stands then.

    :raises NotFound: the account has no such ticket.
    """
    ticket = Ticket.objects.select_for_update(no_key=True).filter(account_id=account_id, id=ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def lock_sites() -> None:
    """Lock every site for the caller's transaction, so that nobody changes what a file is compared with."""
    list(Site.objects.select_for_update(no_key=True).order_by("id").values_list("id"))
