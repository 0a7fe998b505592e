"""Customers' own tokens for the REST face: they read one account and nothing else."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Line
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId, uuid7
from partners.models import CustomerToken
from partners.queries.customer_tokens import list_live_customer_tokens

# A token says what it is, so that one that was published by mistake can be found, then whose it is, so that the look-up
# knows its account.
PREFIX = "hall_"
_SECRET_BYTES = 32


class TooManyTokens(DomainError):
    """The line has as many tokens as it may have."""

    code = "TOO_MANY_TOKENS"
    message = _("You have as many tokens as you can have.")
    cure = _("Revoke one that you do not need any more.")
    http_status = 409


class TokenMade(DomainError):
    """The form was sent before; the token of that time cannot be shown again."""

    code = "TOKEN_MADE"
    message = _("This token was made already, and is not shown again.")
    cure = _("If you did not copy it, revoke it and make another one.")
    http_status = 409


def make_customer_token(
    *, line: Line, name: str, lifetime: timedelta, request_key: uuid.UUID, now: datetime
) -> tuple[CustomerToken, str]:
    """Make a token that reads a line's account.

    :param name: what the customer calls it, 60 characters at most.
    :param lifetime: how long it is valid.
    :param request_key: made once per form.
    :return: the token as it is kept, and as it is written, which cannot be read again.
    :raises TokenMade: the form was sent before.
    :raises TooManyTokens: the line has CUSTOMER_TOKENS_PER_LINE of them.
    """
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    token = CustomerToken(
        account_id=line.account_id,
        id=uuid7(),
        line_id=line.id,
        name=name,
        token_hash=_hash(secret),
        request_key=request_key,
        made_at=now,
        expires_at=now + lifetime,
    )
    with transaction.atomic():
        # Two forms at once would both find room.
        Account.objects.select_for_update(no_key=True).get(id=line.account_id)
        if CustomerToken.objects.filter(account_id=line.account_id, request_key=request_key).exists():
            raise TokenMade
        live = list_live_customer_tokens(account_id=line.account_id, line_id=line.id, now=now)
        if len(live) >= settings.CUSTOMER_TOKENS_PER_LINE:
            raise TooManyTokens
        token.save(force_insert=True)
    return token, f"{PREFIX}{PublicId(token.account_id, token.id)}{secret}"


def revoke_customer_token(*, account_id: uuid.UUID, line_id: uuid.UUID, token_id: uuid.UUID, now: datetime) -> None:
    """End a token of a line at once.

    :raises NotFound: the line has no such token, or it was revoked before.
    """
    tokens = CustomerToken.objects.filter(account_id=account_id, id=token_id, line_id=line_id, revoked_at__isnull=True)
    if not tokens.update(revoked_at=now):
        raise NotFound


def find_customer_token(*, written: str, now: datetime) -> CustomerToken | None:
    """Return the token that was written so, if it is valid and its line in use; note its use, once a minute at most."""
    public_id_text, secret = written.removeprefix(PREFIX)[:44], written.removeprefix(PREFIX)[44:]
    try:
        public_id = PublicId.parse(public_id_text)
    except ValueError:
        return None
    tokens = CustomerToken.objects.filter(account_id=public_id.account_id, id=public_id.row_id)
    token = tokens.filter(revoked_at__isnull=True, expires_at__gt=now).exclude(line__state="CLOSED").first()
    if token is None or not secrets.compare_digest(token.token_hash, _hash(secret)):
        return None
    if token.used_at is None or now - token.used_at >= timedelta(minutes=1):
        tokens.update(used_at=now)
    return token


def _hash(secret: str) -> str:
    return salted_hmac("partners.customer_token", secret, algorithm="sha256").hexdigest()
