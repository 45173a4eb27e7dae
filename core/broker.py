"""Connections to Valkey: databases of one server, short timeouts, no waiting in requests."""

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

RATES = 1
LIVE = 2


def client(database: int, *, timeout: float = 0) -> redis.Redis:
    """A client that gives up after `timeout` seconds, by default settings.REDIS_TIMEOUT_SECONDS."""
    seconds = timeout or settings.REDIS_TIMEOUT_SECONDS
    return redis.Redis.from_url(
        settings.REDIS_URL,
        db=database,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 1),
    )


def async_client(database: int, *, timeout: float) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        db=database,
        socket_timeout=timeout,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
    )
