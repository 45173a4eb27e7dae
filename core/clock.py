"""What periodic work takes for now."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

_loaded_at = time.monotonic()


def now() -> datetime:
    """The time; with settings.CLOCK, for tests and demonstrations, as if the process had begun at that moment."""
    if settings.CLOCK is None:
        return timezone.now()
    return settings.CLOCK + timedelta(seconds=time.monotonic() - _loaded_at)
