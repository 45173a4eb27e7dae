"""Cards of a round, and how far they lie apart."""

import pytest

from planning.estimating import SCALES, Spread, spread


@pytest.mark.parametrize(
    "scale, cards, expected",
    [
        ("fibonacci", {}, Spread(None, None, None, frozenset())),
        ("fibonacci", {"ines": "?"}, Spread(None, None, None, frozenset())),
        ("fibonacci", {"ines": "3", "dev": "3"}, Spread(3, 3, 3, frozenset())),
        ("fibonacci", {"ines": "2", "dev": "5", "mia": "5"}, Spread(2, 5, 5, frozenset({"ines", "dev", "mia"}))),
        ("fibonacci", {"ines": "2", "dev": "5"}, Spread(2, 5, 5, frozenset({"ines", "dev"}))),
        ("t_shirt", {"ines": "S", "dev": "M", "mia": "XL", "marek": "?"}, Spread(2, 8, 3, frozenset({"ines", "mia"}))),
    ],
)
def test_how_far_the_cards_lie_apart(scale, cards, expected):
    assert spread(scale, cards) == expected


def test_a_card_of_another_scale_is_refused():
    with pytest.raises(KeyError):
        spread("t_shirt", {"ines": "3"})


def test_the_cards_of_a_scale_grow():
    for points in SCALES.values():
        assert list(points.values()) == sorted(points.values())
