"""A partner's hubs: the addresses at which it wants to be told of events."""

import base64
import secrets
import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError, NotFound
from kernel.ids import uuid7
from kernel.sealing import seal
from partners.gateways.callback_address import AddressRefused, read_callback, resolve
from partners.models import Hub, HubEvent, HubEventState
from partners.queries.partner_clients import get_partner_client

_SECRET_BYTES = 32


class CallbackRefused(DomainError):
    """Nothing is sent to this address."""

    code = "CALLBACK_REFUSED"
    message = _("Events are not sent to this address.")
    cure = _("Give an address in the public internet that begins with https:// and can be found.")
    http_status = 400
    field = "callback"


class HubNeedsPartner(DomainError):
    """A customer's own token reads, and makes nothing."""

    code = "HUB_NEEDS_PARTNER"
    message = _("Only a partner system can be told of events.")
    http_status = 403


class TooManyHubs(DomainError):
    """The partner has as many hubs as it may have."""

    code = "TOO_MANY_HUBS"
    message = _("You have as many hubs as you can have.")
    cure = _("Delete one that you do not need any more.")
    http_status = 409


def require_callback(*, url: str) -> str:
    """Return an address to which events may be sent.

    :raises CallbackRefused: it is none.
    """
    try:
        resolve(read_callback(url))
    except AddressRefused:
        raise CallbackRefused from None
    return url


def make_hub(*, client_id: str, api: str, callback: str, query: str, request_key: str, now: datetime) -> Hub:
    """Let a partner be told of what happens from now on.

    :param api: name of the API whose events are wanted.
    :param callback: an address of `require_callback`.
    :param query: which events, as `hub_query.read_hub_query` takes it; empty is all.
    :param request_key: the partner's own key: sent twice it is one hub.
    :raises HubNeedsPartner: the caller is no partner system.
    :raises TooManyHubs: it has HUBS_PER_PARTNER of them.
    """
    with transaction.atomic():
        try:
            client = get_partner_client(client_id, lock=True)
        except NotFound:
            raise HubNeedsPartner from None
        hubs = Hub.objects.filter(client=client)
        made_before = hubs.filter(request_key=request_key).first()
        if made_before is not None:
            return made_before
        if hubs.filter(removed_at__isnull=True).count() >= settings.HUBS_PER_PARTNER:
            raise TooManyHubs
        hub = Hub(
            id=uuid7(),
            client=client,
            api=api,
            callback=callback,
            query=query,
            request_key=request_key,
            made_at=now,
            gathered_until=now,
            looked_back_at=now,
        )
        secret = base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        hub.sealed_secret = seal(f"whsec_{secret}", belongs_to=hub.seal_place)
        hub.save(force_insert=True)
        return hub


def remove_hub(*, hub_id: uuid.UUID, now: datetime) -> None:
    """Tell a partner nothing more at a hub's address; what waits for it is not sent.

    :raises NotFound: there is no such hub, or it was removed before.
    """
    with transaction.atomic():
        if not Hub.objects.filter(id=hub_id, removed_at__isnull=True).update(removed_at=now):
            raise NotFound
        HubEvent.objects.filter(hub_id=hub_id, state=HubEventState.QUEUED).delete()
