"""Partner systems: made, changed, revoked by staff. Their secrets are shown once and kept as keyed hashes."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import Application, get_access_token_model

from kernel.errors import DomainError
from kernel.regions import PROVINCE_CODES
from kernel.sight import SightKind
from partners.models import PartnerClient, PartnerSecret
from partners.queries.partner_clients import get_partner_client

_SECRET_BYTES = 32
_SCOPE = re.compile(r"[a-z-]{1,30}:(read|write)")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ClientIdTaken(DomainError):
    """There is a partner system of that id."""

    code = "CLIENT_ID_TAKEN"
    message = _("There is a partner system of this id already.")
    cure = _("Choose another id.")
    http_status = 409
    field = "client_id"


class ClientRevoked(DomainError):
    """The partner system was revoked: it gets no secrets and no changes any more."""

    code = "CLIENT_REVOKED"
    message = _("This partner system was revoked.")
    cure = _("Make a new one.")
    http_status = 409


class ClientTermsInvalid(DomainError):
    """What a partner system may do cannot be so; `field` names what is wrong."""

    code = "CLIENT_TERMS_INVALID"
    message = _("A partner system cannot be kept like this.")


@dataclass(frozen=True, kw_only=True)
class ClientTerms:
    """What a partner system may do.

    :ivar scopes: such as "balance:read"; at least one.
    :ivar provinces: ISO 3166-2 codes, for PROVINCES.
    :ivar networks: addresses and ranges that its calls may come from, such as "203.0.113.0/24"; none is anywhere.
    """

    name: str
    scopes: Sequence[str]
    calls_per_minute: int
    sight_kind: SightKind = SightKind.GRANTED
    provinces: Sequence[str] = ()
    networks: Sequence[str] = ()


def make_partner_client(
    *, client_id: str, terms: ClientTerms, made_by: str, now: datetime, secret: str = ""
) -> tuple[PartnerClient, str]:
    """Make a partner system with its first secret.

    :param client_id: letters, digits, "." "_" "-"; 64 at most.
    :param secret: one that the installation chose; empty makes one up.
    :return: the partner system and its secret, which cannot be read again.
    :raises ClientTermsInvalid: the terms do not fit together.
    :raises ClientIdTaken: there is one of that id.
    """
    _require_sound(terms)
    if not _CLIENT_ID.fullmatch(client_id):
        raise ClientTermsInvalid(cure=_("Write letters, digits, “.”, “_” and “-” only."), field="client_id")
    secret = secret or secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        if Application.objects.filter(client_id=client_id).exists():
            raise ClientIdTaken
        application = Application.objects.create(
            client_id=client_id,
            name=terms.name,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
            # Never used: the secrets stand in `PartnerSecret`.
            client_secret=secrets.token_urlsafe(_SECRET_BYTES),
        )
        client = PartnerClient(application=application, client_id=client_id, made_by=made_by, made_at=now)
        _set_terms(client, terms)
        client.save(force_insert=True)
        _add_secret(client, secret, made_by=made_by, now=now)
    return client, secret


def change_partner_client(*, client_id: str, terms: ClientTerms) -> PartnerClient:
    """Change what a partner system may do. Tokens lose at once what it lost; new scopes need a new token.

    :raises ClientTermsInvalid: the terms do not fit together.
    :raises ClientRevoked: it was revoked.
    :raises NotFound: there is none of that id.
    """
    _require_sound(terms)
    with transaction.atomic():
        client = _get_live(client_id)
        _set_terms(client, terms)
        client.save()
    return client


def rotate_partner_secret(*, client_id: str, overlap: timedelta, made_by: str, now: datetime) -> str:
    """Give a partner system a new secret; the one before stays valid for a while, older ones do not.

    :param overlap: how long it has to move from one to the other.
    :return: the new secret, which cannot be read again.
    :raises ClientRevoked: it was revoked.
    :raises NotFound: there is none of that id.
    """
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        client = _get_live(client_id)
        valid = PartnerSecret.objects.filter(client=client).filter(_valid_after(now)).order_by("-made_at", "-id")
        newest = valid.first()
        if newest is not None:
            valid.exclude(id=newest.id).update(valid_until=now)
            PartnerSecret.objects.filter(id=newest.id).update(valid_until=now + overlap)
        _add_secret(client, secret, made_by=made_by, now=now)
    return secret


def end_older_secrets(*, client_id: str, now: datetime) -> int:
    """End every secret but the newest, and every token, at once: as when a secret has leaked.

    :return: how many ended.
    :raises NotFound: there is none of that id.
    """
    with transaction.atomic():
        client = _get_live(client_id)
        valid = PartnerSecret.objects.filter(client=client).filter(_valid_after(now))
        _delete_tokens(client)
        return valid.filter(valid_until__isnull=False).update(valid_until=now)


def revoke_partner_client(*, client_id: str, revoked_by: str, now: datetime) -> PartnerClient:
    """End a partner system for good: no secret and no token of it is worth anything any more.

    :raises ClientRevoked: it was revoked before.
    :raises NotFound: there is none of that id.
    """
    with transaction.atomic():
        client = _get_live(client_id)
        client.revoked_by, client.revoked_at = revoked_by, now
        client.save()
        PartnerSecret.objects.filter(client=client).filter(_valid_after(now)).update(valid_until=now)
        _delete_tokens(client)
    return client


def _get_live(client_id: str) -> PartnerClient:
    client = get_partner_client(client_id, lock=True)
    if client.revoked_at is not None:
        raise ClientRevoked
    return client


def _valid_after(now: datetime) -> Q:
    return Q(valid_until__isnull=True) | Q(valid_until__gt=now)


def _add_secret(client: PartnerClient, secret: str, *, made_by: str, now: datetime) -> None:
    PartnerSecret.objects.create(client=client, secret_hash=PartnerSecret.hash_of(secret), made_by=made_by, made_at=now)


def _delete_tokens(client: PartnerClient) -> None:
    get_access_token_model().objects.filter(application_id=client.pk).delete()


def _set_terms(client: PartnerClient, terms: ClientTerms) -> None:
    client.name = terms.name
    client.scopes = sorted(set(terms.scopes))
    client.sight_kind = terms.sight_kind.value
    client.provinces = list(terms.provinces) if terms.sight_kind is SightKind.PROVINCES else []
    client.networks = [str(ip_network(network, strict=False)) for network in terms.networks]
    client.calls_per_minute = terms.calls_per_minute


def _require_sound(terms: ClientTerms) -> None:
    if not terms.scopes or not all(map(_SCOPE.fullmatch, terms.scopes)):
        raise ClientTermsInvalid(cure=_("Choose at least one of the scopes."), field="scopes")
    if terms.sight_kind is SightKind.OWN:
        raise ClientTermsInvalid(cure=_("Only a customer's own token sees one account."), field="sight_kind")
    if terms.sight_kind is SightKind.PROVINCES and (not terms.provinces or set(terms.provinces) - PROVINCE_CODES):
        raise ClientTermsInvalid(cure=_("Choose at least one province."), field="provinces")
    if terms.calls_per_minute < 1:
        raise ClientTermsInvalid(cure=_("It must be allowed at least one call a minute."), field="calls_per_minute")
    for network in terms.networks:
        try:
            ip_network(network, strict=False)
        except ValueError:
            raise ClientTermsInvalid(
                cure=_("Write addresses such as 203.0.113.7 or ranges such as 203.0.113.0/24."), field="networks"
            ) from None
