"""Is everything there that a request needs?"""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from core import broker

OK = "ok"


def readiness() -> dict[str, str]:
    """What each check found: "ok" or a sentence."""
    return {"database": _database(), "broker": _broker(), "migrations": _migrations()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return OK


def _broker() -> str:
    try:
        broker.client(0, timeout=1).ping()
    except RedisError:
        return "The broker does not answer."
    return OK


def _migrations() -> str:
    try:
        _require_all_applied()
    except _Pending:
        return "Some migrations are not applied: run manage.py migrate."
    except DatabaseError:
        return "The database does not answer."
    return OK


class _Pending(Exception):
    pass


@cache
def _require_all_applied() -> None:
    # A process has one set of migrations, so what was applied once stays so: only a refusal is asked again.
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Pending
