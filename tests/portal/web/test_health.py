from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from portal.web import health
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nobody had asked this process before."""
    monkeypatch.setattr(health, "_migrations", health._Migrations())


class TestHealthz:
    def test_says_that_the_process_answers_and_asks_nobody(self, django_assert_num_queries: Any) -> None:
        client = signed_in_client(make_line())
        with django_assert_num_queries(0):
            answer = client.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert "Cookie" not in answer.get("Vary", "")
        assert answer.cookies == {}

    def test_answers_when_the_database_does_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(connections["default"]), "cursor", _refuse)
        assert Client().get("/healthz").status_code == 200

    def test_takes_no_post(self) -> None:
        assert Client().post("/healthz").status_code == 405


class TestReadyz:
    def test_is_ready_with_everything_there(self) -> None:
        answer = Client().get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ready",
            "checks": {"database": "ok", "migrations": "ok", "redis": "ok"},
        }

    def test_is_degraded_but_ready_without_redis(self, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        answer = Client().get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {
            "status": "degraded",
            "checks": {"database": "ok", "migrations": "ok", "redis": "unreachable"},
        }

    def test_is_unready_without_the_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(connections["default"]), "cursor", _refuse)
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "unready",
            "checks": {"database": "unreachable", "migrations": "unknown", "redis": "ok"},
        }

    def test_is_unready_while_a_migration_is_not_applied(self) -> None:
        newest = MigrationLoader(connection).graph.leaf_nodes("channels")[0]
        MigrationRecorder(connection).record_unapplied(*newest)
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["migrations"] == "not applied"

    def test_looks_at_migrations_only_until_they_are_applied(self, django_assert_num_queries: Any) -> None:
        Client().get("/readyz")
        with django_assert_num_queries(1):
            Client().get("/readyz")

    def test_opens_no_session(self) -> None:
        answer = signed_in_client(make_line()).get("/readyz")
        assert "Cookie" not in answer.get("Vary", "")
        assert answer.cookies == {}


def _refuse(*_arguments: Any, **_options: Any) -> None:
    raise OperationalError("the server closed the connection")
