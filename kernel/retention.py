"""How long what is kept, said by each app in `<app>/operations/retention.py: list_rules()`.

`manage.py apply_retention` applies all of them; the privacy page shows them. Money is never among it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Model, QuerySet

from kernel.errors import Text

CHUNK = 5_000


class RetentionAct(StrEnum):
    DELETE = "DELETE"
    BLOT = "BLOT"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """One rule.

    :ivar name: lower_case, at most 40 characters.
    :ivar title: what it is about, for customers and staff.
    :ivar keep_days: how long rows are kept; 0 is until they mean nothing any more.
    :ivar due: given the instant before which rows are too old, those to be forgotten.
    :ivar blot: columns and what takes the place of their words; without any the rows are deleted.
    :ivar shown: whether the privacy page names it; what only counts or locks something for minutes is not.
    """

    name: str
    title: Text
    keep_days: int
    due: Callable[[datetime], QuerySet[Any]]
    blot: tuple[tuple[str, str], ...] = ()
    shown: bool = True

    @property
    def act(self) -> RetentionAct:
        return RetentionAct.BLOT if self.blot else RetentionAct.DELETE

    def count(self, now: datetime) -> int:
        """Return how many rows are to be forgotten."""
        return self._due(now).count()

    def apply(self, now: datetime, *, chunk: int = CHUNK) -> int:
        """Forget what is to be forgotten, a chunk at a time, each committed by itself; return how many rows it was.

        The condition is looked at again on each row as it is when its turn comes.
        """
        rows, forgotten = self._due(now), 0
        key = [field.attname for field in rows.model._meta.pk_fields]
        while found := list(rows.order_by().values_list(*key)[:chunk]):
            concerned = rows.filter(**_among(rows.model, found))
            done = concerned.update(**dict(self.blot)) if self.blot else concerned.order_by()._raw_delete(rows.db)
            forgotten += done
            if not done:
                # What was found has changed meanwhile; the next night comes back to it.
                break
        return forgotten

    def _due(self, now: datetime) -> QuerySet[Any]:
        return self.due(now - timedelta(days=self.keep_days))


def _among(model: type[Model], found: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Return the filter for rows of these keys: by account and whole key, so that a cluster finds the shard."""
    if len(found[0]) == 1:
        return {"pk__in": [value for (value,) in found]}
    return {"account_id__in": {row[0] for row in found}, "pk__in": found}
