"""What docs/api.md shows works as it stands there."""

import os
import re
import shutil
import subprocess

import pytest
from django.conf import settings

from accounts.actions import tokens
from backlog.actions import items
from core.permissions import table

TEXT = (settings.BASE_DIR / "docs" / "api.md").read_text()
EXAMPLES = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))


def test_the_examples_work(live_server, payments, ines):
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine: the examples of docs/api.md were not run")
    items.create(payments, title="Refund", kind="technical", type="debt", by=ines)
    scopes = sorted({verb.scope for verb in table().verbs.values() if verb.scope})
    secret = tokens.create(ines, by=ines, name="Docs", scopes=scopes).secret

    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", EXAMPLES],
        env=os.environ | {"UNDERPIN": live_server.url, "TOKEN": secret, "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stdout[-500:] + ran.stderr
    assert EXAMPLES.count("curl ") >= 12
