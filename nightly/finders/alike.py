"""New items that say much the same as another open one."""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning.health import Urgency


def find(facts: Facts, today: date):
    if facts.alike:
        numbers = tuple(dict.fromkeys(number for pair in facts.alike for number in pair))
        yield Found("alike", Urgency.LATER, facts.product_owner, numbers)
