"""What partners' hubs can be told about a resource, declared once beside it.

An app names its kinds in `api/events.py: EVENTS`. The rows that its operations write anyway are where events come
from: a kind says which rows, and which column of theirs says when it happened. Nothing is written for hubs by whoever
makes the row, so it costs nothing where there are none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from kernel.ids import PublicId
from kernel.rest.resource import Resource
from kernel.sight import Sight


def _entity_of_row(account_id: Any, row_id: Any, *_more: Any) -> str:
    return str(PublicId(account_id, row_id))


def _nothing(*_key: Any) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """One kind of event.

    :ivar type: its TMF name, such as "TopupBalanceCreateEvent".
    :ivar rows: rows that stand for something that happened, of the accounts that a partner may see.
    :ivar at: column of theirs that says when; null where it has not happened (yet). It needs an index.
    :ivar key: columns that tell rows of one instant apart, handed to `entity` and `description`.
    :ivar entity: public id of the entity that it happened to.
    :ivar description: more about it, in English; empty if there is no more.
    :ivar late: how long after `at` such a row may still be committed: as long as whoever writes it goes by one instant.
    """

    resource: Resource[Any]
    type: str
    rows: Callable[[Sight], QuerySet[Any, Any]]
    at: str
    key: Sequence[str] = ("account_id", "id")
    entity: Callable[..., str] = _entity_of_row
    description: Callable[..., str] = _nothing
    late: timedelta = timedelta(hours=1)
