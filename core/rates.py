"""How often something may happen, counted in Valkey so that every process counts together."""

import time

import redis
from django.conf import settings

from core import broker
from core.errors import RuleViolation

# One round trip; the window begins with the first try and does not move.
_SPEND = """
local tries = redis.call('INCR', KEYS[1])
if tries == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {tries, redis.call('TTL', KEYS[1])}
"""
_PREFIX = "rate:"
# While Valkey hangs each call would cost the timeout: after a failure nobody asks for a while.
_PAUSE_SECONDS = 5


class TooFast(RuleViolation):
    """More often than the settings allow."""

    code = "too_fast"
    status = 429

    def __init__(self, retry_after: int):
        super().__init__(
            f"That was too often in a short time. Nothing was changed. Try again in {_in_words(retry_after)}.",
            headers={"Retry-After": str(retry_after)},
        )
        self.retry_after = retry_after


class RatesUnavailable(Exception):
    """Tries can't be counted now; where that matters nobody gets through."""


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"


class _Valkey:
    """A client that gives up early, and stays away for a while from a server that did not answer."""

    def __init__(self):
        self.client = None
        self.away_until = 0.0

    def call(self, command, *arguments):
        if time.monotonic() < self.away_until:
            raise RatesUnavailable
        if self.client is None:
            self.client = broker.client(broker.RATES, timeout=settings.RATES_TIMEOUT_SECONDS)
        try:
            return getattr(self.client, command)(*arguments)
        except redis.RedisError as error:
            self.away_until = time.monotonic() + _PAUSE_SECONDS
            raise RatesUnavailable from error


_valkey = _Valkey()


def spend(bucket: str, limit: int, seconds: int) -> int:
    """Count one try; return 0, or the seconds to wait where the limit is passed.

    Raises RatesUnavailable.
    """
    tries, rest = _valkey.call("eval", _SPEND, 1, _PREFIX + bucket, seconds)
    return max(rest, 1) if tries > limit else 0


def refund(bucket: str) -> None:
    """Give one try back: it was a good one.

    Raises RatesUnavailable.
    """
    key = _PREFIX + bucket
    if _valkey.call("decr", key) <= 0:
        _valkey.call("delete", key)


def allow(name: str, who: object) -> None:
    """Count one try of the rate of that name in settings.RATES; while Valkey is away nobody is held up.

    Raises TooFast.
    """
    limit, seconds = settings.RATES[name]
    try:
        wait = spend(f"{name}:{who}", limit, seconds)
    except RatesUnavailable:
        return
    if wait:
        raise TooFast(wait)
