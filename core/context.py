"""What an action can't know: through which door the call came, and the id of the request."""

from contextvars import ContextVar

import structlog

# `ui`, `api`, `job` or `command`: the edges set it, events record it.
via: ContextVar[str] = ContextVar("via", default="command")


def request_id() -> str:
    return structlog.contextvars.get_contextvars().get("request_id", "")
