"""What a customer may take along of what is kept about them (个人信息查阅、复制), said by each app in
`<app>/queries/own_data.py`: which rows and which columns, and for rows that stay here, why.

    OWN_DATA = [OwnData("charges", Charge, ("charged_at", "name", "amount_fen"))]
    LEFT_OUT = {Hold: "…"}
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.timezone import localtime

from kernel.csv_export import Cell, csv_lines
from kernel.errors import Text

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class OwnData:
    """One table of a customer's data.

    :ivar name: of its file, lower_case.
    :ivar fields: columns, in the order of the file.
    :ivar account_field: what leads to the account.
    """

    name: str
    model: type[models.Model]
    fields: Sequence[str]
    account_field: str = "account_id"

    @property
    def title(self) -> Text:
        """What it is, in words."""
        title: Text = self.model._meta.verbose_name_plural or self.name
        return title

    def rows(self, account_id: uuid.UUID) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an account in the order of their key, reading some at a time."""
        kept = self.model._default_manager.filter(**{self.account_field: account_id})
        return kept.order_by("pk").values_list(*self.fields).iterator(chunk_size=ROWS_AT_ONCE)

    def json_rows(self, account_id: uuid.UUID) -> Iterator[dict[str, Any]]:
        """Yield the rows with their columns' names, as JSON has values."""
        for row in self.rows(account_id):
            yield {field: _json_value(value) for field, value in zip(self.fields, row, strict=True)}

    def csv_file(self, account_id: uuid.UUID) -> Iterator[bytes]:
        """Yield the lines of the table for a spreadsheet, headed in the language of now."""
        columns = [self._heading(field) for field in self.fields]
        rows = ([_cell(value) for value in row] for row in self.rows(account_id))
        return csv_lines(columns=columns, rows=rows)

    def _heading(self, field: str) -> str:
        column = self.model._meta
        for part in field.split("__"):
            found = column.get_field(part)
            if found.is_relation and found.related_model is not None:
                column = found.related_model._meta
        return f"{getattr(found, 'verbose_name', field)} ({field})"


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return localtime(value).isoformat()
    return str(value) if isinstance(value, uuid.UUID | date | Decimal) else value


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str | int | Decimal):
        return value
    return str(_json_value(value))
