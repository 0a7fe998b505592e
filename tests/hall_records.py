"""Lets a test look into other books than its own, such as those of a started hall, with the hall's models."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from environ import Env

from tests.halls import StartedHall


@contextmanager
def open_records(hall: StartedHall) -> Iterator[None]:
    """Point Django at the hall's database within the block; pytest-django's guard must be lifted around it."""
    addresses = json.loads((hall.var / "run" / "addresses.json").read_text())
    with open_database(addresses["DATABASE_URL"]):
        yield


@contextmanager
def open_database(url: str) -> Iterator[None]:
    """Point Django at another database within the block."""
    theirs = Env.db_url_config(url)
    theirs["OPTIONS"] = settings.DATABASE_OPTIONS | theirs.get("OPTIONS", {})
    default = connections.databases["default"]
    ours = {name: default[name] for name in theirs}
    connections.close_all()
    default.update(theirs)
    try:
        yield
    finally:
        connections.close_all()
        default.update(ours)
