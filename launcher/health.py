"""Health checks of the containers: exit code 0 when the part does its work."""

import http.client
import os
import sys
import time
from pathlib import Path

import psycopg2

PORT = 8000
# Beat writes its schedule every three minutes.
BEAT_SILENT_SECONDS = 600
# The relay looks every five seconds.
RELAY_LATE_SECONDS = 60


def web_answers() -> bool:
    """Ask /readyz, under a name that Django accepts."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().removeprefix(".")
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    connection.request("GET", "/readyz", headers={"Host": "localhost" if host == "*" else host})
    return connection.getresponse().status == http.HTTPStatus.OK


def beat_ticks() -> bool:
    """Look at the age of the file in which beat keeps what it has sent."""
    written = [path.stat().st_mtime for path in Path(os.environ["BEAT_SCHEDULE"]).parent.glob("schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENT_SECONDS


def relay_keeps_up() -> bool:
    """Look for a message that should have left the outbox long ago."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM core_outboxmessage"
                " WHERE done_at IS NULL AND next_at < now() - %s * interval '1 second'",
                [RELAY_LATE_SECONDS],
            )
            return cursor.fetchone() == (0,)
    finally:
        connection.close()


CHECKS = {"web": web_answers, "beat": beat_ticks, "relay": relay_keeps_up}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
