"""A resource of the simplest kind, to try the plumbing on: named counters, each seen by the client that made it.

Its rows come as two querysets, even and odd counts, for the plumbing to unite. It is a URL configuration too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Mod
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy

from accounts.models import Budget
from kernel.errors import DomainError
from kernel.rest.resource import Api, Attribute, Caller, Change, Column, Creation, Removal, Resource
from kernel.rest.shapes import Instant, ListOf, Structure, Text, Whole
from kernel.rest.structures import RELATED_PARTY
from kernel.rest.urls import resource_urls
from kernel.rest.views import unknown_path

ENDS_AT = datetime(2026, 3, 26, 0, 32, 0, 104233, tzinfo=UTC)


class CounterTooHigh(DomainError):
    code = "COUNTER_TOO_HIGH"
    message = gettext_lazy("We could not find this.")  # any text that has a translation
    field = "count"


@dataclass(frozen=True)
class Counter:
    name: str
    count: int
    ends_at: datetime


def make_counter(client_id: str, name: str, count: int, ends_at: datetime = ENDS_AT) -> None:
    Budget.objects.create(key=f"{client_id}/{name}", count=count, ends_at=ends_at)


def _rows(caller: Caller) -> Sequence[QuerySet[Any, Any]]:
    own = Budget.objects.filter(key__startswith=f"{caller.client_id}/").annotate(parity=Mod("count", 2))
    return [own.filter(parity=parity).values("key", "count", "ends_at") for parity in (0, 1)]


def _complete(rows: Sequence[Any], _caller: Caller) -> list[Counter]:
    return [Counter(row["key"].partition("/")[2], row["count"], row["ends_at"]) for row in rows]


def _find(texts: Sequence[str]) -> Q | None:
    return Q(key__regex=f"/({'|'.join(texts)})$") if all(text.isalnum() for text in texts) else None


def _create(values: dict[str, Any], caller: Caller, _key: str) -> Counter:
    make_counter(caller.client_id, values["name"], values["count"])
    if values["count"] > 1_000:
        raise CounterTooHigh
    if values["count"] == 666:
        raise ZeroDivisionError("a fault of ours")
    return Counter(values["name"], values["count"], ENDS_AT)


def _change(counter: Counter, changes: dict[str, Any], caller: Caller) -> Counter:
    changed = Counter(counter.name, changes.get("count", counter.count) or 0, changes.get("endsAt", counter.ends_at))
    Budget.objects.filter(key=f"{caller.client_id}/{counter.name}").update(count=changed.count, ends_at=changed.ends_at)
    if changed.count > 1_000:
        raise CounterTooHigh
    return changed


def _remove(counter: Counter, caller: Caller) -> None:
    Budget.objects.filter(key=f"{caller.client_id}/{counter.name}").delete()


COUNTER: Resource[Counter] = Resource(
    api=Api(title="Counters", base_path="/tmf-api/counters/v4", scope="balance", name="counters"),
    name="counter",
    type_name="Counter",
    summary="Named counters.",
    rows=_rows,
    complete=_complete,
    public_id=lambda counter: counter.name,
    find=_find,
    order=("key",),
    attributes=(
        Attribute(name="count", shape=Whole(), read=lambda counter: counter.count, always=True,
                  filters={"": Column("count", Whole())}, sort="count"),
        Attribute(name="name", shape=Text(), read=lambda counter: counter.name, always=True,
                  filters={"": Column("key")}),
        Attribute(name="endsAt", shape=Instant(), read=lambda counter: counter.ends_at, always=True,
                  filters={"": Column("ends_at", Instant())}, sort="ends_at"),
        Attribute(name="relatedParty", shape=ListOf(RELATED_PARTY), read=lambda _counter: None),
    ),
    example={"id": "a", "href": "https://hall.example.com/tmf-api/counters/v4/counter/a", "count": 1},
    creation=Creation(
        body=Structure("Counter_Create", {"name": Text(), "count": Whole()}, required=("name", "count")),
        create=_create,
        summary="Makes a counter.",
        example={"name": "a", "count": 1},
    ),
    change=Change(
        body=Structure("Counter_Change", {"count": Whole(), "endsAt": Instant()}),
        change=_change,
        summary="Sets a counter.",
        example={"count": 2},
        clearable=("count",),
    ),
    removal=Removal(remove=_remove, summary="Takes a counter away."),
)  # fmt: skip

urlpatterns = [
    path("tmf-api/counters/v4/", include(resource_urls([COUNTER]))),
    re_path("^tmf-api/", unknown_path),
    path("api/docs/", unknown_path, name="openapi-docs"),
]
