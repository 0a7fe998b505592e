"""The card that an address names: the visitor's own, or the page does not exist."""

from django.http import Http404

from accounts.web.signed_in import SignedInRequest
from billing.models import BankCard
from billing.queries.bank_cards import get_card
from kernel.errors import NotFound
from kernel.ids import PublicId


def own_card(request: SignedInRequest, public_id: str) -> BankCard:
    """Return the card of a public id.

    :raises Http404: it is somebody else's, or there is none.
    """
    try:
        wanted = PublicId.parse(public_id)
    except ValueError:
        raise Http404 from None
    if wanted.account_id != request.line.account_id:
        raise Http404
    try:
        return get_card(wanted.account_id, wanted.row_id)
    except NotFound:
        raise Http404 from None
