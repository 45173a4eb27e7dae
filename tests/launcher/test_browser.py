"""Finding a browser, with other programs than this machine's on the path."""

import os

import pytest

from launcher import browser


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("UNDERPIN_CHROMIUM", raising=False)
    return tmp_path


def write_program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_browser_on_the_path_is_taken(programs):
    chrome = write_program(programs / "google-chrome", "echo Google Chrome 140")

    assert browser.environment(may_install=False) == {"UNDERPIN_CHROMIUM": chrome}


def test_a_browser_that_does_not_run_is_passed_over(programs):
    write_program(programs / "chromium", "echo install the snap >&2; exit 1")
    chrome = write_program(programs / "google-chrome", "echo Google Chrome 140")

    assert browser.environment(may_install=False) == {"UNDERPIN_CHROMIUM": chrome}


def test_a_chosen_browser_comes_first(programs, monkeypatch):
    write_program(programs / "chromium", "echo Chromium 140")
    chosen = write_program(programs / "mine", "echo Chromium 141")
    monkeypatch.setenv("UNDERPIN_CHROMIUM", chosen)

    assert browser.environment(may_install=False) == {"UNDERPIN_CHROMIUM": chosen}


def test_without_a_browser_one_sentence_says_what_to_install(programs, capsys):
    assert browser.environment(may_install=False) == {}
    assert capsys.readouterr().out == browser.WHAT_TO_INSTALL + "\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs")
def test_root_installs_debians_chromium(programs):
    chromium = programs / "chromium"
    write_program(
        programs / "apt-get",
        f'case "$*" in *install*chromium*) printf "#!/bin/sh\\n" > {chromium}; /bin/chmod 755 {chromium};; esac',
    )

    assert browser.environment(may_install=True) == {"UNDERPIN_CHROMIUM": str(chromium)}
