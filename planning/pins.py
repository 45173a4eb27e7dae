"""Pins: places and sequences that people fix by hand, and what each of them costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planning import deadlines, graph, problem


@dataclass(frozen=True)
class Top:
    """These items first, in this sequence, each with everything it needs in front of it."""

    items: tuple[int, ...]


@dataclass(frozen=True)
class After:
    """One item after another, as if the first enabled the second."""

    first: int
    then: int


@dataclass(frozen=True)
class Slot:
    """One item at a place, counted from 0; what it needs is pulled in front, what needs it stays behind."""

    item: int
    place: int


Pin = Top | After | Slot


@dataclass(frozen=True, eq=False)
class PinnedOrder:
    """sequence: (n,) item numbers. cost: as `problem.cost`. displaced: slots that the dependencies do not allow."""

    sequence: np.ndarray
    cost: float
    displaced: tuple[Slot, ...]


@dataclass(frozen=True)
class Price:
    """cost: what the pin adds to the cost of delay. share: of the cost without it, 0.05 for 5 %."""

    cost: float
    share: float


def from_locked(backlog: problem.Problem) -> tuple[Slot, ...]:
    """Turn the locked items into slots at their present places."""
    return tuple(Slot(item, item) for item in np.flatnonzero(backlog.is_locked).tolist())


def order(backlog: problem.Problem, pins: Iterable[Pin]) -> PinnedOrder | graph.Cycle:
    """Order a backlog at least cost around its pins; the cycle if an `After` closes one.

    Dependencies come before pins, Top before Slot. Raises ValueError if a pin names an item or place that is not there,
    or two slots the same item or place.
    """
    pins = tuple(pins)
    slots = [pin for pin in pins if isinstance(pin, Slot)]
    _refuse_unless_sound(backlog, pins, slots)
    pinned = _with_arcs(backlog, [(pin.first, pin.then) for pin in pins if isinstance(pin, After)])
    if isinstance(pinned, graph.Cycle):
        return pinned
    before = pinned.before
    head = _head(before, [item for pin in pins if isinstance(pin, Top) for item in pin.items])
    rest = np.setdiff1d(np.arange(pinned.count), head)
    tail = rest[deadlines.order(_later(problem.select(pinned, rest), pinned.sizes[head].sum())).sequence]
    wished = [*head, *tail.tolist()]
    sequence = np.array(_into_slots(wished, before, slots) if slots else wished, np.int64)
    displaced = tuple(slot for slot in slots if sequence[slot.place] != slot.item)
    return PinnedOrder(sequence, problem.cost(backlog, sequence), displaced)


def price(backlog: problem.Problem, pins: Iterable[Pin], pin: Pin) -> Price | graph.Cycle:
    """Compare the best orders with and without a pin, the other pins staying; the cycle if it closes one.

    Raises ValueError as `order`.
    """
    others = [other for other in pins if other != pin]
    without, with_pin = order(backlog, others), order(backlog, [*others, pin])
    for found in (without, with_pin):
        if isinstance(found, graph.Cycle):
            return found
    # Neither order need be the very best one, so a pin may look like a gain; it never is.
    added = max(with_pin.cost - without.cost, 0.0)
    return Price(added, added / without.cost if without.cost else 0.0)


def _refuse_unless_sound(backlog, pins, slots):
    named = [slot.item for slot in slots]
    for pin in pins:
        named += pin.items if isinstance(pin, Top) else [pin.first, pin.then] if isinstance(pin, After) else []
    places = [slot.place for slot in slots]
    if not all(0 <= number < backlog.count for number in (*named, *places)):
        raise ValueError("a pin names an item or a place that is not there")
    if len({slot.item for slot in slots}) < len(slots) or len(set(places)) < len(places):
        raise ValueError("two slots name the same item or the same place")


def _with_arcs(backlog, pairs):
    if not pairs:
        return backlog
    pairs = np.unique(np.r_[np.c_[backlog.enablers, backlog.enabled], np.array(pairs, np.int64)], axis=0)
    enablers, enabled = pairs.T
    cycle = graph.find_any_cycle(backlog.count, enablers.tolist(), enabled.tolist())
    return cycle or replace(backlog, enablers=enablers, enabled=enabled)


def _later(backlog, points):
    return replace(backlog, due=backlog.due - points)


def _head(before, items):
    head, seen = [], set()
    for item in items:
        needed = graph.closure(before, [item]) - seen
        seen |= needed
        head += _sorted_by_need(before, needed)
    return head


def _sorted_by_need(before, items):
    listed = sorted(items)
    number = {item: index for index, item in enumerate(listed)}
    arcs = [(number[need], number[item]) for item in listed for need in before[item] if need in number]
    ordered = graph.topological_order(len(listed), [a for a, _ in arcs], [b for _, b in arcs])
    return [listed[index] for index in ordered]


def _into_slots(wished: Sequence[int], before: Sequence[Sequence[int]], slots: Sequence[Slot]) -> list[int]:
    """Fill the places from the front: the next wished item that is free, unless a slot's needs leave no room for it."""
    latest = _latest_places(before, slots, len(wished))
    urgent = sorted(latest, key=latest.get)
    slot_of = {slot.item: slot.place for slot in slots}
    waiting, filled, done = list(wished), [], set()

    def first_free(items, place):
        return next(
            (item for item in items if slot_of.get(item, place) <= place and done.issuperset(before[item])), None
        )

    for place in range(len(wished)):
        is_tight = any(latest[item] <= place + index for index, item in enumerate(urgent))
        chosen = first_free(urgent if is_tight else waiting, place)
        if chosen is None:
            # Nothing is left but slots of later places and what waits for them.
            chosen = first_free(waiting, len(wished))
        filled.append(chosen)
        done.add(chosen)
        waiting.remove(chosen)
        if chosen in latest:
            urgent.remove(chosen)
    return filled


def _latest_places(before, slots, count):
    """Give each slot's item and everything it needs the last place that still keeps the slot."""
    latest = {slot.item: slot.place for slot in slots}
    needed = graph.closure(before, latest)
    for item in reversed(_sorted_by_need(before, needed)):
        own = latest.setdefault(item, count)
        for need in before[item]:
            latest[need] = min(latest.get(need, count), own - 1)
    return latest
