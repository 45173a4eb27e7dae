"""Debt whose interest eats a noticeable part of each sprint."""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning.health import Urgency

# Of what a sprint delivers.
NOTICED_SHARE = 0.1


def find(facts: Facts, today: date):
    interest = sum(facts.interest.values())
    if facts.limits is None or not interest:
        return
    share = interest / facts.points_a_week
    if share > NOTICED_SHARE:
        dearest = sorted(facts.interest, key=lambda number: -facts.interest[number])
        yield Found(
            "debt_interest",
            Urgency.SOON,
            facts.product_owner,
            tuple(dearest),
            {"points_a_week": round(interest, 1), "percent": round(100 * share)},
        )
