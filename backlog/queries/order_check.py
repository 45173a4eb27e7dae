"""Does each order keep its promises? For the command `check_order` and as a metric."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

from django.db import connection, transaction
from django.utils import timezone

from backlog.models import Item, Move, OrderedList, OrderEntry
from backlog.queries import order_log
from core import jobs
from planning import ranking

JOB = "check_orders"
_RANK = re.compile(r"[0-9A-Za-z]*[1-9A-Za-z]")


@dataclass(frozen=True)
class Problem:
    """code: for programs; text: for people."""

    product: str
    code: str
    text: str


def problems(product=None) -> list[Problem]:
    """What is wrong with the order of one product, or of all; each is read as of one moment."""
    lists = OrderedList.objects.select_related("product").order_by("pk")
    if product is not None:
        lists = lists.filter(product=product)
    return [problem for ordered in lists for problem in _problems_of(ordered.pk)]


def last_count() -> float:
    """How many problems the last nightly check found; not a number before the first one."""
    run = jobs.last_done(JOB)
    return run.result["problems"] if run else float("nan")


def last_age() -> float:
    """Seconds since the last nightly check; infinite before the first one."""
    run = jobs.last_done(JOB)
    return (timezone.now() - run.finished_at).total_seconds() if run else float("inf")


def _problems_of(list_id):
    with transaction.atomic():
        _read_one_moment()
        ordered = OrderedList.objects.select_related("product").get(pk=list_id)
        entries = list(
            OrderEntry.objects.filter(list=ordered).order_by("rank").values_list("item_id", "rank", "is_listed")
        )
        found = [*_ranks(entries), *_listed(ordered, entries), *_log(ordered, entries)]
    return [Problem(ordered.product.key, code, text) for code, text in found]


def _read_one_moment():
    # Inside another transaction, such as a test's, it is too late to ask for it.
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _ranks(entries):
    for rank, count in Counter(rank for _, rank, _ in entries).items():
        if count > 1:
            yield "rank_not_unique", f"{count} items share the rank {rank}"
    for item, rank, _ in entries:
        if not _RANK.fullmatch(rank) or len(rank) > ranking.KEY_BYTES_LIMIT:
            yield "rank_form", f"item {item} has the malformed rank {rank!r}"


def _listed(ordered, entries):
    status_of = dict(Item.objects.filter(product=ordered.product_id).values_list("pk", "status"))
    known = {item for item, _, _ in entries}
    for item in sorted({pk for pk, status in status_of.items() if status in Item.UNFINISHED} - known):
        yield "open_without_place", f"item {item} is open and has no place"
    for item, _, is_listed in entries:
        if is_listed and status_of.get(item) not in Item.UNFINISHED:
            yield "listed_though_closed", f"item {item} is listed and not open"


def _log(ordered, entries):
    moves = order_log.since(ordered, 0)
    if [move.version for move in moves] != list(range(1, ordered.version + 1)):
        yield "versions", f"version {ordered.version} stands over {len(moves)} logged steps"
    replay = order_log.Sequence()
    try:
        for move in moves:
            replay.replay(move)
    except (KeyError, ValueError) as error:
        yield "log_broken", f"step {move.version} names item {error}, which can't be there"
        return
    listed, replayed = [item for item, _, is_listed in entries if is_listed], list(replay)
    if listed != replayed:
        differing = (n for n, pair in enumerate(zip_longest(listed, replayed), 1) if pair[0] != pair[1])
        yield "log_differs", f"the log replays to another order from position {next(differing)} on"
    pinned = _pinned(moves)
    stored = set(OrderEntry.objects.filter(list=ordered, is_pinned=True).values_list("item_id", flat=True))
    for item in sorted(pinned ^ stored):
        yield "pin_differs", f"the log and the stored pin of item {item} differ"


def _pinned(moves):
    pinned = set()
    for move in moves:
        if move.kind == Move.Kind.PIN:
            pinned.update(move.items)
        elif move.kind == Move.Kind.UNPIN:
            pinned.difference_update(move.items)
    return pinned
