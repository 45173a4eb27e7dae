"""One port for everything: the live stream as native async, all else Django's WSGI in a pool of threads."""

import gc
from importlib import import_module

from a2wsgi import WSGIMiddleware
from django.conf import settings

# config.wsgi sets Django up, so it comes before all that needs models.
from config.wsgi import application as pages
from core.live import application as live

# Every page and what it needs: seconds that a process spends before it listens, not its first visitor.
import_module(settings.ROOT_URLCONF)

# A fixed pool keeps the number of database connections known, and lets CONN_MAX_AGE reuse them.
WEB_THREADS = 8

_pages = WSGIMiddleware(pages, workers=WEB_THREADS)

# All that is loaded stays for good. A collection that went through it would hold up every answer for 130 ms.
gc.collect()
gc.freeze()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    if scope["path"].startswith("/live/"):
        await live(scope, receive, send)
        return

    async def received():
        # granian answers with a future where a2wsgi, reading from another thread, needs a coroutine.
        return await receive()

    await _pages(scope, received, send)
