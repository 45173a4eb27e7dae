"""Measures the jobs of PERFORMANCE.md against the real server."""

import http.client
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import django

django.setup()

# ruff: noqa: E402  the imports below need Django to be ready
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backlog.models import Item, OrderEntry
from bench import world as worlds
from bench.floors import Floor

PORT = 8765
WORKERS = 2
CLIENTS = 4
THROUGHPUT_SECONDS = 5
RESULTS = Path(__file__).parent / "results.json"
HEADERS = {"X-Forwarded-Proto": "https", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Job:
    """bar: milliseconds, by size; floor: the name of the statement it is compared with, empty where there is none."""

    name: str
    request: Callable[[], tuple[str, str, dict | None]]
    floor: str
    bar: Callable[[int], float]


@dataclass(frozen=True)
class Result:
    """median, p95: milliseconds; ratio: to the floor of the same run; rows: written."""

    size: int
    job: str
    median: float
    p95: float
    floor: float | None
    ratio: float | None
    bar: float
    statements: int
    rows: int
    bytes: int


def measure(sizes: list[int], requests: int) -> None:
    """Build, serve, measure, print one table, and keep it in bench/results.json."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    organization, admin, team, token = worlds.found()
    results, rates = [], {}
    _print_head()
    for size in sizes:
        print(f"building {size:,} items …", file=sys.stderr)
        world = worlds.build(organization, admin, team, token, size)
        with _server() as pids:
            client = _Client(world)
            for job in _jobs(world):
                results.append(_measure(world, client, job, requests if job.name != "whole order" else 12))
                _print(results[-1])
            rates[size] = _throughput(world) | {"memory MiB": round(_memory(pids))}
            print(f"{size:>7,}  " + "  ".join(f"{name} {value:,}" for name, value in rates[size].items()))
    RESULTS.write_text(
        json.dumps(
            {"machine": platform.platform(), "results": [asdict(result) for result in results], "rates": rates},
            indent=2,
        )
    )
    print(f"\nKept in {RESULTS}. A ratio compares the request with PostgreSQL alone, both measured in this run.")


def _jobs(world) -> list[Job]:
    root, page_root = f"/api/v1/products/{world.product.key}", f"/products/{world.product.key}"
    ranked = list(Item.objects.filter(product=world.product).ranked().values_list("pk", "number"))
    rng = random.Random(1)

    def any_item():
        return rng.choice(ranked)

    def move(count, place):
        chosen = [pk for pk, _ in rng.sample(ranked[: len(ranked) // 2], count)]
        anchor = {"top": True} if place == "top" else {"after": ranked[-rng.randint(1, len(ranked) // 2 - 1)][0]}
        return "POST", f"{root}/moves", {"items": chosen, **anchor}

    last_cursor, part = _last_cursor(world), world.component_id
    return [
        Job("first 100 rows", lambda: ("GET", f"{root}/items?limit=100", None), "page", _flat(15)),
        Job("last page", lambda: ("GET", f"{root}/items?limit=100&cursor={last_cursor}", None), "last page", _flat(15)),
        Job("whole order", lambda: ("GET", f"{root}/feed", None), "order", lambda size: max(15, 0.015 * size)),
        Job("move to middle", lambda: move(1, "after"), "move", _flat(12)),
        Job("move to top", lambda: move(1, "top"), "move", _flat(12)),
        Job("move 50 as a block", lambda: move(50, "after"), "move 50", _flat(25)),
        Job("create", lambda: ("POST", f"{root}/items", _new_item()), "create", _flat(20)),
        Job("one item", lambda: ("GET", f"{root}/items/{any_item()[1]}", None), "detail", _flat(15)),
        Job("search, rare word", lambda: ("GET", f"{root}/search?q={worlds.RARE_WORD}", None), "search", _flat(25)),
        Job("search, common word", lambda: ("GET", f"{root}/search?q=payout", None), "search", _flat(25)),
        Job("typed filter", lambda: ("GET", f"{root}/items?limit=100&filter={_FILTER}", None), "tag", _flat(15)),
        Job("typed filter, common word", lambda: ("GET", f"{root}/items?filter=payout", None), "search", _flat(25)),
        Job("typed filter, rare word", lambda: ("GET", f"{root}/items?filter={_RARE}", None), "search", _flat(25)),
        Job("ids that fit a filter", lambda: ("GET", f"{root}/filter?filter=kind:technical", None), "tag", _ids_bar),
        Job("board of 100 items", lambda: ("GET", f"{root}/sprints/{world.sprint_id}/board", None), "board", _flat(25)),
        Job("page of that board", lambda: ("GET", f"{page_root}/sprints/{world.sprint_id}/", None), "board", _flat(60)),
        Job("component page", lambda: ("GET", f"{page_root}/components/{part}/", None), "component", _page_of_many),
        Job("debt register", lambda: ("GET", f"{page_root}/debt/", None), "debt", _page_of_many),
        Job("filter by tag", lambda: ("GET", f"{root}/items?tag={world.tag.pk}", None), "tag", _flat(15)),
    ]


# Quotes and spaces as they stand in an address.
_FILTER = "kind:technical+tag:payout,gateway+-ready:yes+points:%3E2"
_RARE = f"{worlds.RARE_WORD}+kind:functional"


def _ids_bar(size):
    return max(15, 0.005 * size)


def _page_of_many(size):
    """300 ms for a component of 2,000 items, or 1,000 debts: those of 10,000 items."""
    return max(300, 0.03 * size)


def _flat(milliseconds):
    return lambda size: milliseconds


def _new_item():
    return {"title": "Retry a failed payout", "kind": "functional", "type": "story", "points": 3}


def _last_cursor(world):
    listed = OrderEntry.objects.filter(product=world.product, is_listed=True)
    count = listed.count()
    return f"{listed.order_by('rank')[count - 101].item_id}.{count - 99}"


def _measure(world, client, job, requests) -> Result:
    method, path, body = job.request()
    statements, rows, size_in_bytes = _inside(world, method, path, body)
    for _ in range(5):
        client.ask(*job.request())
    floor = Floor(world, word=worlds.RARE_WORD if "rare" in job.name else "payout").job(job.floor)
    times, floors = [], []
    for _ in range(requests):
        # In turns, so that both see the same machine.
        times.append(client.ask(*job.request()))
        floors.append(floor())
    median, floor_median = statistics.median(times), statistics.median(floors)
    return Result(
        size=int(world.product.key.removeprefix("B")),
        job=job.name,
        median=round(median, 1),
        p95=round(sorted(times)[int(len(times) * 0.95)], 1),
        floor=round(floor_median, 2),
        ratio=round(median / floor_median, 1),
        bar=job.bar(int(world.product.key.removeprefix("B"))),
        statements=statements,
        rows=rows,
        bytes=size_in_bytes,
    )


def _inside(world, method, path, body):
    """Statements and rows written, counted in this process by the same code, and taken back."""
    with transaction.atomic():
        # PostgreSQL hands its counts on once a second: some are of the job before.
        before = _written()
        with CaptureQueriesContext(connection) as captured:
            response = Client().generic(
                method,
                path,
                json.dumps(body) if body else "",
                content_type="application/json",
                secure=True,
                headers={**_credentials(world, path), "Idempotency-Key": str(uuid.uuid4())},
            )
        if response.status_code >= 300:
            raise SystemExit(f"{method} {path} answered {response.status_code}: {response.content.decode()}")
        rows = _written() - before
        transaction.set_rollback(True)
    return len(captured), rows, len(response.content)


def _credentials(world, path):
    """The API takes the token, a page the session of a browser."""
    if path.startswith("/api/"):
        return {"Authorization": f"Bearer {world.token}"}
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={world.session}"}


def _written():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int FROM pg_stat_xact_user_tables")
        return cursor.fetchone()[0]


class _Client:
    """One connection that stays open."""

    def __init__(self, world):
        self._world = world
        self._connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def ask(self, method, path, body) -> float:
        """Milliseconds until the answer is read; ends the bench where it is an error."""
        headers = {**HEADERS, **_credentials(self._world, path)} | (
            {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())} if body else {}
        )
        began = time.perf_counter()
        self._connection.request(method, path, json.dumps(body) if body else None, headers)
        response = self._connection.getresponse()
        content = response.read()
        took = 1000 * (time.perf_counter() - began)
        if response.status >= 300:
            raise SystemExit(f"{method} {path} answered {response.status}: {content.decode()}")
        return took


@contextmanager
def _server():
    command = [
        *[sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(PORT)],
        *["--workers", str(WORKERS), "--no-ws", "--log-level", "error", "config.asgi:application"],
    ]
    process = subprocess.Popen(command)
    try:
        _wait_until_ready()
        yield [process.pid, *_children(process.pid)]
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready():
    for _ in range(600):
        try:
            http_connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            http_connection.request("GET", "/readyz", headers=HEADERS)
            if http_connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("The server did not become ready.")


def _throughput(world):
    jobs = {job.name: job for job in _jobs(world)}
    return {
        "pages/s": _rate(world, jobs["first 100 rows"]),
        "moves/s": _rate(world, jobs["move to middle"]),
    }


def _rate(world, job):
    until = time.perf_counter() + THROUGHPUT_SECONDS

    def work(_):
        client, done = _Client(world), 0
        while time.perf_counter() < until:
            client.ask(*job.request())
            done += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        return round(sum(pool.map(work, range(CLIENTS))) / THROUGHPUT_SECONDS)


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory(pids):
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _print_head():
    columns = f"{'median':>8} {'p95':>8} {'bar':>7} {'floor':>7} {'ratio':>6} {'sql':>4} {'rows':>5} {'bytes':>9}"
    print(f"{'items':>7}  {'job, milliseconds':<20} {columns}")


def _print(result):
    mark = "" if result.median <= result.bar else "  over"
    print(
        f"{result.size:>7,}  {result.job:<20} {result.median:>8} {result.p95:>8} {result.bar:>7g} {result.floor:>7} "
        f"{result.ratio:>6} {result.statements:>4} {result.rows:>5} {result.bytes:>9,}{mark}"
    )
