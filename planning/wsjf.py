"""Weighted shortest job first as SAFe writes it: shown for comparison, never used to order."""

from datetime import date
from decimal import Decimal

Number = int | float | Decimal

LOWEST, HIGHEST = 1, 20
HORIZON_WEEKS = 13


def cost_of_delay(
    business_value: Number | None, time_criticality: Number | None, risk_reduction: Number | None
) -> Number | None:
    """Add up the three parts of SAFe's cost of delay.

    All three are relative figures without a unit, usually 1 to 20. risk_reduction also stands for what the
    item makes possible. Returns None when one of them is missing.
    Source: Scaled Agile, "WSJF", framework.scaledagile.com/wsjf.
    """
    parts = (business_value, time_criticality, risk_reduction)
    return None if None in parts else sum(parts)


def score(cod: Number | None, job_size: Number | None) -> float | None:
    """Divide the cost of delay by the job size (points).

    Returns None when one of them is missing or the size is zero.
    Raises ValueError if the size is negative.
    Source: Scaled Agile, "WSJF", framework.scaledagile.com/wsjf.
    """
    if cod is None or not job_size:
        return None
    if job_size < 0:
        raise ValueError(f"a job size is not negative: {job_size}")
    return float(cod) / float(job_size)


def suggest_time_criticality(due_on: date | None, penalty_per_week: Number | None, today: date) -> int | None:
    """Suggest the 1 to 20 figure from a due date and what each week past it costs.

    penalty_per_week: value points a week, on the scale of the business value.
    The figure is the loss a week, on average over the next 13 weeks, of an item that is not done in them: the
    whole penalty once the date is today or past, half of it 6.5 weeks ahead, 1 (the lowest) beyond 13 weeks.
    Returns None without a date or a penalty.
    """
    if due_on is None or penalty_per_week is None:
        return None
    weeks_left = min(max((due_on - today).days / 7, 0), HORIZON_WEEKS)
    late_share = (HORIZON_WEEKS - weeks_left) / HORIZON_WEEKS
    return min(max(round(float(penalty_per_week) * late_share), LOWEST), HIGHEST)
