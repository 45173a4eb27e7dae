"""Estimating together: the cards of a scale, how far apart they lie, and who should say why."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

# Cards and the points that they stand for. "?" stands for none: who holds it can't tell.
UNSURE = "?"
SCALES: Mapping[str, Mapping[str, float]] = {
    "fibonacci": {"0": 0, "½": 0.5, "1": 1, "2": 2, "3": 3, "5": 5, "8": 8, "13": 13, "20": 20, "40": 40},
    "t_shirt": {"XS": 1, "S": 2, "M": 3, "L": 5, "XL": 8, "XXL": 13},
}


@dataclass(frozen=True)
class Spread:
    """low, high, middle: points, None where nobody could tell; middle is a card of the scale, the upper of two.

    outliers: those with the lowest and the highest card, where these differ.
    """

    low: float | None
    high: float | None
    middle: float | None
    outliers: frozenset

    @property
    def is_agreed(self) -> bool:
        return self.low is not None and self.low == self.high


def spread(scale: str, cards: Mapping[object, str]) -> Spread:
    """How far the cards lie apart. cards: what each person holds. Raises KeyError for a card not of the scale."""
    points = {person: SCALES[scale][card] for person, card in cards.items() if card != UNSURE}
    if not points:
        return Spread(None, None, None, frozenset())
    low, high = min(points.values()), max(points.values())
    middle = min(value for value in SCALES[scale].values() if value >= median(points.values()))
    ends = (person for person, value in points.items() if low != high and value in (low, high))
    return Spread(low, high, middle, frozenset(ends))
