"""Finds what a visitor may see: rows of the lines signed in on this browser, and nobody else's."""

import uuid

from django.http import Http404

from accounts.models import Line
from accounts.web.signed_in import SignedInRequest, list_signed_in_lines
from kernel.errors import NotFound
from kernel.ids import PublicId
from packages_app.models import Order, Subscription
from packages_app.queries.orders import get_order
from packages_app.queries.subscriptions import get_subscription


def order_or_404(request: SignedInRequest, public_id: str) -> tuple[Order, Line]:
    """Return the order a URL names, and its line.

    :raises Http404: there is none, or it is not of a line that is signed in here.
    """
    wanted = _parsed(public_id)
    try:
        order = get_order(wanted.account_id, wanted.row_id)
    except NotFound:
        raise Http404 from None
    return order, _line(request, order.account_id, order.line_id)


def subscription_or_404(request: SignedInRequest, public_id: str) -> tuple[Subscription, Line]:
    """Return the subscription a URL names, and its line.

    :raises Http404: there is none, or it is not of a line that is signed in here.
    """
    wanted = _parsed(public_id)
    try:
        subscription = get_subscription(wanted.account_id, wanted.row_id)
    except NotFound:
        raise Http404 from None
    return subscription, _line(request, subscription.account_id, subscription.line_id)


def _parsed(public_id: str) -> PublicId:
    try:
        return PublicId.parse(public_id)
    except ValueError:
        raise Http404 from None


def _line(request: SignedInRequest, account_id: uuid.UUID, line_id: uuid.UUID) -> Line:
    for line in list_signed_in_lines(request):
        if (line.account_id, line.id) == (account_id, line_id):
            return line
    raise Http404
