"""A row that breaks one constraint: a copy of a good one with some columns changed."""

from typing import Any, NamedTuple

ID = {"id": "01900000-0000-7000-8000-00000000abcd"}
STRANGER = "01900000-0000-7000-8000-00000000dcba"
LATER, LONG_AGO = "2026-12-01T00:00:00+08:00", "2020-01-01T00:00:00+08:00"


class Broken(NamedTuple):
    """:ivar of: which good row is copied, as a condition in SQL."""

    table: str
    changes: dict[str, Any]
    of: str = "true"
