"""Many clients at once, each with its own connection, and what their answers must add up to."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from backlog.actions import ordering


def storm(count, client):
    """Run client(number) in that many threads; returns their answers, or raises the first error."""
    starting = threading.Barrier(count)

    def run(number):
        try:
            starting.wait(30)
            return client(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def timed_move(product, item, place, *, by):
    """(began, ended, version, item, after); version None: it was there already."""
    began = time.monotonic()
    move = ordering.move(product, [item], place, by=by)
    ended = time.monotonic()
    return (began, ended, move and move.version, item, move and move.after)


def check(answers, first, last):
    """Raise AssertionError unless the moves, in the order of their versions, lead from the first order to the last,
    and no move that began after another had ended got a smaller version (RELIABILITY 4.4)."""
    moves = [answer for answer in answers if answer[2] is not None]
    versions = sorted(version for _, _, version, _, _ in moves)
    assert versions == list(range(versions[0], versions[0] + len(versions))), "a gap, or a version twice"

    order = list(first)
    for _, _, _, item, after in sorted(moves, key=lambda move: move[2]):
        order.remove(item)
        order.insert(0 if after is None else order.index(after) + 1, item)
    assert order == last, "the replay differs"

    ended = sorted((end, version) for _, end, version, _, _ in moves)
    largest = passed = 0
    for began, _, version, _, _ in sorted(moves):
        while passed < len(ended) and ended[passed][0] < began:
            largest = max(largest, ended[passed][1])
            passed += 1
        assert version > largest, "not the order of real time"
