"""Brings the customers of another system into the house."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from accounts.operations.documents import ShownDocument, make_document
from accounts.operations.numbers import NumberTaken
from accounts.operations.sim_cards import IssuedSim, place_of_puk
from accounts.operations.sim_rules import normalised_iccid, normalised_puk
from kernel.copy_rows import NULL, copy_rows
from kernel.sealing import seal

_STAGE = """
    CREATE TEMPORARY TABLE imported_line (
        customer_id uuid, account_id uuid, line_id uuid, name text, msisdn text, province text, language text,
        activated_at timestamptz, document_kind text, document_sealed text, document_hash text, document_masked text,
        sim_id uuid, iccid text, puk_sealed text
    ) ON COMMIT DROP
"""
_WRITE = """
    INSERT INTO accounts_customer (id, name, created_at)
    SELECT DISTINCT ON (customer_id) customer_id, name, activated_at
      FROM imported_line
     ORDER BY customer_id, activated_at;

    INSERT INTO accounts_account (id, customer_id, province, created_at)
    SELECT DISTINCT ON (account_id) account_id, customer_id, province, activated_at
      FROM imported_line
     ORDER BY account_id, activated_at;

    INSERT INTO accounts_line (account_id, id, msisdn, state, language, activated_at)
    SELECT account_id, line_id, msisdn, 'ACTIVE', language, activated_at FROM imported_line;

    INSERT INTO accounts_number_directory (msisdn, account_id, line_id)
    SELECT msisdn, account_id, line_id FROM imported_line;

    INSERT INTO accounts_identity_document (account_id, kind, number_sealed, number_hash, masked, recorded_at)
    SELECT DISTINCT ON (account_id) account_id, document_kind, document_sealed, document_hash, document_masked,
           activated_at
      FROM imported_line
     WHERE document_kind IS NOT NULL
     ORDER BY account_id, activated_at;

    INSERT INTO accounts_document_directory AS held (number_hash, lines)
    SELECT document.number_hash, count(*)
      FROM imported_line AS line
      JOIN accounts_identity_document AS document ON document.account_id = line.account_id
     GROUP BY document.number_hash
     ORDER BY document.number_hash
        ON CONFLICT (number_hash) DO UPDATE SET lines = held.lines + excluded.lines;

    INSERT INTO accounts_sim_directory (iccid, account_id, line_id)
    SELECT iccid, account_id, line_id FROM imported_line WHERE iccid IS NOT NULL;

    INSERT INTO accounts_sim_card (account_id, id, line_id, iccid, puk_sealed, reason, from_at)
    SELECT account_id, sim_id, line_id, iccid, puk_sealed, 'FIRST', activated_at
      FROM imported_line
     WHERE iccid IS NOT NULL;

    DROP TABLE imported_line;
"""
_COLUMNS = (
    *("customer_id", "account_id", "line_id", "name", "msisdn", "province", "language", "activated_at"),
    *("document_kind", "document_sealed", "document_hash", "document_masked", "sim_id", "iccid", "puk_sealed"),
)


class ImportedLine(NamedTuple):
    """One line in use, with whom it belongs to. Lines of one customer or account repeat its id.

    :ivar msisdn: E.164.
    :ivar province: ISO 3166-2 code, such as "CN-GD".
    :ivar language: of texts, an `accounts.models.Language` value.
    :ivar activated_at: the customer and the account are as old as their oldest line.
    :ivar document: by which the other system made sure of the customer; of an account's lines the oldest one's counts.
    :ivar sim: the card in use.
    """

    customer_id: uuid.UUID
    account_id: uuid.UUID
    line_id: uuid.UUID
    customer_name: str
    msisdn: str
    province: str
    language: str
    activated_at: datetime
    document: ShownDocument | None = None
    sim: IssuedSim | None = None


def import_customers(*, lines: Sequence[ImportedLine]) -> None:
    """Bring in customers with their accounts and lines, all or nothing. Ids are the caller's, new in this house.

    How many lines stand under one document is the other system's doing: they are counted, and none is turned away.

    :raises NumberTaken: a number, a SIM card, or one of the ids, is in use here.
    :raises DocumentInvalid: a document's number cannot be right.
    :raises SimInvalid: the number of a SIM card or its PUK cannot be right.
    """
    rows = [(*line[:8], *_document_cells(line), *_sim_cells(line)) for line in lines]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STAGE)
            copy_rows(cursor, "imported_line", _COLUMNS, rows)
            cursor.execute(_WRITE)
    except IntegrityError:
        raise NumberTaken from None


def _document_cells(line: ImportedLine) -> tuple[str, ...]:
    if line.document is None:
        return (NULL,) * 4
    row = make_document(account_id=line.account_id, document=line.document, now=line.activated_at)
    return row.kind, row.number_sealed, row.number_hash, row.masked


def _sim_cells(line: ImportedLine) -> tuple[str, ...]:
    if line.sim is None:
        return (NULL,) * 3
    iccid, puk = normalised_iccid(iccid=line.sim.iccid), normalised_puk(puk=line.sim.puk)
    # A line has one card here, so that its id will do for the card's.
    return str(line.line_id), iccid, seal(puk, belongs_to=place_of_puk(iccid=iccid))
