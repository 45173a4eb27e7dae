"""No request waits longer for the database than it may, even when a hung server keeps to no timeout of its own."""

import os
import socket
import threading
import time
from contextlib import contextmanager, suppress

import psycopg2.extensions

from core import context

STATEMENT_SECONDS = 4.0
# Django's health check, before a connection is used again.
PING_SECONDS = 1.0
_SWEEP_SECONDS = 0.2
_HURRIED = ("ui", "api")


class Connection(psycopg2.extensions.connection):
    """A connection whose socket is closed under a request that has waited too long: the wait ends in an error."""

    def cursor(self, *args, cursor_factory=None, **kwargs):
        return super().cursor(*args, cursor_factory=cursor_factory or _Cursor, **kwargs)

    def commit(self):
        with _watch.over(self):
            super().commit()

    def rollback(self):
        with _watch.over(self):
            super().rollback()


class _Cursor(psycopg2.extensions.cursor):
    def execute(self, query, parameters=None):
        seconds = PING_SECONDS if query == "SELECT 1" else STATEMENT_SECONDS
        with _watch.over(self.connection, seconds):
            return super().execute(query, parameters)

    def executemany(self, query, parameters):
        with _watch.over(self.connection):
            return super().executemany(query, parameters)


class _Watch:
    """One thread a process that looks at who is waiting."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting: dict[int, float] = {}
        self._pid = None

    @contextmanager
    def over(self, connection, seconds: float = 0):
        # Jobs and commands set their own limits and may take their time.
        if context.via.get() not in _HURRIED:
            yield
            return
        handle = connection.fileno()
        self._start()
        with self._lock:
            self._waiting[handle] = time.monotonic() + (seconds or STATEMENT_SECONDS)
        try:
            yield
        finally:
            # Under the lock, so that no handle is closed after it has become another connection's.
            with self._lock:
                self._waiting.pop(handle, None)

    def _start(self) -> None:
        # A fork takes the lock and the waiting with it, but not the thread.
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._waiting.clear()
                threading.Thread(target=self._sweep, name="patience", daemon=True).start()

    def _sweep(self) -> None:
        while True:
            time.sleep(_SWEEP_SECONDS)
            now = time.monotonic()
            with self._lock:
                for handle in [handle for handle, until in self._waiting.items() if until < now]:
                    del self._waiting[handle]
                    with suppress(OSError), socket.socket(fileno=os.dup(handle)) as copy:
                        copy.shutdown(socket.SHUT_RDWR)


_watch = _Watch()
