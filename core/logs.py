"""Structured logs: JSON lines for machines, coloured ones for a person at a terminal."""

import re

import structlog

# Without the values of variables: they hold passwords and tokens.
_tracebacks = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
# Links of mails carry a secret in their path.
_SECRET = re.compile(r"(/invitations/|/password/reset/key/|/confirm-email/|/calendar/)[^/\s?]+")


def _hide_secrets(logger, method, line):
    for key in ("request", "event"):
        if isinstance(line.get(key), str):
            line[key] = _SECRET.sub(r"\1...", line[key])
    return line


_SHARED = [
    _hide_secrets,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, is_readable: bool, level: str) -> dict:
    """Set structlog up and return Django's LOGGING; lines of other libraries get the same shape."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last = (
        [structlog.dev.ConsoleRenderer()]
        if is_readable
        else [_tracebacks, structlog.processors.JSONRenderer(default=str)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # The request's own line says it already.
            "django.server": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
            "django.request": {"level": "ERROR", "handlers": ["stderr"], "propagate": False},
        },
    }
