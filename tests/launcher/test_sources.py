"""What makes bin/run migrate and collect static files before it serves."""

import pytest

from launcher.sources import fingerprint

DATABASE = "postgres://one"


@pytest.fixture
def checkout(tmp_path):
    for name in (
        "requirements.txt",
        "backlog/models.py",
        "static/css/base.css",
        "tests/test_it.py",
        "var/static/a.css",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")
    return tmp_path


@pytest.mark.parametrize("name", ["requirements.txt", "backlog/models.py", "static/css/base.css"])
def test_a_changed_file_changes_the_fingerprint(checkout, name):
    before = fingerprint(checkout, DATABASE)

    (checkout / name).write_text("as it is")

    assert fingerprint(checkout, DATABASE) != before


@pytest.mark.parametrize("name", ["backlog/migrations/0002_more.py", "static/img/mark.svg", "core/static/core/a.js"])
def test_a_new_file_changes_the_fingerprint(checkout, name):
    before = fingerprint(checkout, DATABASE)

    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).touch()

    assert fingerprint(checkout, DATABASE) != before


def test_another_database_changes_the_fingerprint(checkout):
    assert fingerprint(checkout, "postgres://another") != fingerprint(checkout, DATABASE)


@pytest.mark.parametrize("name", ["tests/test_it.py", "var/static/a.css", "README.md"])
def test_what_is_not_served_leaves_the_fingerprint(checkout, name):
    before = fingerprint(checkout, DATABASE)

    (checkout / name).write_text("as it is")

    assert fingerprint(checkout, DATABASE) == before
