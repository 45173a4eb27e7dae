"""bin/run from the first start to the second."""

import os
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from launcher.postgres import APP, OWNER, Postgres
from tests.launcher.conftest import CHECKOUT, all_ended, processes_of


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status_of(address):
    with urllib.request.urlopen(address, timeout=20) as response:
        return response.status


def listening_addresses(pids):
    """Return (address, port) of every TCP socket on which one of the processes listens, as the kernel writes it."""
    sockets = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(link))
            except FileNotFoundError:
                continue
    addresses = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                address, port = fields[1].split(":")
                addresses.add((address, int(port, 16)))
    return addresses


def database_state(folder):
    log = (folder / "log" / "postgres.log").read_text()
    return log.strip().splitlines()[-1]


@pytest.mark.xdist_group("bin_run")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_start_a_stop_and_a_second_start_keep_the_data(start_copy, folder, free_port):
    first = start_copy("--no-demo", UNDERPIN_PORT=str(free_port))
    address = first.wait_until_ready()
    with closing(Postgres(folder).connect(OWNER)) as connection, connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT 'kept' AS word")
    listening = listening_addresses(processes_of(folder))
    statuses = [status_of(f"{address}/{page}") for page in ("healthz", "readyz")]
    key = (folder / "secret-key").read_text()

    code = first.press_ctrl_c()

    assert address == f"http://127.0.0.1:{free_port}"
    assert statuses == [200, 200]
    assert listening == {("0100007F", free_port)}
    assert first.output.count("Underpin is ready") == 1
    assert code == 0
    assert all_ended(folder)
    assert database_state(folder).endswith("database system is shut down")
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600

    second = start_copy(UNDERPIN_PORT=str(free_port))
    second.wait_until_ready()
    with closing(Postgres(folder).connect(OWNER)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT word FROM kept")
        kept = cursor.fetchall()

    assert kept == [("kept",)]
    assert (folder / "secret-key").read_text() == key
    # --no-demo was the first word on this folder: no demo moves in later.
    assert "demo" not in second.output
    assert second.press_ctrl_c() == 0


@pytest.mark.long
@pytest.mark.xdist_group("bin_run")
def test_a_first_start_loads_the_demo_and_tells_its_sign_ins(start_copy):
    copy = start_copy()

    address = copy.wait_until_ready(300)

    assert status_of(f"{address}/accounts/login/") == 200
    assert "ines@northwind.example" in copy.output
    assert copy.press_ctrl_c() == 0


@pytest.mark.long
@pytest.mark.xdist_group("bin_run")
def test_a_database_of_ones_own_is_used_and_gets_no_second_demo(start_copy, folder):
    with Postgres(folder / "own", is_throwaway=True) as own:
        addresses = {"DATABASE_URL": own.url(APP), "DATABASE_OWNER_URL": own.url(OWNER)}
        first = start_copy("--no-demo", **addresses)
        first.wait_until_ready()
        first.press_ctrl_c()
        (folder / "started-before").unlink()
        (folder / "prepared-from").unlink()
        subprocess.run(
            [sys.executable, "manage.py", "createsuperuser", "--no-input", "--email=ada@example.org", "--name=Ada"],
            cwd=CHECKOUT,
            env=os.environ | addresses | {"DJANGO_SUPERUSER_PASSWORD": "long enough to pass"},
            check=True,
        )

        second = start_copy(**addresses)
        second.wait_until_ready()

        assert not (folder / "postgres").exists()
        assert "Loading the demo" not in second.output
        assert second.press_ctrl_c() == 0
