"""Measures nights of many products by real workers, and the night of one large product.

The mix (RULINGS, "Numbers"): 70 % one team without dates, 20 % one team with an eighth of the items dated, 10 % four
teams. The second night is one in which 5 % of the products have changed in one of twenty items.
"""

import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import celery
import django

django.setup()

# ruff: noqa: E402  the imports below need Django to be ready
from django.core.management import call_command
from django.db import connections, transaction

from accounts.actions import teams
from backlog.actions import ordering
from backlog.models import Item, ItemCounter, OrderedList, Product, ProductRole, ProductTeam
from bench import world
from core import jobs
from nightly.models import Night
from nightly.queries import schedule

FULL_PRODUCTS, FULL_ITEMS = 1_000, 500
LARGE, LARGE_SECONDS, LARGE_MEBIBYTES = 100_000, 60, 600
COLD_SECONDS, CHANGED_SECONDS = 25 * 60, 15 * 60
FIRST = date(2031, 6, 10)
WORKERS = 2
CHANGED = 0.05
# The jobs of the minute go over the whole instance; a worker ends the one it has begun.
STOP_SECONDS = 180
QUEUES = "interactive,nightly,import,webhooks"


def measure(products: int, items: int, large: int) -> None:
    """Build, work out two nights of all products with two workers, then one of a large product, and print it all."""
    call_command("migrate", verbosity=0)
    organization, admin, _, _ = world.found()
    print(f"building {products:,} products of {items:,} items …", file=sys.stderr)
    crews = [[teams.create(organization, name=f"Team {n}-{k}", by=admin) for k in range(4)] for n in range(8)]
    made = [_product(organization, admin, crews[n % 8], n, items) for n in range(products)]
    _analyse()
    with _working() as workers:
        cold = _night(FIRST, products)
        _say("cold", cold, products, items, COLD_SECONDS)
        _change(made, random.Random(5))
        changed = _night(FIRST + timedelta(days=1), products)
        _say("5 % changed", changed, products, items, CHANGED_SECONDS)
        print(f"memory of a worker: {max(_peak(pid) for pid in workers()):,.0f} MiB at its highest")
    if large:
        _large(organization, admin, crews[0], large)


def _product(organization, admin, crew, number, count):
    product = Product.objects.create(organization=organization, key=f"N{number}", name=f"Product {number}")
    # Whatever the clock says: it was here before the first night.
    Product.objects.filter(pk=product.pk).update(created_at=datetime(2000, 1, 1, tzinfo=UTC))
    ProductRole.objects.create(organization=organization, product=product, user=admin, role="product_owner")
    share = number % 10
    working = crew if share == 9 else crew[:1]
    ProductTeam.objects.bulk_create(ProductTeam(organization=organization, product=product, team=t) for t in working)
    _fill(product, admin, working, count, dated=share in (7, 8), rng=random.Random(number))
    return product


def _fill(product, admin, working, count, *, dated, rng):
    OrderedList.objects.create(product=product)
    ItemCounter.objects.create(product=product, last_number=count + world.PAST_WEEKS * world.DONE_A_WEEK)
    items = []
    for start in range(0, count, world.BATCH):
        numbers = range(start, min(start + world.BATCH, count))
        batch = Item.objects.bulk_create(_item(product, admin, rng.choice(working), n, dated, rng) for n in numbers)
        items += [item.pk for item in batch]
    with transaction.atomic():
        ordering.enter(ordering.lock(product.pk), items, ordering.Place.bottom(), by=admin)
    world.depend(product, items, admin, rng)
    world.finish(product, admin, working, first=count + 1, before=FIRST, rng=rng)


def _item(product, admin, team, number, dated, rng):
    kind = "technical" if rng.random() < 0.35 else "functional"
    is_dated = dated and number % 8 == 0
    return Item(
        organization=product.organization,
        product=product,
        number=number + 1,
        kind=kind,
        type="enabler" if kind == "technical" else "story",
        title=f"Item {number}",
        points=rng.choice((1, 2, 3, 5, 8)),
        business_value=rng.randint(0, 20) if kind == "functional" else None,
        risk_reduction=rng.randint(0, 8),
        due_on=FIRST + timedelta(days=rng.randint(10, 300)) if is_dated else None,
        penalty_per_week=rng.randint(5, 40) if is_dated else None,
        team=team,
        created_by=admin,
        status_by=admin,
    )


def _change(products, rng):
    for product in rng.sample(products, max(1, round(CHANGED * len(products)))):
        numbers = Item.objects.filter(product=product, status="open").values_list("pk", flat=True)
        for pk in rng.sample(list(numbers), max(1, len(numbers) // 20)):
            Item.objects.filter(pk=pk).update(points=rng.choice((1, 2, 3, 5, 8)), business_value=rng.randint(0, 20))


def _night(on, products) -> float:
    """Seconds from the tick until the last night of the date has ended."""
    began = time.monotonic()
    jobs.tick(datetime.combine(on, schedule.HOUR, UTC))
    while (ended := Night.objects.filter(on=on, finished_at__isnull=False).count()) < products:
        time.sleep(0.2)
        if failed := Night.objects.filter(on=on).exclude(error="").first():
            raise SystemExit(f"{failed.product.key}: {failed.error}")
        print(f"\r{ended:,} of {products:,}", end="", file=sys.stderr)
    print(file=sys.stderr)
    _print_steps(on)
    return time.monotonic() - began


def _print_steps(on):
    nights = [night.steps for night in Night.objects.filter(on=on)]
    for step in Night.Step:
        seconds = sorted(steps[step]["seconds"] for steps in nights if step in steps)
        if seconds:
            mean, most = sum(seconds) / len(seconds), seconds[-1]
            print(f"  {step.label:<26} mean {1000 * mean:7.1f} ms   longest {1000 * most:7.1f} ms")


def _say(name, seconds, products, items, bar):
    measured = f"{name}: {products:,} products of {items:,} items in {seconds:.1f} s with {WORKERS} workers"
    if (products, items) == (FULL_PRODUCTS, FULL_ITEMS):
        print(f"{measured}; bar {bar} s: {'held' if seconds <= bar else 'MISSED'}")
        return
    if items != FULL_ITEMS:
        print(measured)
        return
    would = seconds / products * FULL_PRODUCTS
    print(f"{measured}; EXTRAPOLATED, not measured: {FULL_PRODUCTS:,} products would take {would:,.0f} s (bar {bar} s)")


def _large(organization, admin, crew, count):
    print(f"building one product of {count:,} items …", file=sys.stderr)
    _large_product = _product(organization, admin, crew, 10_000, count)
    _analyse()
    began = time.monotonic()
    command = [sys.executable, "manage.py", "run_night", "--product", _large_product.key, "--date", FIRST.isoformat()]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds, mebibytes = time.monotonic() - began, usage.ru_maxrss / 1024
    if status:
        raise SystemExit("The night of the large product failed.")
    night = Night.objects.get(product=_large_product)
    for step in Night.Step:
        if step in night.steps:
            print(f"  {step.label:<26} {night.steps[step]['seconds']:7.1f} s")
    is_held = seconds <= LARGE_SECONDS and mebibytes <= LARGE_MEBIBYTES
    verdict = (
        f"; bar {LARGE_SECONDS} s, {LARGE_MEBIBYTES} MiB: {'held' if is_held else 'MISSED'}" if count == LARGE else ""
    )
    print(f"one product of {count:,} items: {seconds:.1f} s, {mebibytes:,.0f} MiB{verdict}")


@contextmanager
def _working():
    """The relay and a worker of two children; gives a function that tells their processes."""
    command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "--queues", QUEUES]
    relay = subprocess.Popen([sys.executable, "manage.py", "relay"])
    worker = subprocess.Popen([*command, "--concurrency", str(WORKERS), "--loglevel", "ERROR"])
    try:
        while not celery.current_app.control.ping(timeout=1):
            pass
        yield lambda: Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    finally:
        for process in (worker, relay):
            process.terminate()
        for process in (worker, relay):
            process.wait(STOP_SECONDS)


def _peak(pid) -> float:
    """MiB that a process held at its highest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _analyse():
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
