"""WSJF figures, as shown beside an item."""

from datetime import date
from decimal import Decimal

import pytest

from planning import wsjf

TODAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("business_value", "time_criticality", "risk_reduction", "expected"),
    [
        (8, 8, 3, 19),
        (0, 1, 0, 1),
        (None, 8, 3, None),
        (8, None, 3, None),
        (8, 8, None, None),
    ],
)
def test_cost_of_delay(business_value, time_criticality, risk_reduction, expected):
    assert wsjf.cost_of_delay(business_value, time_criticality, risk_reduction) == expected


@pytest.mark.parametrize(
    ("cod", "job_size", "expected"),
    [
        (19, 8, 2.375),
        (19, Decimal("0.5"), 38.0),
        (0, 5, 0.0),
        (None, 5, None),
        (19, None, None),
        (19, 0, None),
    ],
)
def test_score(cod, job_size, expected):
    assert wsjf.score(cod, job_size) == expected


def test_a_negative_size_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        wsjf.score(19, -1)


@pytest.mark.parametrize(
    ("due_on", "penalty_per_week", "expected"),
    [
        (date(2025, 3, 3), 12, 12),
        (date(2025, 1, 1), 12, 12),
        (date(2025, 3, 3), 300, 20),
        (date(2025, 4, 14), 13, 7),
        (date(2025, 5, 5), Decimal("6.5"), 2),
        (date(2025, 6, 2), 20, 1),
        (date(2027, 3, 3), 20, 1),
        (date(2025, 3, 3), 0, 1),
        (None, 12, None),
        (date(2025, 3, 3), None, None),
    ],
    ids=[
        "due today",
        "overdue",
        "never over 20",
        "in six weeks",
        "in nine weeks",
        "at the horizon",
        "years ahead",
        "costs nothing",
        "no date",
        "no penalty",
    ],
)
def test_suggested_time_criticality(due_on, penalty_per_week, expected):
    assert wsjf.suggest_time_criticality(due_on, penalty_per_week, TODAY) == expected
