"""Keeps the identity document of an account, counts the lines under it, and opens it for staff who say why."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import DocumentDirectory, IdentityDocument, Line, LineActKind, LineState
from accounts.operations.document_rules import normalised_document
from accounts.operations.line_acts import record_line_act, require_reason
from kernel.errors import DomainError, NotFound
from kernel.masking import mask_document
from kernel.sealing import seal, unseal

# One conditional statement: the row is locked, looked at again and counted in one step.
_TAKE_PLACES = """
INSERT INTO accounts_document_directory AS held (number_hash, lines) VALUES (%(number_hash)s, %(lines)s)
ON CONFLICT (number_hash) DO UPDATE SET lines = held.lines + excluded.lines
 WHERE held.lines + excluded.lines <= %(limit)s
RETURNING lines
"""
_GIVE_PLACES_BACK = """
UPDATE accounts_document_directory SET lines = lines - %(lines)s WHERE number_hash = %(number_hash)s
"""


class TooManyLinesOfDocument(DomainError):
    """As many lines stand under this document as may."""

    code = "TOO_MANY_LINES_OF_DOCUMENT"
    message = _("As many numbers as one person may have are open under this document.")
    cure = _("One of them has to be closed or handed over first.")
    http_status = 409
    field = "document_number"


class DocumentsDiffer(DomainError):
    """Not the document that the account was opened with."""

    code = "DOCUMENTS_DIFFER"
    message = _("This is not the document that the number is registered under.")
    cure = _("Ask for the document that was shown when the number was opened.")
    http_status = 409
    field = "document_number"


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document as somebody shows it.

    :ivar kind: a `DocumentKind`.
    :ivar number: as it was typed; it never stands in a log.
    """

    kind: str
    number: str = field(repr=False)


def make_document(*, account_id: uuid.UUID, document: ShownDocument, now: datetime) -> IdentityDocument:
    """Return the row of a shown document, unsaved: checked, sealed, hashed and masked.

    :raises DocumentInvalid: its number cannot be right.
    """
    number = normalised_document(kind=document.kind, number=document.number)
    return IdentityDocument(
        account_id=account_id,
        kind=document.kind,
        number_sealed=seal(number, belongs_to=place_of_document(account_id=account_id)),
        number_hash=hash_document(kind=document.kind, number=number),
        masked=mask_document(number),
        recorded_at=now,
    )


def keep_first_document(*, account_id: uuid.UUID, document: ShownDocument, now: datetime) -> None:
    """Keep the document of a new account with its first line, in the caller's transaction.

    :raises DocumentInvalid: its number cannot be right.
    :raises TooManyLinesOfDocument: as many lines as may stand under it.
    """
    row = make_document(account_id=account_id, document=document, now=now)
    take_places(number_hash=row.number_hash, lines=1)
    row.save(force_insert=True)


def record_document(
    *, account_id: uuid.UUID, document: ShownDocument, staff_id: int, reason: str, now: datetime
) -> IdentityDocument:
    """Keep the document that a customer shows, in the place of the one before.

    :raises NotFound: there is no such account, or it has no line in use.
    :raises DocumentInvalid: its number cannot be right.
    :raises TooManyLinesOfDocument: with this account's, too many lines would stand under it.
    :raises ReasonMissing: no reason was given.
    """
    require_reason(reason=reason)
    row = make_document(account_id=account_id, document=document, now=now)
    with transaction.atomic():
        # Locked, so that no line of the account is opened or closed meanwhile.
        lines = Line.objects.select_for_update(no_key=True).filter(account_id=account_id)
        in_use = len(list(lines.exclude(state=LineState.CLOSED).order_by("id").values_list("id")))
        if not in_use:
            raise NotFound
        before = IdentityDocument.objects.filter(account_id=account_id).first()
        if before is None or before.number_hash != row.number_hash:
            # Always in one order, so that two of these never wait for each other.
            moves = [(row.number_hash, in_use)] + ([(before.number_hash, -in_use)] if before else [])
            for number_hash, more in sorted(moves):
                if more > 0:
                    take_places(number_hash=number_hash, lines=more)
                else:
                    give_places_back(number_hash=number_hash, lines=-more)
        row.save(force_insert=before is None)
        record_line_act(
            account_id=account_id,
            line_id=None,
            kind=LineActKind.DOCUMENT_RECORDED,
            staff_id=staff_id,
            reason=reason,
            before=before.masked if before else "",
            after=row.masked,
            now=now,
        )
    return row


def reveal_document(*, account_id: uuid.UUID, staff_id: int, reason: str, now: datetime) -> str:
    """Return the whole number of an account's document to staff who say why; that they looked is recorded first.

    :raises NotFound: the account has no document.
    :raises ReasonMissing: no reason was given; nothing was shown or recorded.
    """
    require_reason(reason=reason)
    with transaction.atomic():
        row = IdentityDocument.objects.filter(account_id=account_id).first()
        if row is None:
            raise NotFound
        record_line_act(
            account_id=account_id,
            line_id=None,
            kind=LineActKind.DOCUMENT_REVEALED,
            staff_id=staff_id,
            reason=reason,
            now=now,
        )
    return unseal(row.number_sealed, belongs_to=place_of_document(account_id=account_id))


def require_document_of(*, account_id: uuid.UUID, document: ShownDocument) -> None:
    """Make sure that a shown document is the one that an account is registered under.

    :raises DocumentInvalid: its number cannot be right.
    :raises DocumentsDiffer: it is another, or the account has none.
    """
    number = normalised_document(kind=document.kind, number=document.number)
    shown = hash_document(kind=document.kind, number=number)
    kept = IdentityDocument.objects.filter(account_id=account_id).values_list("number_hash", flat=True).first()
    if kept is None or not hmac.compare_digest(kept, shown):
        raise DocumentsDiffer


def lock_places(*, account_id: uuid.UUID, document: ShownDocument) -> None:
    """Lock the counts of an account's document and of another, in one order, so that two who hand over to each other
    never wait for each other. In the caller's transaction, before `give_places_back` and `take_places`.

    :raises DocumentInvalid: the other document's number cannot be right.
    """
    number = normalised_document(kind=document.kind, number=document.number)
    own = IdentityDocument.objects.filter(account_id=account_id).values_list("number_hash", flat=True).first()
    hashes = [hash_document(kind=document.kind, number=number), own or ""]
    counts = DocumentDirectory.objects.select_for_update(no_key=True).filter(number_hash__in=hashes)
    list(counts.order_by("number_hash").values_list("number_hash"))


def take_places(*, number_hash: str, lines: int) -> None:
    """Count lines under a document, in the caller's transaction.

    :raises TooManyLinesOfDocument: they are too many; nothing was counted.
    """
    limit = settings.LINES_PER_DOCUMENT
    if lines > limit:
        raise TooManyLinesOfDocument
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_PLACES, {"number_hash": number_hash, "lines": lines, "limit": limit})
        if cursor.fetchone() is None:
            raise TooManyLinesOfDocument


def give_places_back(*, number_hash: str, lines: int) -> None:
    """Count lines under a document no more, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_PLACES_BACK, {"number_hash": number_hash, "lines": lines})


def hash_document(*, kind: str, number: str) -> str:
    """Return the keyed hash by which the same document is found again.

    :param number: normalised.
    """
    return hmac.new(settings.DOCUMENT_HASH_KEY.encode(), f"{kind}:{number}".encode(), hashlib.sha256).hexdigest()


def place_of_document(*, account_id: uuid.UUID) -> str:
    """Return what a sealed document number belongs to (`kernel.sealing`)."""
    return f"identity-document:{account_id}"
