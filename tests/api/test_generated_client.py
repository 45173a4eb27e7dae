"""A client made from the schema by openapi-python-client works against a real server."""

import importlib
import json
import subprocess
import sys
from shutil import which

import pytest
from django.core.management import call_command

from accounts.actions import tokens
from backlog.models import OrderEntry

SCOPES = ["backlog:read", "item:write", "item:estimate", "order:write", "product:read"]


@pytest.fixture(scope="session")
def client_package(tmp_path_factory):
    """The generated package, imported."""
    folder = tmp_path_factory.mktemp("client")
    call_command("spectacular", format="openapi-json", file=str(folder / "schema.json"))
    (folder / "config.yml").write_text("post_hooks: []\n")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(folder / "schema.json"), "--config", str(folder / "config.yml")),
            *("--output-path", str(folder / "underpin_client")),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (made.returncode, "warning" in made.stdout.lower()) == (0, False), made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield "underpin_client"
    sys.path.remove(str(folder))


def test_the_generated_client_works(client_package, live_server, payments, ines):
    def part(name):
        return importlib.import_module(f"{client_package}.{name}")

    models = part("models")
    secret = tokens.create(ines, by=ines, name="Client", scopes=SCOPES).secret
    with part("client").AuthenticatedClient(base_url=live_server.url, token=secret) as client:
        products = part("api.products.products_list").sync(client=client)
        made = [
            part("api.items.items_create").sync(
                "PAY",
                client=client,
                body=models.ItemInput(title=title, kind=models.ItemKind.TECHNICAL, type_=models.ItemType.DEBT),
            )
            for title in ("First", "Second")
        ]
        changed = part("api.items.items_update").sync(
            "PAY", made[0].number, client=client, body=models.ItemChanges(points=3), if_match=f'"{made[0].version}"'
        )
        moved = part("api.order.moves_create").sync(
            "PAY", client=client, body=models.MoveInput(items=[made[1].id], top=True), idempotency_key="one"
        )
        page = part("api.items.items_list").sync("PAY", client=client)
        refused = part("api.items.items_retrieve").sync("PAY", 99, client=client)

    assert [product.key for product in products.results] == ["PAY"]
    assert changed.points == 3
    assert [move.items for move in moved.moves] == [[made[1].id]]
    assert [row.title for row in page.results] == ["Second", "First"]
    assert (refused.status, refused.code) == (404, "not_found")
    assert OrderEntry.objects.count() == 2


@pytest.mark.long
def test_typescript_types_compile(tmp_path):
    npx = _npx()
    call_command("spectacular", format="openapi-json", file=str(tmp_path / "schema.json"))
    assert json.loads((tmp_path / "schema.json").read_text())["openapi"] == "3.1.0"

    subprocess.run(
        [npx, "--yes", "openapi-typescript@7", "schema.json", "-o", "underpin.d.ts"],
        cwd=tmp_path,
        check=True,
        timeout=300,
    )
    subprocess.run(
        [npx, "--yes", "-p", "typescript@5", "tsc", "--noEmit", "--strict", "underpin.d.ts"],
        cwd=tmp_path,
        check=True,
        timeout=300,
    )


def _npx():
    npx = which("npx")
    if npx is None:
        pytest.skip("no Node on this machine: the TypeScript types were not compiled")
    return npx
