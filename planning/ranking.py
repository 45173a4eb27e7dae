"""Text keys that keep a list in order, so that a move writes only the moved rows.

A key is read as a fraction in base 62: "V" is one half, "0V" one half of 1/62. Keys sort byte by byte
(COLLATE "C" in PostgreSQL) and never end in "0", which makes text order and the order of the fractions one.

Neighbours must be read from every row that holds a key, also from rows that are out of the list for now and
keep their place.
"""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE = len(ALPHABET)
MIDDLE = ALPHABET[BASE // 2]

# A key longer than this asks for a re-spacing; the database refuses what is longer than the limit.
MAX_KEY_BYTES = 32
KEY_BYTES_LIMIT = 200

# Re-space this many rows on each side; while `spread` finds the gap crowded, widen by the factor.
WINDOW = 128
WINDOW_GROWTH = 4

_WIDTH = 10
_SPACE = BASE**_WIDTH
# About 2 * 10**8 moves to one end before it is exhausted.
_STEP = BASE**5
_END_RESERVE = 500
_SPREAD_BASE_BYTES = 16
_SPREAD_WIDTH = 4


def between(low: str, high: str) -> str:
    """Give a short key strictly between two keys.

    low, high: neighbouring keys; "" is an open end.
    Raises ValueError if low is not below high, or if one of them is not a key.
    """
    _refuse_unless_ascending(low, high)
    key = ""
    while True:
        place = len(key)
        floor = _digit(low, place, missing=0)
        ceiling = _digit(high, place, missing=BASE)
        if ceiling - floor > 1:
            return key + ALPHABET[(floor + ceiling) // 2]
        key += ALPHABET[floor]
        if ceiling > floor:
            # The key is below high whatever follows.
            high = ""


def between_many(low: str, high: str, count: int) -> list[str]:
    """Give ascending keys strictly between two keys, evenly spread and as short as their number allows.

    low, high: neighbouring keys; "" is an open end. At the ends of a list `before_many` and `after_many` keep
    more room for later moves.
    Raises ValueError if low is not below high, or if one of them is not a key.
    """
    _refuse_unless_ascending(low, high)
    width = 1
    while (room := _room(low, high, width)) <= count:
        width += 1
    start = _number(low, width)
    return [_text(start + room * k // (count + 1), width).rstrip("0") for k in range(1, count + 1)]


def even(count: int) -> list[str]:
    """Give ascending keys of 11 bytes for a new list, in the middle half of the space."""
    start, room = _SPACE // 4, _SPACE // 2
    return [_text(start + room * k // (count + 1), _WIDTH) + MIDDLE for k in range(1, count + 1)]


def before(first: str) -> str | None:
    """Give a key of 11 bytes that sorts before the first one of a list.

    Returns None when this end is exhausted: re-space, then ask again.
    Raises ValueError if the list is empty.
    """
    keys = before_many(first, 1)
    return keys[0] if keys else None


def after(last: str) -> str | None:
    """Give a key of 11 bytes that sorts after the last one of a list.

    Returns None when this end is exhausted: re-space, then ask again.
    Raises ValueError if the list is empty.
    """
    keys = after_many(last, 1)
    return keys[0] if keys else None


def before_many(first: str, count: int) -> list[str] | None:
    """Give ascending keys for a block before the first one of a list; None and ValueError as `before`."""
    return _steps(first, range(-count, 0))


def after_many(last: str, count: int) -> list[str] | None:
    """Give ascending keys for a block after the last one of a list; None and ValueError as `after`."""
    return _steps(last, range(1, count + 1))


def spread(low: str, high: str, count: int) -> list[str] | None:
    """Give fresh keys, 21 bytes at most, to the rows of a window that is being re-spaced.

    low, high: the keys kept on either side of the window; "" where the window reaches the end of the list.
    Returns None when the window must be widened by WINDOW_GROWTH: its neighbours are too close, or the end is
    nearly exhausted. A window over the whole list never gets None. A re-spaced end has room
    for 500 more keys.
    Raises ValueError if low is not below high, or if one of them is not a key.
    """
    _refuse_unless_ascending(low, high)
    if low and high:
        return _spread_inside(between(low, high), count)
    # Halving the room up to the end, as `between` does, would exhaust it within a few dozen re-spacings.
    if high:
        keys = before_many(high, count + _END_RESERVE)
        return keys[_END_RESERVE:] if keys else None
    if low:
        keys = after_many(low, count + _END_RESERVE)
        return keys[:count] if keys else None
    return even(count)


def _spread_inside(base, count):
    if len(base) > _SPREAD_BASE_BYTES:
        return None
    # base has a smaller digit than the upper neighbour at some place, so whatever follows it stays inside.
    room = BASE**_SPREAD_WIDTH
    return [base + _text(room * k // (count + 1), _SPREAD_WIDTH) + MIDDLE for k in range(1, count + 1)]


def _refuse_unless_ascending(low, high):
    for key in (low, high):
        if key.endswith("0") or not all(character in ALPHABET for character in key):
            raise ValueError(f"not an order key: {key!r}")
    if high and low >= high:
        raise ValueError(f"no key fits between {low!r} and {high!r}")


def _steps(end, steps):
    if not end:
        raise ValueError("an empty list has no end to step from; take even()")
    start = _number(end, _WIDTH)
    numbers = [start + _STEP * step for step in steps]
    if any(not 0 < number < _SPACE - 1 for number in numbers):
        return None
    return [_text(number, _WIDTH) + MIDDLE for number in numbers]


def _room(low, high, width):
    return (_number(high, width) if high else BASE**width) - _number(low, width)


def _digit(key, place, *, missing):
    return ALPHABET.index(key[place]) if place < len(key) else missing


def _number(key, width):
    number = 0
    for character in key[:width].ljust(width, "0"):
        number = number * BASE + ALPHABET.index(character)
    return number


def _text(number, width):
    text = ""
    for _ in range(width):
        number, digit = divmod(number, BASE)
        text = ALPHABET[digit] + text
    return text
