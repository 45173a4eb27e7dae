"""The files for servers: docker-compose.yml, the roles it makes, and the containers' health checks."""

import os
import shutil
import subprocess
import threading
import time
from contextlib import closing
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml
from django.db import connection
from django.utils import timezone

from core.models import OutboxMessage
from launcher import health, run
from launcher.postgres import APP, OWNER, SETTINGS, SUPERUSER, Postgres
from tests.launcher.conftest import CHECKOUT

OURS = {"web", "worker", "beat", "relay", "migrate"}
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "UNDERPIN_OWNER_PASSWORD", "UNDERPIN_APP_PASSWORD")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]


def compose_client():
    for client in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(client[0]) and subprocess.run([*client, "version"], capture_output=True).returncode == 0:
            return client
    return pytest.skip("no docker compose client on this machine")


def config_of(client, environment):
    return subprocess.run(
        [*client, "--file", CHECKOUT / "docker-compose.yml", "config", "--quiet"],
        cwd="/",
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
    )


def test_the_compose_client_accepts_the_file_and_misses_a_secret():
    client = compose_client()
    complete = dict.fromkeys(SECRETS, "word") | {"ALLOWED_HOSTS": "a.example", "BASE_URL": "https://a.example"}
    without_key = complete | {"SECRET_KEY": ""}

    accepted, refused = config_of(client, complete), config_of(client, without_key)

    assert (accepted.returncode, accepted.stderr) == (0, "")
    assert refused.returncode != 0
    assert "SECRET_KEY" in refused.stderr


def test_each_part_has_a_health_check_or_ends_by_itself(services):
    # The web server's is the image's.
    without = {name for name, service in services.items() if "test" not in service.get("healthcheck", {})}

    assert services.keys() == OURS | {"postgres", "valkey"}
    assert without == {"web", "migrate"}
    assert "HEALTHCHECK" in (CHECKOUT / "Dockerfile").read_text()


def test_only_the_web_server_is_reachable_and_only_from_this_machine(services):
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert ports == {"web": ["127.0.0.1:${UNDERPIN_PORT:-8000}:8000"]}


def test_only_the_migration_and_the_database_know_the_owners_password(services):
    knowing = {name for name, service in services.items() if "UNDERPIN_OWNER_PASSWORD" in str(service)}

    assert knowing == {"migrate", "postgres"}


def test_our_containers_run_without_privileges(services):
    for name in OURS:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    assert "USER underpin" in (CHECKOUT / "Dockerfile").read_text()


def test_the_worker_takes_the_same_queues_as_that_of_bin_run(services):
    assert f"--queues {run.QUEUES} " in services["worker"]["command"]


def test_the_database_plans_and_analyses_as_that_of_bin_run(services):
    given = dict(word.split("=") for word in services["postgres"]["command"].split() if "=" in word)

    assert given.keys() >= {"random_page_cost", "jit", "autovacuum_naptime"}
    assert given == {name: SETTINGS[name] for name in given}


def test_the_example_names_every_variable_of_the_file_and_holds_no_secret():
    names = dict(
        line.split("=", 1)
        for line in (CHECKOUT / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    used = {word.split("}")[0].split(":")[0] for word in (CHECKOUT / "docker-compose.yml").read_text().split("${")[1:]}

    assert used == names.keys()
    assert [names[name] for name in (*SECRETS, "EMAIL_HOST_PASSWORD")] == [""] * 5


def test_the_roles_script_makes_an_owner_and_a_plain_role(folder):
    with Postgres(folder, is_throwaway=True) as postgres:
        with closing(postgres.connect(database="postgres")) as superuser:
            superuser.autocommit = True
            for statement in ("DATABASE underpin", f"ROLE {OWNER}", f"ROLE {APP}"):
                superuser.cursor().execute(f"DROP {statement}")

        made = subprocess.run(
            [CHECKOUT / "deploy" / "create-roles.sh"],
            env={
                "PATH": f"{postgres.programs}:{os.environ['PATH']}",
                "PGHOST": str(postgres.sockets),
                "POSTGRES_USER": SUPERUSER,
                "UNDERPIN_OWNER_PASSWORD": "o'wner",
                "UNDERPIN_APP_PASSWORD": "app",
            },
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        with closing(postgres.connect(OWNER)) as connected, connected.cursor() as cursor:
            cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'underpin'")
            owner = cursor.fetchall()
            cursor.execute("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s", [APP])
            app = cursor.fetchall()

    assert owner == [(OWNER,)]
    assert app == [(False, False, False)]


@pytest.mark.parametrize(("waited", "is_healthy"), [(timedelta(seconds=5), True), (timedelta(minutes=5), False)])
def test_the_relay_is_ill_when_a_message_waits_too_long(transactional_db, monkeypatch, waited, is_healthy):
    settings = connection.settings_dict
    monkeypatch.setenv("DATABASE_URL", f"host={settings['HOST']} user={settings['USER']} dbname={settings['NAME']}")
    OutboxMessage.objects.create(topic="live", next_at=timezone.now() - waited)

    assert health.relay_keeps_up() is is_healthy


@pytest.mark.parametrize(("age", "is_healthy"), [(30, True), (3600, False)])
def test_beat_is_ill_when_it_has_long_not_written(tmp_path, monkeypatch, age, is_healthy):
    schedule = tmp_path / "schedule.dat"
    schedule.touch()
    os.utime(schedule, (time.time() - age,) * 2)
    monkeypatch.setenv("BEAT_SCHEDULE", str(tmp_path / "schedule"))

    assert health.beat_ticks() is is_healthy


@pytest.mark.parametrize(
    ("allowed", "host"), [("a.example,b.example", "a.example"), (".example.org", "example.org"), ("*", "localhost")]
)
def test_the_web_server_is_asked_under_a_name_that_it_accepts(monkeypatch, allowed, host):
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Host"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Keep the tests' output free of it."""

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.handle_request, daemon=True).start()
    monkeypatch.setattr(health, "PORT", server.server_port)
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)

    is_healthy = health.web_answers()
    server.server_close()

    assert is_healthy
    assert asked == [("/readyz", host)]
