"""What load balancers and supervisors ask. Neither page opens a session."""

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

OK = "ok"
UNREACHABLE = "unreachable"
BEHIND = "not applied"
# Redis is a nudge: what is due stands in the database. Half a second is as long as a page would wait for it.
REDIS_SECONDS = 0.5


class _Migrations:
    """Remembers that nothing is left to apply; while the process lives that can only become true."""

    applied = False

    def state(self) -> str:
        if not self.applied:
            executor = MigrationExecutor(connection)
            self.applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return OK if self.applied else BEHIND


_migrations = _Migrations()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process answers; asks nobody else."""
    return JsonResponse({"status": OK})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether the hall can serve: 200 "ready", 200 "degraded" while Redis is away, else 503 "unready"."""
    checks = {**_database_checks(), "redis": _redis_state()}
    if checks["database"] != OK or checks["migrations"] != OK:
        return JsonResponse({"status": "unready", "checks": checks}, status=503)
    return JsonResponse({"status": "ready" if checks["redis"] == OK else "degraded", "checks": checks})


def _database_checks() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {"database": OK, "migrations": _migrations.state()}
    except Error:
        return {"database": UNREACHABLE, "migrations": "unknown"}


def _redis_state() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError:
        return UNREACHABLE
    finally:
        client.close()
    return OK
