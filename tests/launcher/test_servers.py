"""The embedded servers: kept data, clean stops, and sudden deaths."""

import os
import shutil

import psycopg2
import pytest
import redis

from launcher.postgres import APP, OWNER, Postgres
from launcher.valkey import Valkey


@pytest.fixture
def restrictive_umask():
    before = os.umask(0o077)
    yield
    os.umask(before)


def fetch(postgres, statement, role=APP):
    connection = postgres.connect(role)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def execute(postgres, statement, role=OWNER):
    connection = postgres.connect(role)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def test_a_new_cluster_has_the_roles_the_locale_and_the_extensions(folder):
    with Postgres(folder, is_throwaway=True) as postgres:
        roles = fetch(
            postgres,
            "SELECT rolname, rolcreatedb, rolsuper FROM pg_roles WHERE rolname LIKE 'underpin%' ORDER BY rolname",
        )
        extensions = {name for (name,) in fetch(postgres, "SELECT extname FROM pg_extension")}
        locale = fetch(postgres, "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'underpin'")
        listens_on = fetch(postgres, "SHOW listen_addresses")

    assert roles == [("underpin_app", False, False), ("underpin_owner", True, False)]
    assert extensions >= {"pg_trgm", "unaccent", "btree_gist"}
    assert locale == [("b", "C.UTF-8")]
    assert listens_on == [("",)]


def test_postgres_keeps_its_data_over_a_stop_and_over_a_kill(folder):
    with Postgres(folder) as postgres:
        execute(postgres, "CREATE TABLE kept (word text)")
        execute(postgres, "INSERT INTO kept VALUES ('stopped')")

    postgres.start()
    execute(postgres, "INSERT INTO kept VALUES ('killed')")
    postgres.kill()

    with postgres:
        assert fetch(postgres, "SELECT word FROM kept ORDER BY word", OWNER) == [("killed",), ("stopped",)]


def test_the_app_role_may_not_touch_what_the_owner_has_not_granted(folder):
    with Postgres(folder, is_throwaway=True) as postgres:
        execute(postgres, "CREATE TABLE history (word text)")

        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            fetch(postgres, "SELECT * FROM history")


@pytest.mark.parametrize("name", ["long" * 30, "with space, é, % and #"])
def test_a_cluster_under_a_closed_and_unusual_path_starts(folder, restrictive_umask, name):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    var = closed / name / "var"

    with Postgres(var, is_throwaway=True) as postgres, Valkey(var, is_throwaway=True) as valkey:
        assert fetch(postgres, "SELECT 1") == [(1,)]
        assert redis.from_url(valkey.url).ping()

    shutil.rmtree(postgres.sockets)
    shutil.rmtree(valkey.socket.parent, ignore_errors=True)
    if os.geteuid() == 0:
        assert postgres.data.is_relative_to("/var/lib/underpin")
        shutil.rmtree(postgres.data.parent)


def test_a_stale_process_file_does_not_block_a_start(folder):
    with Postgres(folder, is_throwaway=True) as postgres:
        running = (postgres.data / "postmaster.pid").read_text()
        postgres.kill()
        # The number of a dead server may belong to anybody: here to this test.
        stale = "\n".join([str(os.getpid()), *running.splitlines()[1:]])
        (postgres.data / "postmaster.pid").write_text(stale)

        postgres.start()

        assert fetch(postgres, "SELECT 1") == [(1,)]


def test_valkey_stays_in_a_closed_folder(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)

    with Valkey(closed, is_throwaway=True) as valkey:
        assert valkey.socket.is_relative_to(closed)


def test_valkey_keeps_what_it_was_told_and_never_evicts(folder):
    with Valkey(folder) as valkey:
        client = redis.from_url(valkey.url)
        client.rpush("queue", "task")
        policy = client.config_get("maxmemory-policy")
        port = client.config_get("port")

    with valkey:
        assert redis.from_url(valkey.url).lrange("queue", 0, -1) == [b"task"]
    assert policy == {"maxmemory-policy": "noeviction"}
    assert port == {"port": "0"}
