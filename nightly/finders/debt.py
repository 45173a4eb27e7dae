"""Debt whose interest eats a noticeable part of each sprint, and a share of debt beside what is agreed."""

from datetime import date

from backlog.queries.agreed_share import compared
from backlog.queries.debt_register import AHEAD
from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning.health import Urgency

# Of what a sprint delivers.
NOTICED_SHARE = 0.1


def find(facts: Facts, today: date):
    yield from _interest(facts)
    yield from _share(facts)


def _interest(facts):
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


def _share(facts):
    ahead = facts.items[:AHEAD]
    points = sum(item.points or 0 for item in ahead)
    if not points:
        return
    debts = [item for item in ahead if item.number in facts.debts]
    percent = round(100 * sum(item.points or 0 for item in debts) / points)
    word = compared(facts.agreed_debt, percent)
    if word in ("under", "over"):
        yield Found(
            f"debt_share_{word}",
            Urgency.SOON,
            facts.product_owner,
            tuple(item.number for item in debts),
            {"percent": percent, "agreed": facts.agreed_debt},
        )
