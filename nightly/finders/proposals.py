"""Proposed items that wait for the product owner's word."""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning.health import Urgency

WAITING_DAYS = 3


def find(facts: Facts, today: date):
    waiting = [(number, (today - on).days) for number, on in facts.proposed if (today - on).days > WAITING_DAYS]
    if waiting:
        numbers = {"count": len(waiting), "oldest_days": waiting[0][1]}
        yield Found(
            "proposals_waiting", Urgency.SOON, facts.product_owner, tuple(number for number, _ in waiting), numbers
        )
