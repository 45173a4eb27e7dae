"""The drawing of the technical flow keeps its promises on any input."""

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from roadmap.queries.flow_layout import BOX_HEIGHT, BOX_WIDTH, NAMES_WIDTH, PITCH, Node, draw

NUMBER = r"-?[\d.]+"


def flat_parts(path: str):
    """The horizontal pieces of a path: left, right, height."""
    x = y = None
    for command, text in re.findall(r"([MCH])([^MCH]*)", path):
        numbers = [float(number) for number in re.findall(NUMBER, text)]
        if command == "H":
            yield min(x, numbers[0]), max(x, numbers[0]), y
            x = numbers[0]
        else:
            x, y = numbers[-2:]


def flow(seed: int):
    """Any nodes and links, also circles and links back."""
    rng = random.Random(seed)
    lanes, columns, count = rng.randint(1, 4), rng.randint(1, 5), rng.randint(2, 25)
    nodes = [Node(pk, rng.randrange(lanes), rng.randrange(columns)) for pk in range(count)]
    links = list({tuple(rng.sample(range(count), 2)) for _ in range(rng.randint(0, 40))})
    return nodes, links, lanes, columns


@given(st.integers(0, 10**6))
def test_boxes_and_lines_do_not_overlap(seed):
    nodes, links, lanes, columns = flow(seed)

    drawing = draw(nodes, links, lanes=lanes, columns=columns)

    boxes = list(drawing.boxes.values())
    assert len({(box.x, box.y) for box in boxes}) == len(nodes)
    for one in boxes:
        assert not any(other is not one and other.x == one.x and abs(other.y - one.y) < BOX_HEIGHT for other in boxes)
    for node in nodes:
        box, (top, height) = drawing.boxes[node.id], drawing.lanes[node.lane]
        assert box.x == NAMES_WIDTH + PITCH * node.column
        assert top <= box.y <= top + height - BOX_HEIGHT <= drawing.height
    assert [(line.enabler, line.dependent) for line in drawing.lines] == links
    for line in drawing.lines:
        for left, right, height in flat_parts(line.path):
            through = [b for b in boxes if b.x < right and left < b.x + BOX_WIDTH and b.y < height < b.y + BOX_HEIGHT]
            assert not through


def test_lines_of_different_items_do_not_share_a_track():
    nodes = [Node("a", 0, 0), Node("b", 0, 0), Node("c", 0, 2), Node("d", 0, 2)]

    drawing = draw(nodes, [("a", "c"), ("a", "d"), ("b", "d")], lanes=1, columns=3)

    heights = [{height for _, _, height in flat_parts(line.path)} for line in drawing.lines]
    assert heights[0] == heights[1]
    assert not heights[0] & heights[2]


def test_crossings_that_need_not_be_are_taken_out():
    nodes = [Node((side, place), 0, side) for side in (0, 1) for place in range(8)]

    drawing = draw(nodes, [((0, place), (1, 7 - place)) for place in range(8)], lanes=1, columns=2)

    assert (drawing.first_crossings, drawing.crossings) == (28, 0)


def test_a_large_flow_has_far_fewer_crossings_than_as_it_comes():
    rng = random.Random(7)
    nodes = [Node(pk, rng.randrange(6), rng.randrange(8)) for pk in range(600)]
    by_column = sorted(nodes, key=lambda node: node.column)
    links = {(by_column[at].id, by_column[min(599, at + rng.randrange(60, 150))].id) for at in range(0, 560, 2)}

    drawing = draw(nodes, links, lanes=6, columns=8)

    assert drawing.crossings < 0.7 * drawing.first_crossings
