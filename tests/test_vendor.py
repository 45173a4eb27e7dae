"""What others made and we serve: unchanged, licensed, complete."""

import hashlib
import re
import tomllib

import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "static"
VENDORED = tomllib.loads((STATIC / "vendor/VENDOR.toml").read_text())["files"]
LICENCES = {"0BSD", "BSD-2-Clause", "BSD-3-Clause", "MIT", "ISC", "Apache-2.0", "OFL-1.1"}


@pytest.mark.parametrize("entry", [e for e in VENDORED if "sha256" in e], ids=lambda entry: entry["name"])
def test_a_vendored_file_is_the_one_we_checked(entry):
    assert hashlib.sha256((STATIC / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["name"])
def test_a_vendored_file_has_a_licence_we_may_ship(entry):
    assert entry["licence"] in LICENCES
    assert (STATIC / entry["licence_path"]).stat().st_size > 0


def test_every_file_of_others_is_listed():
    files = {entry["path"] for entry in VENDORED if "sha256" in entry}
    licences = {entry["licence_path"] for entry in VENDORED}

    present = {
        str(path.relative_to(STATIC))
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.is_file()
    }

    assert present == files | licences | {"vendor/VENDOR.toml"}


def test_every_icon_that_a_template_names_is_in_the_sprite():
    symbols = set(re.findall(r'id="i-([\w-]+)"', (STATIC / "icons.svg").read_text()))

    named = {
        name
        for template in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r"{% icon [\"']([\w-]+)[\"']", template.read_text())
    }

    assert named - symbols == set()
