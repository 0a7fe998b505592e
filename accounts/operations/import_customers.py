"""Brings the customers of another system into the house."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from accounts.operations.open_account import NumberTaken
from kernel.copy_rows import copy_rows

_STAGE = """
    CREATE TEMPORARY TABLE imported_line (
        customer_id uuid, account_id uuid, line_id uuid, name text, msisdn text, province text, language text,
        activated_at timestamptz
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

    DROP TABLE imported_line;
"""
_COLUMNS = ("customer_id", "account_id", "line_id", "name", "msisdn", "province", "language", "activated_at")


class ImportedLine(NamedTuple):
    """One line in use, with whom it belongs to. Lines of one customer or account repeat its id.

    :ivar msisdn: E.164.
    :ivar province: ISO 3166-2 code, such as "CN-GD".
    :ivar language: of texts, an `accounts.models.Language` value.
    :ivar activated_at: the customer and the account are as old as their oldest line.
    """

    customer_id: uuid.UUID
    account_id: uuid.UUID
    line_id: uuid.UUID
    customer_name: str
    msisdn: str
    province: str
    language: str
    activated_at: datetime


def import_customers(*, lines: Sequence[ImportedLine]) -> None:
    """Bring in customers with their accounts and lines, all or nothing. Ids are the caller's, new in this house.

    :raises NumberTaken: a number, or one of the ids, is in use here.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STAGE)
            copy_rows(cursor, "imported_line", _COLUMNS, lines)
            cursor.execute(_WRITE)
    except IntegrityError:
        raise NumberTaken from None
