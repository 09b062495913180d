"""What is up, for load balancers, the demo and whoever is on call. Says nothing that is secret."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.models import Heartbeat

# Beat ticks every 30 seconds; three missed ticks in a row are no accident.
LATE_AFTER_SECONDS = 120


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, since pages and the public form need nothing else; 503 otherwise."""
    database = _database()
    up = database == "ok"
    checks: dict[str, Any] = {
        "status": "ok" if up else "down",
        "version": settings.VERSION,
        "database": database,
        "migrations": _migrations() if up else "unknown",
        "redis": _redis(),
        "beat": _beat() if up else {"state": "unknown", "seconds_ago": None},
    }
    return JsonResponse(checks, status=200 if up else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _redis() -> str:
    """Redis is cache and broker at once; without it pages still work, only notices come a tick later."""
    if not settings.REDIS_URL:
        return "not configured"
    try:
        cache.get("healthz")
    except Exception:  # the client's errors are many, and each means the same here
        return "down"
    return "ok"


def _beat() -> dict[str, Any]:
    """How long ago the scheduler last ran a task."""
    try:
        heartbeat = Heartbeat.objects.filter(name="beat").first()
    except DatabaseError:  # its table comes with a migration that is still pending
        return {"state": "unknown", "seconds_ago": None}
    if heartbeat is None:
        return {"state": "never", "seconds_ago": None}
    seconds = max(0, int((timezone.now() - heartbeat.at).total_seconds()))
    return {"state": "late" if seconds > LATE_AFTER_SECONDS else "ok", "seconds_ago": seconds}
