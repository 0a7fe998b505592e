"""Deleting what means nothing any more, however much of it there is."""

from typing import Any

from django.db.models import QuerySet

CHUNK = 5_000


def delete_in_chunks(rows: QuerySet[Any], *, chunk: int = CHUNK) -> int:
    """Delete rows a chunk at a time, each committed by itself, so that nobody waits long for any of them.

    A row that no longer fits when its turn comes stays: the condition is looked at again on the row as it is then.

    :param rows: filtered, of a model with a key of one column.
    :return: rows deleted, with those that go with them.
    """
    deleted = 0
    while True:
        gone, _by_model = rows.filter(pk__in=rows.order_by().values("pk")[:chunk]).delete()
        deleted += gone
        if gone < chunk:
            return deleted
