"""Components that nobody owns, where others have an owner."""

from datetime import date

from nightly.finders.facts import Facts
from nightly.finders.found import Found
from planning.health import Urgency

_NAMED = 3


def find(facts: Facts, today: date):
    names = sorted(name for pk, name in facts.components.items() if pk not in facts.owners)
    if facts.owners and names:
        numbers = {"count": len(names), "names": ", ".join(names[:_NAMED])}
        yield Found("components_without_owner", Urgency.LATER, facts.product_owner, (), numbers)
