"""The order now beside the proposed one, as a drawing: each item a line from its place to its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backlog.models import Item
from backlog.queries.readers import Reader

# Lines of the drawing; more than that nobody follows.
SHOWN = 32
LINE = 25
_TOP = 38.5
_TITLE = 36


@dataclass(frozen=True)
class Line:
    """y: of the line's left and right end. positions: from 1. name: of the move, where the item is moved itself."""

    key: str
    title: str
    is_technical: bool
    from_position: int
    to_position: int
    y_from: float
    y_to: float
    name: str

    @property
    def path(self) -> str:
        return f"M98 {self.y_from}C178 {self.y_from} 182 {self.y_to} 262 {self.y_to}"

    @property
    def text_from(self) -> float:
        return self.y_from + 4

    @property
    def text_to(self) -> float:
        return self.y_to + 4

    @property
    def box_from(self) -> float:
        return self.y_from - 5.5

    @property
    def box_to(self) -> float:
        return self.y_to - 5.5


@dataclass(frozen=True)
class Slope:
    lines: tuple[Line, ...]
    height: int
    moved: int


def slope_of(product, ids: Sequence[int], sequence: np.ndarray, names: Mapping[int, str], who: Reader) -> Slope:
    """Draw the moved items and those around them, in one statement.

    ids: of the items at the places of the present order. sequence: places, in the proposed order. names: of the moves,
    by the id of the item that each moves.
    """
    place_after = np.empty(len(ids), np.int64)
    place_after[sequence] = np.arange(len(ids))
    shown = _shown(ids, place_after, set(names))
    items = Item.objects.filter(who.readable(), pk__in=[ids[place] for place in shown]).in_bulk()
    shown = [place for place in shown if ids[place] in items]
    left = {place: _TOP + LINE * at for at, place in enumerate(sorted(shown))}
    right = {place: _TOP + LINE * at for at, place in enumerate(sorted(shown, key=lambda place: place_after[place]))}
    lines = [
        Line(
            key=f"{product.key}-{item.number}",
            title=item.title if len(item.title) <= _TITLE else item.title[: _TITLE - 1].rstrip() + "…",
            is_technical=item.kind == Item.Kind.TECHNICAL,
            from_position=place + 1,
            to_position=int(place_after[place]) + 1,
            y_from=left[place],
            y_to=right[place],
            name=names.get(ids[place], ""),
        )
        for place in sorted(shown)
        for item in [items[ids[place]]]
    ]
    # Moved ones are drawn above the others.
    lines.sort(key=lambda line: bool(line.name))
    return Slope(tuple(lines), int(_TOP + LINE * len(lines)), sum(bool(line.name) for line in lines))


def _shown(ids, place_after, moved):
    """The places to draw: of the moved items, then of their neighbours before and after, then from the top."""
    after = np.argsort(place_after)
    chosen = dict.fromkeys(place for place, pk in enumerate(ids) if pk in moved)
    for reach in range(1, 3):
        for place in list(chosen)[: len(moved)]:
            then = int(place_after[place])
            around = [place - reach, place + reach]
            around += [int(after[at]) for at in (then - reach, then + reach) if 0 <= at < len(ids)]
            chosen.update(dict.fromkeys(at for at in around if 0 <= at < len(ids)))
    chosen.update(dict.fromkeys(range(min(SHOWN, len(ids)))))
    return list(chosen)[:SHOWN]
