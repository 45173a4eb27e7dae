"""Servers that a test may stop."""

import tempfile
from pathlib import Path

import pytest

from core import rates
from launcher.valkey import Valkey


@pytest.fixture
def own_valkey(settings, monkeypatch):
    """A Valkey of this test alone, which settings.REDIS_URL names."""
    # Its client would outlive the server.
    monkeypatch.setattr(rates, "_valkey", rates._Valkey())
    with tempfile.TemporaryDirectory(prefix="underpin-valkey-", dir="/tmp") as folder:
        server = Valkey(Path(folder), is_throwaway=True).start()
        settings.REDIS_URL = server.url
        yield server
        server.stop()
