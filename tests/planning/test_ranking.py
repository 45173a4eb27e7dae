"""Order keys: what every key promises, and how long they grow under the worst habits."""

import random
from bisect import bisect_left, insort
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import ranking

keys = st.text(ranking.ALPHABET, min_size=1, max_size=12).filter(lambda key: not key.endswith("0"))
ends = st.one_of(st.just(""), keys)
counts = st.integers(1, 500)


def is_key(key):
    return key != "" and set(key) <= set(ranking.ALPHABET) and key[-1] != "0"


def is_ascending(keys):
    return all(low < high for low, high in pairwise(keys))


@st.composite
def gaps(draw):
    low, high = draw(ends), draw(ends)
    if high and low == high:
        high = low + "V"
    return (high, low) if high and low > high else (low, high)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("", "", "V"),
        ("", "V", "F"),
        ("V", "", "k"),
        ("", "1", "0V"),
        ("", "01", "00V"),
        ("z", "", "zV"),
        ("zz", "", "zzV"),
        ("A", "B", "AV"),
        ("A", "A1", "A0V"),
        ("Az", "B", "AzV"),
        ("Az", "B1", "AzV"),
        ("A", "C", "B"),
        ("a", "b", "aV"),
        ("Z", "a", "ZV"),
    ],
)
def test_between_two_keys(low, high, expected):
    assert ranking.between(low, high) == expected


@given(gaps())
def test_between_is_strictly_between(gap):
    low, high = gap

    key = ranking.between(low, high)

    assert is_key(key)
    assert low < key
    assert key < high or not high


@given(gaps())
def test_between_grows_by_one_byte_at_most(gap):
    assert len(ranking.between(*gap)) <= max(len(gap[0]), len(gap[1])) + 1


@given(gaps(), counts)
def test_between_many_are_strictly_between_and_ascending(gap, count):
    low, high = gap

    many = ranking.between_many(low, high, count)

    assert len(many) == count
    assert all(map(is_key, many))
    assert is_ascending([low, *many, high] if high else [low, *many])


@given(gaps(), counts)
def test_between_many_are_as_short_as_their_number_allows(gap, count):
    longest = max(map(len, ranking.between_many(*gap, count)))

    # Two more digits hold 62 * 62 keys in the narrowest gap.
    assert longest <= max(map(len, gap)) + 2


def test_between_many_are_evenly_spread():
    many = ranking.between_many("A", "B", 500)

    digits = [[ranking.ALPHABET.index(digit) for digit in key.ljust(3, "0")] for key in many]
    numbers = [(first * 62 + second) * 62 + third for first, second, third in digits]
    assert {high - low for low, high in pairwise(numbers)} == {7, 8}


@pytest.mark.parametrize(("low", "high"), [("B", "A"), ("A", "A"), ("a", "B"), ("", "0"), ("A0", "B"), ("A", "B-")])
@pytest.mark.parametrize("ask", [ranking.between, lambda a, b: ranking.between_many(a, b, 2)])
def test_keys_that_leave_no_gap_are_refused(ask, low, high):
    with pytest.raises(ValueError, match="key"):
        ask(low, high)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, []), (1, ["V000000000V"]), (3, ["NFV0000000V", "V000000000V", "ckV0000000V"])],
)
def test_even_keys(count, expected):
    assert ranking.even(count) == expected


@given(st.integers(1, 2000))
def test_even_keys_stay_in_the_middle_half(count):
    even = ranking.even(count)

    assert all(map(is_key, even))
    assert is_ascending(["FU", *even, "kV"])
    assert set(map(len, even)) == {11}


@given(keys, counts)
def test_before_many_sort_before_the_first(first, count):
    many = ranking.before_many(first, count)

    if many is not None:
        assert len(many) == count
        assert all(map(is_key, many))
        assert is_ascending([*many, first])


@given(keys, counts)
def test_after_many_sort_after_the_last(last, count):
    many = ranking.after_many(last, count)

    if many is not None:
        assert len(many) == count
        assert all(map(is_key, many))
        assert is_ascending([last, *many])


@pytest.mark.parametrize(
    ("step", "end", "expected"),
    [
        (ranking.before, "V000000000V", "Uzzzz00000V"),
        (ranking.after, "V000000000V", "V000100000V"),
        (ranking.before, "0000100001V", "0000000001V"),
        (ranking.before, "0000100000V", None),
        (ranking.after, "zzzzyzzzzyV", "zzzzzzzzzyV"),
        (ranking.after, "zzzzyzzzzzV", None),
        (ranking.after, "zzzzz", None),
    ],
)
def test_a_step_beyond_an_end(step, end, expected):
    assert step(end) == expected


@pytest.mark.parametrize("step", [ranking.before, ranking.after])
def test_an_empty_list_has_no_end(step):
    with pytest.raises(ValueError, match="empty list"):
        step("")


@given(gaps(), st.integers(1, 2049))
def test_a_spread_window_stays_between_the_kept_neighbours(gap, count):
    low, high = gap

    window = ranking.spread(low, high, count)

    if window is not None:
        assert len(window) == count
        assert all(map(is_key, window))
        assert is_ascending([low, *window, high] if high else [low, *window])
        assert max(map(len, window)) <= 21


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("A", "C", ["BFV00V", "BV000V", "BkV00V"]),
        ("A", "B", ["AVFV00V", "AVV000V", "AVkV00V"]),
        ("", "V", ["Uzzzx00000V", "Uzzzy00000V", "Uzzzz00000V"]),
        ("V", "", ["V000100000V", "V000200000V", "V000300000V"]),
        ("", "", ["NFV0000000V", "V000000000V", "ckV0000000V"]),
    ],
)
def test_the_keys_of_a_spread_window(low, high, expected):
    assert ranking.spread(low, high, 3) == expected


@pytest.mark.parametrize(
    ("low", "high"),
    [("A" * 20 + "1", "A" * 20 + "2"), ("", "00001"), ("zzzzz", "")],
    ids=["neighbours too close", "nothing left before", "nothing left after"],
)
def test_a_crowded_window_must_be_widened(low, high):
    assert ranking.spread(low, high, 256) is None


@given(keys, st.integers(1, 257))
def test_a_re_spaced_end_has_room_for_a_block(key, count):
    above, below = ranking.spread("", key, count), ranking.spread(key, "", count)

    assert above is None or ranking.before_many(above[0], 500) is not None
    assert below is None or ranking.after_many(below[-1], 500) is not None


class RankedList:
    """An ordered list as the database keeps it: every item holds a key, a move reads two neighbours."""

    def __init__(self, size):
        self.keys = ranking.even(size)
        self.key_of = dict(enumerate(self.keys))
        self.item_of = {key: item for item, key in self.key_of.items()}
        self.newest = 700
        self.longest = 0
        self.respaced_count = 0

    def items(self):
        return [self.item_of[key] for key in self.keys]

    def move_after(self, item, anchor):
        self._drop(self.key_of[item])
        key = self._free_key(anchor)
        if key is None or len(key) > ranking.MAX_KEY_BYTES:
            self._respace(0 if anchor is None else bisect_left(self.keys, self.key_of[anchor]))
            key = self._free_key(anchor)
        self._hold(item, key)
        self.newest = item
        self.longest = max(self.longest, len(key))

    def _free_key(self, anchor):
        if anchor is None:
            return ranking.before(self.keys[0])
        at = bisect_left(self.keys, self.key_of[anchor])
        if at + 1 == len(self.keys):
            return ranking.after(self.keys[at])
        return ranking.between(self.keys[at], self.keys[at + 1])

    def _respace(self, at):
        self.respaced_count += 1
        side, fresh = ranking.WINDOW, None
        while fresh is None:
            start, stop = max(at + 1 - side, 0), min(at + 1 + side, len(self.keys))
            low = self.keys[start - 1] if start else ""
            high = self.keys[stop] if stop < len(self.keys) else ""
            fresh = ranking.spread(low, high, stop - start)
            side *= ranking.WINDOW_GROWTH
        window = [self._drop(key) for key in self.keys[start:stop]]
        for item, key in zip(window, fresh, strict=True):
            self._hold(item, key)

    def _drop(self, key):
        del self.keys[bisect_left(self.keys, key)]
        return self.item_of.pop(key)

    def _hold(self, item, key):
        insort(self.keys, key)
        self.key_of[item], self.item_of[key] = key, item


def any_but(position, ranked, rng):
    other = rng.randrange(len(ranked.keys) - 1)
    return other + (other >= position)


def any_to_top(ranked, rng):
    return rng.randrange(1, len(ranked.keys)), None


def any_to_second(ranked, rng):
    return rng.randrange(1, len(ranked.keys)), 0


def any_into_one_gap(ranked, rng):
    at = bisect_left(ranked.keys, ranked.key_of[700])
    return any_but(at, ranked, rng), at


def any_behind_the_newest(ranked, rng):
    at = bisect_left(ranked.keys, ranked.key_of[ranked.newest])
    return any_but(at, ranked, rng), at


def any_to_bottom(ranked, rng):
    return rng.randrange(len(ranked.keys) - 1), len(ranked.keys) - 1


def shuffle_the_top_forty(ranked, rng):
    return tuple(rng.sample(range(40), 2))


HABITS = [
    (any_to_top, 20_000),
    (any_to_second, 20_000),
    (any_into_one_gap, 20_000),
    (any_behind_the_newest, 20_000),
    (any_to_bottom, 10_000),
    (shuffle_the_top_forty, 20_000),
]


def follow(habit, moves, size):
    ranked, rng, expected = RankedList(size), random.Random(7), list(range(size))
    for _ in range(moves):
        source, target = habit(ranked, rng)
        item = expected[source]
        anchor = None if target is None else expected[target]
        ranked.move_after(item, anchor)
        del expected[source]
        expected.insert(0 if anchor is None else expected.index(anchor) + 1, item)
    return ranked, expected


@pytest.mark.parametrize(("habit", "moves"), HABITS, ids=lambda value: getattr(value, "__name__", ""))
def test_no_habit_of_moving_exhausts_the_keys(habit, moves):
    ranked, expected = follow(habit, moves, size=1_000)

    assert ranked.items() == expected
    assert ranked.longest <= ranking.MAX_KEY_BYTES
    assert max(map(len, ranked.keys)) <= ranking.MAX_KEY_BYTES


@pytest.mark.long
@pytest.mark.parametrize(("habit", "moves"), HABITS, ids=lambda value: getattr(value, "__name__", ""))
def test_no_habit_of_moving_exhausts_the_keys_of_a_long_list(habit, moves):
    ranked, expected = follow(habit, moves, size=100_000)

    assert ranked.items() == expected
    assert ranked.longest <= ranking.MAX_KEY_BYTES
    assert max(map(len, ranked.keys)) <= ranking.MAX_KEY_BYTES
