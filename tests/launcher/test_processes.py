"""Programs of the launcher: what they print, and that none of them stays behind."""

import os
import signal
import subprocess
import sys

import pytest

from tests.launcher.conftest import CHECKOUT, all_ended, processes_of

LAUNCHER = """
import os, sys
from launcher.errors import LauncherError, Stopped
from launcher.processes import Processes

processes = Processes(dict(os.environ))
try:
    {body}
    while True:
        processes.watch(5.0)
except Stopped:
    print("asked to stop", flush=True)
except LauncherError as error:
    print(error, flush=True)
finally:
    processes.stop()
"""
# A parent that ends when it is told, and a child of it that does not and says so: until then it may have no
# environment to be known by.
STUBBORN = """
import subprocess, sys, time
child = '''
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("started", flush=True)
time.sleep(300)
'''
subprocess.Popen([sys.executable, "-c", child])
time.sleep(300)
"""


@pytest.fixture
def launch(folder):
    launched = []

    def start(body):
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER.format(body=body)],
            cwd=CHECKOUT,
            env=os.environ | {"UNDERPIN_VAR": str(folder), "STUBBORN": STUBBORN},
            stdout=subprocess.PIPE,
            text=True,
        )
        launched.append(process)
        return process

    yield start
    for process in launched:
        process.kill()
        process.communicate()


def start_stubborn(launch):
    process = launch('processes.start("stubborn", [sys.executable, "-c", os.environ["STUBBORN"]])')
    assert process.stdout.readline() == "stubborn| started\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_programs_and_what_they_started(launch, folder, number):
    process = start_stubborn(launch)
    before = processes_of(folder)

    process.send_signal(number)
    output, _ = process.communicate(timeout=20)

    assert len(before) == 3
    assert output == "asked to stop\n"
    assert all_ended(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_programs_end_when_the_launcher_is_killed(launch, folder):
    process = launch('processes.start("sleeper", ["sleep", "300"]); print("started", flush=True)')
    process.stdout.readline()

    process.kill()
    process.wait()

    assert all_ended(folder)


def test_the_end_of_one_program_ends_the_others_and_is_told(launch, folder):
    body = """
    processes.start("sleeper", ["sleep", "300"])
    processes.start("broken", ["sh", "-c", "echo cannot go on; exit 3"])
    """
    process = launch(body.strip())

    output, _ = process.communicate(timeout=20)

    assert output == "broken  | cannot go on\nbroken ended with exit code 3.\n"
    assert all_ended(folder)


def test_a_finished_program_gives_its_text_and_a_failed_one_is_told_with_it(launch):
    body = """
    print(processes.finish({"first": ["echo", "one"], "second": ["echo", "two"]}), flush=True)
    processes.finish({"third": ["sh", "-c", "echo no such table; exit 1"]})
    """
    process = launch(body.strip())

    output, _ = process.communicate(timeout=20)

    assert output == "{'first': 'one\\n', 'second': 'two\\n'}\nthird failed:\nno such table\n"
