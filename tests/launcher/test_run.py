"""What bin/run refuses, and in which words."""

import os
import pty
import socket
import time

import pytest

from launcher.postgres import Postgres


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.xdist_group("bin_run")
def test_a_second_copy_on_the_same_folder_is_refused(start_copy, folder):
    first = start_copy("--no-demo")
    while not (folder / "secret-key").exists():
        assert first.process.poll() is None, first.output
        time.sleep(0.05)

    second = start_copy()

    assert second.wait() == 1
    assert second.lines == [
        f"Underpin already runs on the data in {folder} (process {first.process.pid}). "
        "Stop it first, or choose another folder with UNDERPIN_VAR."
    ]


def test_a_chosen_port_that_is_taken_is_told(start_copy, taken_port):
    copy = start_copy(UNDERPIN_PORT=str(taken_port))

    assert copy.wait() == 1
    assert copy.lines == [f"Port {taken_port} is taken or not permitted: choose another UNDERPIN_PORT."]


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
def test_a_port_that_is_none_is_told(start_copy, port):
    copy = start_copy(UNDERPIN_PORT=port)

    assert copy.wait() == 1
    assert copy.lines == [f"UNDERPIN_PORT is '{port}'; a port is a number from 1 to 65535."]


def test_a_data_folder_that_cannot_be_made_is_told(start_copy, folder):
    (folder / "file").touch()

    copy = start_copy(UNDERPIN_VAR=str(folder / "file" / "var"))

    assert copy.wait() == 1
    assert copy.lines == [
        f"Underpin keeps its data in {folder}/file/var and cannot write there (Not a directory); "
        "UNDERPIN_VAR chooses another folder."
    ]


def test_reset_without_a_terminal_refuses(start_copy, folder):
    (folder / "media").mkdir()

    copy = start_copy("--reset")

    assert copy.wait() == 1
    assert copy.lines == [
        f"This deletes the database, attachments and mails in {folder}. "
        "Without a terminal to ask on, --reset needs --yes."
    ]
    assert (folder / "media").exists()


def test_reset_asks_on_a_terminal_and_takes_no_for_no(start_copy, folder):
    (folder / "media").mkdir()
    ours, theirs = pty.openpty()
    os.write(ours, b"no\n")

    copy = start_copy("--reset", stdin=theirs)

    assert copy.wait() == 1
    assert copy.output.endswith("Type yes to go on: Nothing was deleted.")
    assert (folder / "media").exists()
    os.close(ours)
    os.close(theirs)


def test_reset_with_yes_deletes_our_data_and_nothing_else(start_copy, folder, taken_port):
    with Postgres(folder, is_throwaway=True):
        pass
    for name in ("media/attachment", "mine/diary"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("words")

    # The taken port ends the start right after the reset.
    copy = start_copy("--reset", "--yes", UNDERPIN_PORT=str(taken_port))

    assert copy.wait() == 1
    assert not (folder / "media").exists()
    assert not (folder / "postgres").exists()
    assert (folder / "mine" / "diary").read_text() == "words"


def test_reset_never_touches_a_database_that_is_not_its_own(start_copy, folder):
    copy = start_copy("--reset", "--yes", DATABASE_URL="postgres://somebody@127.0.0.1:9/underpin")

    assert copy.wait() == 1
    assert copy.lines == ["--reset clears Underpin's own database only, and DATABASE_URL names another one."]
