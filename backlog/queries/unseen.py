"""What the logs say of items that a reader may not see: that there is one, not which."""

from collections.abc import Iterable, Set
from copy import copy

from backlog.models import Item, Move
from core.models import Event

# Stands where the id of such an item would stand, so that lists keep their lengths.
UNSEEN_ID = 0
# Under these names events keep ids of items.
_NAMES = {"item", "items", "after", "parts", "enabler", "dependent", "source", "target"}


def unseen(ids: Iterable[int], user) -> frozenset[int]:
    """Those of the items that the person may not see, in one statement."""
    ids = frozenset(ids)
    return ids - set(Item.objects.readable_by(user).filter(pk__in=ids).values_list("pk", flat=True))


def moves_as_seen(moves: list[Move], user) -> list[Move]:
    """Copies, not for saving, with 0 for each item that the person may not see, and no reason where that is all."""
    hidden = unseen({pk for move in moves for pk in (*_lists(move), move.after) if pk}, user)
    return [_move_as_seen(move, hidden) for move in moves]


def events_as_seen(events: list[Event], user) -> list[Event]:
    """Copies, not for saving, with 0 for each item in their data that the person may not see."""
    hidden = unseen({pk for event in events for pk in _named(event.data)}, user)
    seen = [copy(event) for event in events]
    for event in seen:
        event.data = _without(event.data, hidden)
    return seen


def _lists(move):
    return (*move.items, *move.afters, *move.former)


def _move_as_seen(move, hidden):
    seen = copy(move)
    for name in ("items", "afters", "former"):
        setattr(seen, name, _masked(getattr(move, name), hidden))
    seen.after = _masked(move.after, hidden)
    if not any(seen.items):
        seen.reason = ""
    return seen


def _named(data):
    found = [data[name] for name in _NAMES & data.keys()] + [data.get("changes", {}).get("parent")]
    for value in found:
        yield from (pk for pk in (value if isinstance(value, list) else [value]) if pk and isinstance(pk, int))


def _without(data, hidden: Set[int]):
    kept = {name: _masked(value, hidden) if name in _NAMES else value for name, value in data.items()}
    if "parent" in kept.get("changes", {}):
        kept["changes"] = kept["changes"] | {"parent": _masked(kept["changes"]["parent"], hidden)}
    return kept


def _masked(value, hidden):
    if isinstance(value, list):
        return [_masked(each, hidden) for each in value]
    return UNSEEN_ID if value in hidden else value
