"""Where the boxes and lines of the technical flow are drawn: lanes by columns, few crossings, no line through a box.

A layered drawing (Sugiyama, Tagawa & Toda 1981) whose layers are given, the columns, and whose layers are cut into
lanes: only the order inside a cell is free. A line that passes a column gets a place of its own there.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

NAMES_WIDTH = 150
BOX_WIDTH, BOX_HEIGHT = 168, 38
PITCH = 204
TOP = 32
_BOX_STEP, _TRACK_STEP = 46, 12
_LANE_PADDING = 9
_SWEEPS = 6
# How far a curve swings out in the gutter between two columns, and where the tip of its arrow begins.
_SWING, _TURN, _TIP = 22, 26, 5


@dataclass(frozen=True)
class Node:
    """lane, column: from 0, top down and left to right."""

    id: Hashable
    lane: int
    column: int


@dataclass(frozen=True)
class Box:
    x: int
    y: int

    @property
    def middle(self) -> float:
        return self.y + BOX_HEIGHT / 2


@dataclass(frozen=True)
class Line:
    """What enables and what it enables, and the path of its line, in SVG's words."""

    enabler: Hashable
    dependent: Hashable
    path: str
    tip: str


@dataclass(frozen=True)
class Drawing:
    """lanes: top and height of each. crossings: of lines between neighbouring columns; first_crossings: before the
    boxes were put in a better order."""

    boxes: Mapping[Hashable, Box]
    lines: Sequence[Line]
    lanes: Sequence[tuple[int, int]]
    width: int
    height: int
    crossings: int
    first_crossings: int


def draw(nodes: Sequence[Node], links: Iterable[tuple[Hashable, Hashable]], *, lanes: int, columns: int) -> Drawing:
    """Draw nodes, and links from what enables to what it enables.

    lanes, columns: how many there are. Within a cell nodes keep the order given wherever it costs no crossing.
    """
    by_id = {node.id: node for node in nodes}
    routes = [_Route(by_id[enabler], by_id[dependent]) for enabler, dependent in links]
    cells = _cells(nodes, routes)
    first = _crossings(cells, routes, columns)
    cells, crossings = _ordered(cells, routes, columns, first)
    heights = [max((_height(cells[lane, column]) for column in range(columns)), default=0) for lane in range(lanes)]
    tops = [TOP + sum(heights[:lane]) for lane in range(lanes)]
    places = _places(cells, tops)
    return Drawing(
        boxes={node.id: places[node.id] for node in nodes},
        lines=[_line(route, places) for route in routes],
        lanes=list(zip(tops, heights, strict=True)),
        width=NAMES_WIDTH + PITCH * columns,
        height=TOP + sum(heights),
        crossings=crossings,
        first_crossings=first,
    )


@dataclass(frozen=True)
class _Track:
    """The place of a line in a column that it passes; lines from one node share it."""

    source: Hashable
    column: int
    is_back: bool


class _Route:
    """The way of a line: forward out of the right side of its source, else out of the left side and back."""

    def __init__(self, source: Node, target: Node):
        self.source, self.target = source, target
        self.is_back = target.column <= source.column
        passed = (
            range(source.column - 1, target.column - 1, -1) if self.is_back else range(source.column + 1, target.column)
        )
        self.tracks = [_Track(source.id, column, self.is_back) for column in passed]

    def steps(self):
        """Pairs of neighbours along the way, each in the column to the right, then in the one to the left."""
        stops = [self.source.id, *self.tracks]
        if not self.is_back:
            stops.append(self.target.id)
            return [(right, left) for left, right in pairwise(stops)]
        return list(pairwise(stops))


def _cells(nodes, routes):
    cells = defaultdict(list)
    for node in nodes:
        cells[node.lane, node.column].append(node.id)
    for route in routes:
        for track in route.tracks:
            cell = cells[route.source.lane, track.column]
            if track not in cell:
                cell.append(track)
    return cells


def _layers(cells, columns):
    """By column, what stands in it from top to bottom."""
    layers = [[] for _ in range(columns)]
    for (_, column), cell in sorted(cells.items()):
        layers[column] += cell
    return layers


def _ordered(cells, routes, columns, crossings):
    """Sort each cell by where its neighbours stand, to and fro; the best of the sweeps."""
    neighbours = {True: defaultdict(list), False: defaultdict(list)}
    for route in routes:
        for right, left in route.steps():
            neighbours[True][right].append(left)
            neighbours[False][left].append(right)
    best = dict(cells)
    for sweep in range(_SWEEPS):
        is_rightward = sweep % 2 == 0
        cells = _swept(cells, neighbours[is_rightward], columns, is_rightward)
        count = _crossings(cells, routes, columns)
        if count < crossings:
            best, crossings = dict(cells), count
    return defaultdict(list, best), crossings


def _swept(cells, neighbours, columns, is_rightward):
    swept = defaultdict(list, {place: list(cell) for place, cell in cells.items()})
    lanes = sorted({lane for lane, _ in swept})
    at = {}
    for column in range(columns) if is_rightward else reversed(range(columns)):
        for lane in lanes:
            cell = swept.get((lane, column))
            if cell and len(cell) > 1:
                here = {one: _mean([at[other] for other in neighbours[one] if other in at]) for one in cell}
                _sort_known(cell, here)
        layer = [one for lane in lanes for one in swept.get((lane, column), ())]
        at |= {one: place / len(layer) for place, one in enumerate(layer)}
    return swept


def _mean(values):
    return sum(values) / len(values) if values else None


def _sort_known(cell, where):
    """Sort those with neighbours among the places they hold; the others stay."""
    known = [place for place, one in enumerate(cell) if where[one] is not None]
    for place, one in zip(known, sorted((cell[place] for place in known), key=where.get), strict=True):
        cell[place] = one


def _crossings(cells, routes, columns):
    at = {one: place for layer in _layers(cells, columns) for place, one in enumerate(layer)}
    column_of = {one: column for column, layer in enumerate(_layers(cells, columns)) for one in layer}
    gutters = defaultdict(set)
    for route in routes:
        for right, left in route.steps():
            gutters[column_of[right]].add((at[left], at[right]))
    return sum(_inversions([right for _, right in sorted(pairs)]) for pairs in gutters.values())


def _inversions(values):
    """Pairs that stand the wrong way round, by merge sort."""
    if len(values) < 2:
        return 0
    middle = len(values) // 2
    left, right = values[:middle], values[middle:]
    count = _inversions(left) + _inversions(right)
    left.sort()
    right.sort()
    place = 0
    for value in right:
        while place < len(left) and left[place] <= value:
            place += 1
        count += len(left) - place
    return count


def _height(cell):
    return sum(map(_step, cell)) + 2 * _LANE_PADDING - (_BOX_STEP - BOX_HEIGHT) if cell else 0


def _step(one):
    return _TRACK_STEP if isinstance(one, _Track) else _BOX_STEP


def _places(cells, tops):
    """By node its box, by track the height of its line."""
    places = {}
    for (lane, column), cell in cells.items():
        y = tops[lane] + _LANE_PADDING
        for one in cell:
            is_track = isinstance(one, _Track)
            places[one] = y + _TRACK_STEP / 2 if is_track else Box(NAMES_WIDTH + PITCH * column, y)
            y += _step(one)
    return places


def _line(route, places):
    source, target = places[route.source.id], places[route.target.id]
    way = _way_back if route.is_back else _way_forward
    path = way(source, target, [(NAMES_WIDTH + PITCH * track.column, places[track]) for track in route.tracks])
    tip = f"M{target.x} {target.middle:g}l-7 -4v8z"
    return Line(route.source.id, route.target.id, path, tip)


def _way_forward(source, target, passed):
    x, y = source.x + BOX_WIDTH, source.middle
    path = [f"M{x} {y:g}"]
    for left, height in [*passed, (target.x - _TIP, target.middle)]:
        path.append(f"C{x + _SWING} {y:g} {left - _SWING} {height:g} {left} {height:g}")
        x, y = left + BOX_WIDTH, height
        path.append(f"H{x}")
    return "".join(path[:-1])


def _way_back(source, target, passed):
    x, y = source.x, source.middle
    path = [f"M{x} {y:g}"]
    for left, height in passed:
        right = left + BOX_WIDTH
        path.append(f"C{x - _SWING} {y:g} {right + _SWING} {height:g} {right} {height:g}H{left}")
        x, y = left, height
    end = target.x - _TIP
    path.append(f"C{x - _TURN} {y:g} {end - _TURN} {target.middle:g} {end} {target.middle:g}")
    return "".join(path)
